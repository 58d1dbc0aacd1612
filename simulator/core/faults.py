"""Which faults are on at this moment, and what they do to a call, a job or an address.

A dark control plane answers for its region as the scenario says: not at all (hang: cut after the client's read
timeout), refused at once, 503, or slow with a share of failures. Faults never look at what a call would do; whether
Azure had accepted it before the answer was lost is part of the fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.core import errors
from simulator.core.scenario import (
    AddressFault,
    CallEffect,
    CallFault,
    Denial,
    DenialFault,
    Fault,
    Job,
    JobFault,
    RegionFault,
    Throttle,
    ThrottleFault,
)
from simulator.core.web import Request, Response, dropped

if TYPE_CHECKING:
    from simulator.core.world import World

READ_TIMEOUT_SECONDS = 30.0


@dataclass(slots=True)
class _Active:
    fault: Fault
    left: int | None = None
    serial: int = 0
    passed: int = 0


@dataclass(slots=True)
class Treatment:
    """What becomes of a call. ``instead`` answers in the room's place; the rest is done to the room's answer."""

    instead: Response | None = None
    hold_seconds: float = 0.0
    lose: bool = False
    replace: Response | None = None
    kill: str | None = None


@dataclass
class Faults:
    """The faults that are on. `begin` and `end` are called by the schedule; rooms ask, they do not look inside."""

    world: World
    _active: list[_Active] = field(default_factory=list)
    _region_listeners: list[Callable[[str], None]] = field(default_factory=list)
    _calls: int = 0
    _serial: int = 0

    def plan(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.add(fault, start=fault.at)

    def add(self, fault: Fault, start: float = 0.0) -> None:
        """Put a fault on the schedule, ``start`` seconds from now; it ends by itself if it has an end."""
        active = _Active(fault, _times(fault), self._serial)
        self._serial += 1
        if start <= 0:
            self._begin(active)
        else:
            self.world.after(start, lambda: self._begin(active))

    def on_region_change(self, listener: Callable[[str], None]) -> None:
        """``listener(region)`` hears when a region's data plane may have changed."""
        self._region_listeners.append(listener)

    def _begin(self, active: _Active) -> None:
        fault = active.fault
        self._active.append(active)
        self.world.log.write("fault.started", fault=active.serial, **_described(fault))
        if fault.lasting is not None:
            self.world.after(fault.lasting, lambda: self._end(active))
        self._tell(fault)

    def _end(self, active: _Active) -> None:
        if active in self._active:
            self._active.remove(active)
            self.world.log.write("fault.ended", fault=active.serial, **_described(active.fault))
            self._tell(active.fault)

    def _tell(self, fault: Fault) -> None:
        if isinstance(fault, RegionFault):
            for listener in self._region_listeners:
                listener(fault.region)

    def _of(self, region: str | None) -> list[RegionFault]:
        return [a.fault for a in self._active if isinstance(a.fault, RegionFault) and a.fault.region == region]

    def data_plane_is_dark(self, region: str | None) -> bool:
        return any(fault.dark in ("data-plane", "both") for fault in self._of(region))

    def control_plane_is_dead(self, region: str | None) -> bool:
        """Dark and not merely slow: operations under way there stand still."""
        return any(fault.dark in ("control-plane", "both") and fault.answer != "slow" for fault in self._of(region))

    def treat(self, request: Request, regions: set[str], *, plane: str = "control-plane") -> Treatment:
        """What the faults of this moment do to a call that needs this plane of ``regions``."""
        self._calls += 1
        treatment = Treatment()
        for active in list(self._active):
            if isinstance(active.fault, CallFault) and self._takes(active, request):
                self._apply(active.fault.then, treatment)
        for region in sorted(regions):
            for fault in self._of(region):
                if fault.dark in (plane, "both") and treatment.instead is None:
                    self._darken(fault, request, treatment)
        return treatment

    def _takes(self, active: _Active, request: Request) -> bool:
        assert isinstance(active.fault, CallFault)
        match = active.fault.match
        if match.method and match.method.upper() != request.method:
            return False
        if active.left == 0 or not re.search(match.path, request.path, re.IGNORECASE):
            return False
        active.passed += 1
        if active.passed <= match.skip:
            return False
        if active.left is not None:
            active.left -= 1
        return True

    def _apply(self, effect: CallEffect, treatment: Treatment) -> None:
        if effect.slow:
            treatment.hold_seconds = min(effect.slow, READ_TIMEOUT_SECONDS)
            treatment.lose = treatment.lose or effect.slow >= READ_TIMEOUT_SECONDS
        treatment.kill = treatment.kill or effect.kill
        answer: Response | None = None
        if effect.status is not None:
            message = effect.message or "The request failed. Please retry."
            details = [one.model_dump() for one in effect.details] or None
            answer = errors.error(effect.status, effect.code, message, details)
            if effect.text is not None:
                answer.text, answer.headers["Content-Type"] = effect.text, "text/plain"
            if effect.retry_after is not None:
                answer.headers["Retry-After"] = f"{effect.retry_after:g}"
        if (effect.lose or effect.kill) and not effect.accepted:
            treatment.instead = dropped(treatment.hold_seconds)
        elif effect.lose or effect.kill:
            treatment.lose = True
        elif answer is not None and effect.accepted:
            treatment.replace = answer
        elif answer is not None:
            treatment.instead = answer

    def _darken(self, fault: RegionFault, request: Request, treatment: Treatment) -> None:
        if fault.answer == "hang":
            treatment.instead = dropped(READ_TIMEOUT_SECONDS)
        elif fault.answer == "refuse":
            treatment.instead = dropped()
        elif fault.answer == "503":
            treatment.instead = self._timeout()
        else:
            treatment.hold_seconds = min(fault.seconds, READ_TIMEOUT_SECONDS)
            treatment.lose = treatment.lose or fault.seconds >= READ_TIMEOUT_SECONDS
            chance = self.world.random("limp", request.method, request.path, self._calls).random()
            if chance < fault.fail_rate:
                treatment.instead = self._timeout()

    def _timeout(self) -> Response:
        return errors.server_timeout(self.world.now, self.world.fresh_guid("timeout"))

    def job(self, action: str, item: str) -> Job | None:
        """The fault that strikes this job, counted as used; ``action`` is its last word (unplannedFailover)."""
        for active in self._active:
            if not isinstance(active.fault, JobFault) or active.left == 0:
                continue
            job = active.fault.job
            if job.action.lower() == action.lower() and re.search(job.item, item, re.IGNORECASE):
                if active.left is not None:
                    active.left -= 1
                return job
        return None

    def address_is_taken(self, address: str, network_id: str) -> bool:
        return any(
            active.fault.address.address == address
            and re.search(active.fault.address.taken_in, network_id, re.IGNORECASE) is not None
            for active in self._active
            if isinstance(active.fault, AddressFault)
        )

    def denial(self, request: Request) -> Denial | None:
        """The denial that strikes this call, counted as used."""
        for active in self._active:
            if not isinstance(active.fault, DenialFault) or active.left == 0:
                continue
            denial = active.fault.deny
            if denial.method and denial.method.upper() != request.method:
                continue
            if re.search(denial.path, request.path, re.IGNORECASE):
                if active.left is not None:
                    active.left -= 1
                return denial
        return None

    def throttle(self, kind: str) -> Throttle | None:
        for active in self._active:
            if isinstance(active.fault, ThrottleFault) and active.fault.throttle.kind == kind:
                return active.fault.throttle
        return None


def _times(fault: Fault) -> int | None:
    if isinstance(fault, CallFault):
        return fault.match.times
    if isinstance(fault, DenialFault):
        return fault.deny.times
    return fault.job.times if isinstance(fault, JobFault) else None


def _described(fault: Fault) -> dict[str, object]:
    """``seconds`` of an event is when it happened; how long a limping region's answers take goes by another name."""
    told = fault.model_dump(by_alias=True, exclude_none=True, exclude={"at"})
    return {"answer_seconds" if name == "seconds" else name: value for name, value in told.items()}
