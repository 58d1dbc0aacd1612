"""What nobody recorded of Microsoft.Network, and the plausible ways in which the real service may behave there.

A scenario chooses with ``variants: {network.<question>: <answer>}``; the first answer is the simulator's own.
"""

from __future__ import annotations

from simulator.core.world import World

CHOICES: dict[str, tuple[str, ...]] = {
    "lock": ("429", "409"),
    "reference_not_ready": ("429", "400"),
    "list_tells_tunnels": ("no", "yes"),
    "delete_while_deleting": ("same-operation", "locked"),
    "dark_gateway_readings": ("empty", "failed"),
    "disconnect_takes_effect": ("at-end", "at-once"),
    "circuit_overlap": ("refused", "accepted"),
    "circuit_status": ("Connected", "Unknown"),
    "authorization_reuse": ("yes", "no"),
    "static_prefixes_over_bgp": ("yes", "no"),
    "no_watcher_agent": ("refused", "failed"),
}
PREFIX = "network."


def check(world: World) -> None:
    """Raises ValueError for a question or an answer that nobody knows."""
    for name, answer in world.scenario.variants.items():
        question = name.removeprefix(PREFIX)
        if not name.startswith(PREFIX):
            continue
        if question not in CHOICES:
            raise ValueError(f"unknown variant {name!r}; there are {', '.join(PREFIX + known for known in CHOICES)}")
        if answer not in CHOICES[question]:
            raise ValueError(f"variant {name}: {answer!r} is none of {', '.join(CHOICES[question])}")


def chosen(world: World, question: str) -> str:
    """The answer that this run lives by."""
    return world.variant(f"{PREFIX}{question}", CHOICES[question][0])
