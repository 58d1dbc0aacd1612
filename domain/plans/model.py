"""The plan: what the owner wants, as a checked model of the YAML that a person writes in calm times.

Reading is strict: an unknown field is an error that names the nearest known one, and all errors are told together.
What only a snapshot can say (does that connection exist?) is checked by ``domain.compile``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from domain.codec import content_hash
from domain.edge.model import Edge
from domain.plans.links import Link, NetworkPair, Site
from domain.plans.routing import InternetName, Routing
from domain.plans.types import Model, Name, Reference, Region, Schedule, Seconds, SecondsFromZero, TimeZone, Url


class Side(Model):
    """One of the plan's two fixed homes."""

    region: Region
    network: Reference | None = Field(None, description="its virtual network; default: that of the links' gateways")


class Objectives(Model):
    rto: Seconds = Field(3600, description="impact to reachable from on-premises")
    rpo: Seconds = Field(900, description="the oldest recovery point that the owner accepts")


class Trigger(Model):
    """When an alert concerns this plan, and whether it may act by itself."""

    services: tuple[str, ...] = Field((), description="display names of Azure services; empty: any service")
    automatic: bool = Field(False, description="fire after the hold without asking; default: ask, silence means stop")
    hold: SecondsFromZero = Field(300, description="how long an automatic failover waits for a person to stop it")
    decide_within: Seconds = Field(1800, description="how long a person may take to approve; then the run is refused")


class Probe(Model):
    """The owner's own sign that a machine serves: an HTTPS answer below 400."""

    url: Url


class Group(Model):
    """A recovery group listed in the plan: its items fail over together."""

    name: Name
    items: Annotated[tuple[Reference, ...], Field(min_length=1)]
    quorum: Annotated[int, Field(ge=1)] | None = Field(None, description="how many must be up; default: all")


class ActionMapping(Model):
    """What stands for an action of the Site Recovery plan that Bridgehead does not run."""

    person: str
    instruction: str | None = None


class Workload(Model):
    """Which items fail over, in which groups, and by whose hand."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["recoveryPlan"]}, {"required": ["groups"]}]})

    vault: Reference
    recovery_plan: Reference | None = Field(None, description="read the groups from this Site Recovery plan")
    groups: tuple[Group, ...] = Field((), description="or list them here")
    names: tuple[Name, ...] = Field((), description="names for the groups read from the recovery plan, in order")
    quorum: dict[str, Annotated[int, Field(ge=1)]] = Field({}, description="group name to how many must be up")
    drive: Literal["items", "plan"] = Field("items", description="plan: Site Recovery walks its whole plan as one job")
    recovery_point: Literal["Latest", "LatestProcessed", "LatestApplicationConsistent", "LatestCrashConsistent"] = (
        "LatestProcessed"
    )
    addresses: Literal["keep", "may-change"] = Field("keep", description="keep: the target address is the source's")
    probes: dict[str, Probe] = Field({}, description="item name to the owner's probe")
    actions: dict[str, ActionMapping] = Field({}, description="action of the recovery plan to what stands for it")


AskOrStop = Literal["ask", "stop"] | None
AskStopOrContinue = Literal["ask", "stop", "continue"] | None


class Policies(Model):
    """What a failed step of each kind does, where that is not the plan's onFailure.

    A way home or its fence cannot go on after a failure: that could leave two ways home, or none.
    """

    readiness: AskStopOrContinue = None
    disconnect: AskOrStop = None
    fence: AskOrStop = None
    machine: AskStopOrContinue = None
    group: AskOrStop = None
    person: AskStopOrContinue = None
    connect: AskOrStop = None
    routing: AskOrStop = None


class Drills(Model):
    """When the plan is rehearsed in Azure by itself."""

    schedule: Schedule
    time_zone: TimeZone = "UTC"


class Plan(Model):
    """See docs/plans.md; the JSON Schema is docs/plan.schema.json. Without ``edge`` it has links and a workload."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["links", "workload"]}, {"required": ["edge"]}]},
    )

    api_version: Literal["bridgehead/v1"]
    name: Name
    description: str = ""
    owner: str = ""
    primary: Side
    recovery: Side
    objectives: Objectives = Objectives()
    trigger: Trigger = Trigger()
    scope: Literal["region", "application"] = Field(
        "region", description="application: only what the plan names fails, and the region lives"
    )
    accept: tuple[Literal["partial-connectivity"], ...] = Field((), description="risks that the owner takes knowingly")
    networks: tuple[NetworkPair, ...] = Field((), description="source networks and what takes the place of each")
    sites: dict[Name, Site] = {}
    links: Annotated[tuple[Link, ...], Field(min_length=1)] = ()
    workload: Workload = Field(default_factory=lambda: Workload.model_construct(vault=""))
    routing: Routing = Routing()
    internet: tuple[InternetName, ...] = ()
    edge: Edge | None = Field(None, description="a fleet of Azure Stack Edge devices; it stands alone in its plan")
    drills: Drills | None = Field(None, description="default: no drill begins by itself")
    on_failure: Literal["ask", "stop"] = Field("ask", description="what a step that failed does: ask a person, or stop")
    policies: Policies = Policies()
    answer_within: Seconds = Field(
        3600, description="how long a question waits; then the recommended safe answer holds"
    )

    @property
    def hash(self) -> str:
        """SHA-256 of what the plan says, however its YAML is laid out."""
        return content_hash(self.model_dump(mode="json", by_alias=True))


def plan_schema() -> dict[str, Any]:
    """The published JSON Schema of a plan file (draft 2020-12)."""
    schema = Plan.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Bridgehead plan"}
