"""The stage of a rehearsal: a folder, a clock, the simulated Azure and the embedded host, ready to be played on."""

from __future__ import annotations

import contextlib
import json
import ssl
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import httpx

import clock
from cli.failing import Code, Problem
from cli.host_client import Host, local_host
from cli.rehearsal.azure_log import AzureLog
from cli.rehearsal.processes import Child
from cli.rehearsal.timekeeper import Timekeeper

THIRD_REGIONS = ("koreacentral", "westeurope", "centralus")
"""Where the orchestrator is said to run: in a region that is none of the plan's (rule 5)."""

DYING_SECONDS = 2.0

Speed = float | Literal["max"]


class Stage:
    """Everything of a rehearsal that lives in processes. ``children`` ends what is put into it."""

    def __init__(self, folder: Path, children: list[Child], *, speed: Speed, start: datetime | None) -> None:
        self.folder = folder
        self._children = children
        self._clock_file = folder / "clock.json"
        clock.create(self._clock_file, speed=speed, start=start)
        self.time = Timekeeper(self._clock_file)
        self.documents = folder / "documents"
        self.azure = AzureLog(folder / "azure" / "events.jsonl")
        self._told: dict[str, Any] = {}
        self._simulator: Child | None = None
        self._host_process: Child | None = None
        self._host: Host | None = None
        self._control: httpx.Client | None = None
        self._kills_mended = 0
        self.kills = 0
        """How often the host was killed and came back."""

    def start_azure(self, estate: Path, scenario: Path | None, seed: int | None) -> None:
        """Start the simulated Azure; its start is second 0."""
        arguments = [
            "simulate",
            str(estate.resolve()),
            "--clock",
            str(self._clock_file),
            "--state",
            str(self.folder / "azure"),
        ]
        arguments += ["--scenario", str(scenario.resolve())] if scenario else []
        arguments += ["--seed", str(seed)] if seed is not None else []
        self._simulator = Child("simulated Azure", arguments, {}, self.folder)
        self._children.append(self._simulator)
        self._simulator.start()
        self._told = self._simulator.await_file(self.folder / "azure" / "simulator.json")
        self.time.start = datetime.fromisoformat(str(self._told["start"]))
        trust = ssl.create_default_context(cafile=self._told["ca_bundle"])
        control = f"{self._told['endpoint']}/_simulator/"
        self._control = httpx.Client(base_url=control, verify=trust, trust_env=False, timeout=60.0)

    def start_host(self, avoid: set[str]) -> None:
        """Start the embedded host, told of the simulated Azure by the settings that a sovereign cloud uses."""
        settings = {
            **self._told["environment"],
            "BRIDGEHEAD_CLOCK_FILE": str(self._clock_file),
            "BRIDGEHEAD_REGION": next(region for region in THIRD_REGIONS if region not in avoid),
        }
        arguments = ["serve", "--port", "0", "--database", str(self.folder / "host.db")]
        arguments += ["--state", str(self._state_file), "--documents", str(self.documents)]
        self._host_process = Child("host", arguments, settings, self.folder)
        self._children.append(self._host_process)
        self._await_host()

    def dead(self) -> list[Child]:
        """The processes that do not run any more."""
        return [child for child in self._children if not child.alive]

    def revive(self, dead: list[Child]) -> bool:
        """Start a host again that the scenario has killed; True if it had to be. Raises Problem with the last words of
        a process that died by itself."""
        killed = self.azure.kills > self._kills_mended
        for child in dead:
            if child is not self._host_process or not killed:
                raise Problem(f"the {child.name} died", child.last_words(), Code.ENDED_BADLY)
        if dead:
            self._kills_mended = self.azure.kills
            self.kill_host()
        return bool(dead)

    def kill_host(self) -> None:
        """``kill -9``, and start it again: it resumes where it was."""
        assert self._host_process is not None
        self.kills += 1
        self._host_process.kill()
        self._state_file.unlink(missing_ok=True)
        self._await_host()

    def host_died(self, within: float = DYING_SECONDS) -> bool:
        """Whether the host is dead, or dies within some seconds of the wall: its sockets close before it is gone."""
        return self._host_process is not None and self._host_process.dies(within)

    @property
    def host(self) -> Host:
        assert self._host is not None
        return self._host

    @property
    def _state_file(self) -> Path:
        return self.folder / "host.json"

    def last_words(self) -> list[str]:
        return self._host_process.last_words() if self._host_process else []

    def verdict(self) -> dict[str, Any]:
        """What the simulator itself found: invariants, split seconds, operations accepted, the longest path."""
        assert self._control is not None
        found: dict[str, Any] = self._control.get("verdict").raise_for_status().json()
        return found

    def azure_documents(self) -> list[dict[str, Any]]:
        """Every ARM document as Azure has it now, and the on-premises sites; no secret is among them."""
        assert self._control is not None
        found: list[dict[str, Any]] = self._control.get("state").raise_for_status().json()["documents"]
        return found

    def change_device(self, order: dict[str, Any]) -> None:
        """What a person does at a site with the device in front of them."""
        assert self._control is not None
        self._control.post("device", json=order).raise_for_status()

    def nudge_azure(self) -> None:
        """The simulated world moves when it is asked something; a spectator wants it to move with the time."""
        assert self._control is not None
        with contextlib.suppress(httpx.HTTPError):
            self._control.get("log", params={"after": 10**9})

    def report(self, run: str) -> dict[str, Any] | None:
        """The run's own report; None when it left none."""
        path = self.documents / "runs" / run / "report.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def page(self, run: str) -> Path:
        return self.documents / "runs" / run / "report.html"

    def leave(self) -> None:
        if self._host:
            self._host.close()
        if self._control:
            self._control.close()
        self.time.leave()

    def _await_host(self) -> None:
        assert self._host_process is not None
        if self._host:
            self._host.close()
        self._host_process.start()
        self._host = local_host(self._host_process.await_file(self._state_file))
