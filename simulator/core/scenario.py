"""The scenario file as the simulator reads it: start, seed, durations, faults, on-premises.

The rest of the file (alert, people, kills, expect) is for whoever drives the rehearsal; its keys are known here, so
that a misspelt one is an error, and its content is not looked at. Times are seconds after the start.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

Answer = Literal["hang", "refuse", "503", "slow"]


class ScenarioError(ValueError):
    """A scenario that cannot be read: every mistake on a line of its own, with the key's path."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True, frozen=True)


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) else value


class Timed(_Part):
    """``at`` seconds after the start, ``for`` seconds long; without ``for`` until the end."""

    at: float = Field(0.0, ge=0)
    lasting: float | None = Field(None, alias="for", gt=0)


class RegionFault(Timed):
    """A region whose control plane, data plane or both do not work.

    ``control-plane`` covers the resources in the region and those of resource groups located there; ``data-plane``
    lets machines die and gateways' tunnels drop. ``slow`` answers take ``seconds`` and fail at ``failRate``.
    """

    region: str
    dark: Literal["control-plane", "data-plane", "both"] = "both"
    answer: Annotated[Answer, BeforeValidator(_as_text)] = "hang"
    seconds: float = Field(25.0, ge=0)
    fail_rate: float = Field(0.0, alias="failRate", ge=0, le=1)

    @field_validator("region")
    @classmethod
    def _one_spelling(cls, value: str) -> str:
        return value.replace(" ", "").lower()


class CallMatch(_Part):
    """Which calls: method, a regular expression searched in the path, how many to let pass first, and how many to take.

    Without ``times`` all of them are taken.
    """

    method: str | None = None
    path: str = ".*"
    skip: int = Field(0, ge=0)
    times: int | None = Field(None, ge=1)


class OperationFailure(_Part):
    code: str
    message: str = "The requested operation failed."


class CallEffect(_Part):
    """What happens to a matched call. ``accepted`` with ``lose``: Azure did it, the answer is lost.

    ``details`` are the error's inner ones, where the outer code says nothing (RetryableError, BadRequest).

    ``kill`` names a participant of the clock whose process dies at this moment (``kill -9``): before Azure took the
    call, or with ``accepted`` after it did and before anybody could read the answer.
    """

    status: int | None = Field(None, ge=400, le=599)
    code: str = "ServerTimeout"
    message: str | None = None
    details: tuple[OperationFailure, ...] = ()
    retry_after: float | None = Field(None, alias="retryAfter", ge=0)
    accepted: bool = False
    lose: bool = False
    kill: str | None = None
    slow: float | None = Field(None, ge=0)
    text: str | None = None


class CallFault(Timed):
    match: CallMatch
    then: CallEffect


class Job(_Part):
    """A job that shows up late, takes its time, or fails."""

    action: str
    item: str = ".*"
    appears_after: float = Field(0.0, alias="appearsAfter", ge=0)
    fails_with: OperationFailure | None = Field(None, alias="failsWith")
    times: int | None = Field(None, ge=1)
    duration: float | None = Field(None, ge=0)


class JobFault(Timed):
    job: Job


class TakenAddress(_Part):
    address: str
    taken_in: str = Field(alias="takenIn")


class AddressFault(Timed):
    address: TakenAddress


class Throttle(_Part):
    """A smaller token bucket than Azure's own."""

    kind: Literal["reads", "writes", "deletes"] = "writes"
    bucket: int = Field(ge=1)
    refill: float = Field(gt=0)


class ThrottleFault(Timed):
    throttle: Throttle


class Denial(_Part):
    """Calls that Azure refuses for reasons of governance, with the body that it refuses them with.

    ``by`` a policy's deny effect (``name`` is the policy's), a delete lock, a missing right on what the body refers to,
    a missing right on the resource itself, or a provider that the subscription has not registered.
    """

    by: Literal["policy", "lock", "linked-authorization", "authorization", "registration"]
    method: str | None = None
    path: str = ".*"
    name: str = "allowed-resources"
    times: int | None = Field(None, ge=1)


class DenialFault(Timed):
    deny: Denial


Fault = RegionFault | CallFault | JobFault | AddressFault | ThrottleFault | DenialFault
_KINDS: dict[str, type[Fault]] = {
    "region": RegionFault,
    "match": CallFault,
    "job": JobFault,
    "address": AddressFault,
    "throttle": ThrottleFault,
    "deny": DenialFault,
}


def parse_fault(value: object) -> Fault:
    """One fault, told apart by its key. Raises ValueError."""
    if isinstance(value, BaseModel):
        return value  # type: ignore[return-value]
    if not isinstance(value, dict):
        raise ValueError(f"a fault is a mapping, not {value!r}")  # noqa: TRY004 - pydantic collects ValueErrors
    kinds = [kind for kind in _KINDS if kind in value]
    if len(kinds) != 1:
        raise ValueError(f"a fault has exactly one of {', '.join(_KINDS)}; found {', '.join(map(str, value))}")
    return _KINDS[kinds[0]].model_validate(value)


class Site(_Part):
    """What is particular about an on-premises site: seconds that its router needs to learn and install routes."""

    bgp_convergence: float | tuple[float, float] = Field((8.0, 20.0), alias="bgpConvergence")


class Scenario(_Part):
    """``groups`` are the names of the items that make up each recovery group, in order, for an owner who does not walk
    the groups of the estate's recovery plans; ``quorum`` is how many machines of a group (counted from 1) make it up;
    without it, all.
    """

    name: str = ""
    description: str = ""
    start: datetime | None = None
    seed: int = 7
    durations: dict[str, float | tuple[float, float]] = Field(default_factory=dict)
    faults: list[Annotated[Fault, BeforeValidator(parse_fault)]] = Field(default_factory=list)
    on_premises: dict[str, Site] = Field(default_factory=dict, alias="onPremises")
    variants: dict[str, str] = Field(default_factory=dict)
    groups: list[list[str]] = Field(default_factory=list)
    quorum: dict[int, int] = Field(default_factory=dict)
    alert: Any = None
    people: Any = None
    kills: Any = None
    expect: Any = None


def load(path: Path) -> Scenario:
    """Read a scenario file. Raises `ScenarioError` naming every wrong key."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path.name} is no YAML: {error}") from error
    return parse(content, path.name)


def parse(content: object, name: str = "scenario") -> Scenario:
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        lines = [f"{name}: {_where(found['loc'])}: {found['msg']}" for found in error.errors()]
        raise ScenarioError("\n".join(lines)) from error


def _where(location: tuple[int | str, ...]) -> str:
    kinds = {model.__name__ for model in _KINDS.values()}
    text = ""
    for part in location:
        if part in kinds or str(part).startswith("function-"):
            continue
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the file"
