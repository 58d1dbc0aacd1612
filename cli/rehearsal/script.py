"""What a scenario file says to the one who plays it: the alert, the people, the kills, and what is expected.

The simulator reads the rest of the same file. Every wrong key is named with its path.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from cli.failing import Problem

if TYPE_CHECKING:
    from domain.plans.reading import Plan

NOTICE_SECONDS = 60.0
"""How long after the failure the alert comes, when no scenario says (Service Health: minutes to an hour)."""
ANSWER_SECONDS = 30.0


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class Alert(Part):
    """A Service Health alert: ``at`` seconds after the start, ``duplicates`` further deliveries of the same."""

    at: float = Field(default=NOTICE_SECONDS, ge=0)
    tracking_id: str = Field(default="BRDG-000", pattern=r"^[A-Za-z0-9-]{3,40}$")
    services: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    schema_: Literal["common", "legacy"] = Field(default="common", alias="schema")
    duplicates: int = Field(default=0, ge=0, le=50)


class Person(Part):
    """Somebody who answers each question of a kind, ``after`` seconds."""

    on: Literal["approval", "hold", "fence", "ask", "wait-person"]
    answer: Literal["approve", "reject", "abort", "retry", "skip", "accept-split-risk", "done"]
    after: float = Field(default=ANSWER_SECONDS, ge=0)
    by: str = "duty manager"
    reason: str = ""

    @model_validator(mode="before")
    @classmethod
    def _on_is_a_key(cls, given: Any) -> Any:
        """YAML 1.1 reads a bare ``on`` as true."""
        if isinstance(given, dict) and True in given:
            return {("on" if key is True else key): value for key, value in given.items()}
        return given


class Kill(Part):
    """``kill -9`` of the host: at a virtual second, or as soon as Azure's log has so many events."""

    at: float | None = Field(default=None, ge=0)
    events: int | None = Field(default=None, ge=1)


class Expect(Part):
    """How the run should end; a rehearsal that ends otherwise exits with 1."""

    outcome: str = "completed"
    split_seconds: float = Field(default=0.0, ge=0)
    routing: Literal["verified", "not-verified", "any"] = "verified"


class Script(BaseModel):
    """The player's half of a scenario. Without ``alert`` the run is started by hand at second 0."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str = ""
    start: datetime | None = None
    alert: Alert | None = None
    people: tuple[Person, ...] = ()
    kills: tuple[Kill, ...] = ()
    expect: Expect = Expect()


class _Played(BaseModel):
    """The same fields as they stand in the file."""

    model_config = ConfigDict(extra="ignore")

    alert: Alert | None = None
    people: tuple[Person, ...] = ()
    kills: tuple[Kill, ...] = ()
    expect: Expect = Expect()


def load(path: Path) -> Script:
    """Read a scenario file. Raises Problem with every wrong key."""
    from simulator.core import scenario

    if path.is_dir():
        raise Problem(f"{path}: expected a scenario file, found a folder")
    if not path.is_file():
        raise Problem(f"{path}: no such scenario file")
    try:
        whole = scenario.load(path)
    except (scenario.ScenarioError, UnicodeDecodeError) as error:
        raise Problem(f"{path} is no valid scenario", str(error).splitlines()) from None
    given = {"alert": whole.alert, "people": whole.people, "kills": whole.kills, "expect": whole.expect}
    try:
        played = _Played.model_validate({key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        raise Problem(f"{path} is no valid scenario", map(_sentence, error.errors())) from None
    return Script(name=whole.name or path.stem, description=whole.description, start=whole.start, **dict(played))


def default_for(plan: Plan) -> tuple[Script, dict[str, Any]]:
    """The scenario that a plan implies, and the simulator's half of it: all of the primary region goes dark.

    Where only an application fails, its region lives, no alert tells of it, and somebody starts the run.
    """
    whole = plan.scope == "region"
    script = Script(
        name="primary-dark" if whole else "application-leaves",
        description=f"all of {plan.primary.region} is dark" if whole else f"{plan.primary.region} lives",
        alert=Alert(services=plan.trigger.services[:3], regions=(plan.primary.region,)) if whole else None,
        people=(
            Person(on="approval", answer="approve"),
            Person(on="hold", answer="approve"),
            Person(on="fence", answer="done"),
            Person(on="wait-person", answer="done"),
            Person(on="ask", answer="retry"),
            Person(on="ask", answer="abort"),
        ),
    )
    faults = [{"at": 0, "region": plan.primary.region, "dark": "both", "answer": "hang"}] if whole else []
    return script, {"name": script.name, "description": script.description, "faults": faults}


def scenario_schema() -> dict[str, Any]:
    """The published JSON Schema of a scenario file (draft 2020-12): the simulator's half and the player's."""
    from simulator.core import scenario

    whole = scenario.Scenario.model_json_schema(by_alias=True)
    played = _Played.model_json_schema(by_alias=True)
    properties = {**whole["properties"], **played["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Bridgehead scenario",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "$defs": {**whole.get("$defs", {}), **played["$defs"]},
    }


def _sentence(error: Any) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    return f"{path}: {error['msg']}, found {error['input']!r}"
