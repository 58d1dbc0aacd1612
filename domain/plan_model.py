"""The plan: what the owner wants, as a checked model of the YAML that a person writes in calm times.

Reading is strict: an unknown field is an error that names the nearest known one, and all errors are told together.
What only a snapshot can say (does that connection exist?) is checked by ``domain.compile``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from domain.addresses import network
from domain.codec import content_hash
from domain.ncrontab import parse
from domain.schedules import is_zone

NAME_PATTERN = r"^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$"
DURATION_PATTERN = r"^([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$"
LONGEST_SECONDS = 30 * 86400
_LEAP_YEAR = datetime(2024, 1, 1, tzinfo=UTC)
_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


def _seconds_from_zero(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip() or not re.match(DURATION_PATTERN, value.strip()):
        raise ValueError("expected a duration such as 90s, 15m, 1h30m or 2d")
    seconds = sum(int(amount) * _UNITS[unit] for amount, unit in re.findall(r"([0-9]+)([dhms])", value))
    if seconds > LONGEST_SECONDS:
        raise ValueError("expected a duration of at most 30d")
    return seconds


def _seconds(value: Any) -> Any:
    seconds = _seconds_from_zero(value)
    if seconds < 1:
        raise ValueError("expected a duration of at least 1s")
    return seconds


def _prefix(value: str) -> str:
    try:
        return str(network(value))
    except ValueError as error:
        raise ValueError(f"expected an address prefix such as 10.50.0.0/16 ({error})") from None


def _address(value: str) -> str:
    try:
        return str(ip_address(value))
    except ValueError:
        raise ValueError("expected an address such as 10.1.1.4") from None


def _https(value: str) -> str:
    if not re.match(r"^https://[A-Za-z0-9.-]+(:\d+)?(/[^\s#]*)?$", value):
        raise ValueError("expected an https URL with a host name and no fragment")
    return value


def _schedule(value: str) -> str:
    try:
        schedule = parse(value)
    except ValueError as error:
        raise ValueError(f"expected six fields such as 0 0 6 * * SAT ({str(error)[:200]})") from None
    if len(schedule.minutes) * len(schedule.seconds) > 1:
        raise ValueError("expected at most one drill an hour: one second and one minute")
    if schedule.next_after(_LEAP_YEAR) is None:
        raise ValueError("expected a day that comes")
    return value


def _zone(value: str) -> str:
    if not is_zone(value):
        raise ValueError("expected an IANA time zone such as Asia/Singapore")
    return value


_DURATION_SCHEMA = WithJsonSchema(
    {"type": "string", "minLength": 2, "pattern": DURATION_PATTERN, "examples": ["90s", "15m", "1h30m"]}
)
Seconds = Annotated[int, BeforeValidator(_seconds), _DURATION_SCHEMA]
SecondsFromZero = Annotated[int, BeforeValidator(_seconds_from_zero), _DURATION_SCHEMA]
Prefix = Annotated[str, AfterValidator(_prefix), WithJsonSchema({"type": "string", "examples": ["10.50.0.0/16"]})]
Url = Annotated[
    str, AfterValidator(_https), WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https://"})
]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Region = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]+$", description="ARM name of a region, such as eastasia")]
Reference = Annotated[str, Field(min_length=1, max_length=512, description="a resource's name, or its full ARM id")]


class Model(BaseModel):
    """Strict, frozen, and camelCase in YAML."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
        populate_by_name=False,
        str_strip_whitespace=True,
    )


class Side(Model):
    """One of the plan's two fixed homes."""

    region: Region
    network: Reference | None = Field(None, description="its virtual network; default: that of the links' gateways")


class Objectives(Model):
    rto: Seconds = Field(3600, description="impact to reachable from on-premises")
    rpo: Seconds = Field(900, description="the oldest recovery point that the owner accepts")


class SecretReference(Model):
    """A secret in Key Vault; its value is never written anywhere else."""

    vault: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]$")]
    secret: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,127}$")]


class Trigger(Model):
    """When an alert concerns this plan, and whether it may act by itself."""

    services: tuple[str, ...] = Field((), description="display names of Azure services; empty: any service")
    automatic: bool = Field(False, description="fire after the hold without asking; default: ask, silence means stop")
    hold: SecondsFromZero = Field(300, description="how long an automatic failover waits for a person to stop it")
    decide_within: Seconds = Field(1800, description="how long a person may take to approve; then the run is refused")


class Automation(Model):
    """The owner's on-premises automation: a webhook signed with HMAC-SHA256."""

    url: Url
    secret: SecretReference


class Site(Model):
    """An on-premises datacenter and how its network device can be read and changed."""

    prefixes: Annotated[tuple[Prefix, ...], Field(min_length=1)]
    asn: Annotated[int, Field(ge=1, le=4294967295)] | None = Field(None, description="absent: static routing")
    looking_glass: Url | None = Field(None, description="where the site's routes can be read")
    automation: Automation | None = None
    person: str | None = Field(None, description="the role that changes the device by hand")


class Mirror(Model):
    """The new link: like the old one, but where this says otherwise."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,78}[A-Za-z0-9_]$")] | None = None
    gateway: Reference
    local_network_gateway: Reference | None = None
    shared_key: SecretReference | None = None
    routing_weight: Annotated[int, Field(ge=0, le=32000)] | None = None
    enable_bgp: bool | None = None


class Link(Model):
    """One way home: the connection that goes and the one that comes."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["disconnect"]}, {"required": ["connect"]}]})

    name: Name
    site: Name
    disconnect: Reference | None = Field(None, description="the connection of the failing side")
    connect: Mirror | None = Field(None, description="the connection that takes its place")
    shared_key: SecretReference | None = Field(None, description="the pre-shared key of both connections")
    within: Seconds = Field(180, description="how long Azure may take to confirm the disconnect")
    fence: Literal["webhook", "person", "accept-split-risk"] | None = Field(
        None, description="what stands in when Azure does not confirm; default: the site's automation, else its person"
    )
    before: Literal["failover", "connect"] = Field(
        "failover", description="what waits for the disconnect: the first group, or only the new connection"
    )


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


class Reach(Model):
    """An address that must answer from on-premises."""

    address: Annotated[str, AfterValidator(_address), Field(pattern=r"^[0-9a-fA-F:.]+$")]
    port: Annotated[int, Field(ge=1, le=65535)] = 443


class Routing(Model):
    """How it is proven that on-premises routing points at the target."""

    deadline: Seconds = 900
    reach: tuple[Reach, ...] = ()
    workspace: Reference | None = Field(
        None, description="Log Analytics workspace whose gateway logs are kept as evidence"
    )


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

    schedule: Annotated[
        str, AfterValidator(_schedule), Field(description="NCRONTAB: second minute hour day month day-of-week")
    ]
    time_zone: Annotated[str, AfterValidator(_zone), Field(description="IANA name, such as Asia/Singapore")] = "UTC"


class Plan(Model):
    """See docs/plans.md; the JSON Schema is docs/plan.schema.json."""

    api_version: Literal["bridgehead/v1"]
    name: Name
    description: str = ""
    owner: str = ""
    primary: Side
    recovery: Side
    objectives: Objectives = Objectives()
    trigger: Trigger = Trigger()
    sites: Annotated[dict[Name, Site], Field(min_length=1)]
    links: Annotated[tuple[Link, ...], Field(min_length=1)]
    workload: Workload
    routing: Routing = Routing()
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
