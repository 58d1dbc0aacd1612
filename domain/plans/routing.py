"""What a plan says of proof and of people on the internet: routing checks, and the names that are switched."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from domain.plans.types import Address, Model, Name, Port, Reference, Seconds, Url


class Reach(Model):
    """An address that must answer from on-premises."""

    address: Address
    port: Port = 443


class NextHop(Model):
    """A recovered machine's way to an address must be its network's gateway (Network Watcher)."""

    machine: Reference
    address: Address


class Connectivity(Model):
    """A recovered machine must reach an address and port (Network Watcher, which needs its extension there)."""

    machine: Reference
    address: Address
    port: Port = 443


class LookingGlassProbe(Model):
    """The owner's own page: JSON, of which an expression must be true."""

    name: Name
    url: Url
    expect: Annotated[str, Field(min_length=1, max_length=500, description="a JMESPath expression")]


class Routing(Model):
    """How it is proven that on-premises routing points at the target."""

    deadline: Seconds = 900
    reach: tuple[Reach, ...] = ()
    next_hop: tuple[NextHop, ...] = ()
    connectivity: tuple[Connectivity, ...] = ()
    install_agent: bool = Field(
        False, description="install the Network Watcher extension in the machines that connectivity names"
    )
    canary: Reference | None = Field(
        None, description="a machine kept in the recovery network: it proves a link before any other boots"
    )
    probes: tuple[LookingGlassProbe, ...] = ()
    workspace: Reference | None = Field(
        None, description="Log Analytics workspace whose gateway logs are kept as evidence"
    )


class DnsRecord(Model):
    """A record set and the values that it gets."""

    zone: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+$")]
    record: Annotated[str, Field(pattern=r"^[A-Za-z0-9@*._-]+$")]
    type: Literal["A", "AAAA", "CNAME"] = "A"
    values: Annotated[tuple[str, ...], Field(min_length=1)]
    ttl: Annotated[int, Field(ge=1, le=2147483647)] = 60


class InternetName(Model):
    """A service's name on the internet, switched once routing is verified."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["trafficManager"]}, {"required": ["dns"]}]})

    name: Name
    traffic_manager: Reference | None = Field(None, description="a profile")
    disable: str | None = Field(None, description="the endpoint of the failing side")
    enable: str | None = Field(None, description="the endpoint of the recovery side")
    dns: DnsRecord | None = None
