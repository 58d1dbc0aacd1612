"""What is believed of virtual machines' extensions, graded."""

from __future__ import annotations

from simulator.belief import WATCH, Evidence

EXTENSION = "virtualMachines/extensions"

COMPUTE: tuple[Evidence, ...] = (
    Evidence(EXTENSION, "PUT: 201, Creating, Azure-AsyncOperation alone; shown below its machine", "recorded", WATCH),
    Evidence(
        EXTENSION,
        "a machine that was failed over has none; connectivity checks need the watcher's",
        "documented",
        "Azure to Azure failover tutorial; Network Watcher agent extension",
    ),
    Evidence(
        EXTENSION,
        "one of a kind for each machine, and only on one that runs",
        "documented",
        "troubleshooting of virtual machine extensions",
    ),
    Evidence(EXTENSION, "what a machine whose agent is silent fails with", "guessed", "-"),
)
