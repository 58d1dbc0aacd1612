"""The ``edge`` section of a plan: a fleet of Azure Stack Edge devices whose traffic goes home through a VPN.

Such a plan stands alone: the workload that it moves is the fleet's way to Azure's services, not machines.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from domain.plans.types import Address, Model, Name, Prefix, Reference, Region, ResourceName, SecretReference

FLEET_LIMIT = 200
"""Devices of one plan, and so of one run."""

NEXT_HOPS = ("VirtualNetworkGateway", "Internet", "VirtualAppliance")


def _day(value: Any) -> Any:
    """YAML reads 2026-03-01 as a date; a file that quotes it means the same."""
    if isinstance(value, date):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise ValueError("expected a day such as 2026-03-01") from None


class Backup(Model):
    """Where the device's own backup lies, and of which day it is."""

    at: Annotated[str, BeforeValidator(_day), Field(json_schema_extra={"format": "date"})]
    location: Region


class EdgeDevice(Model):
    """One device. A Pro R comes by a connection of its own, a Mini R as a client of the gateway's."""

    name: Name
    model: Literal["pro-r", "mini-r"]
    site: str = Field("", description="where it stands, for whoever goes there")
    serial: str = ""
    person: str = Field("", description="the role that changes the device on its own screen")
    connection: Reference | None = Field(None, description="of a Pro R: its connection in Azure")
    shared_key: SecretReference | None = Field(None, description="of a Pro R: the key of a connection made anew")
    client: str | None = Field(None, description="of a Mini R: the name in its certificate; default: its own")
    service_region: Region | None = Field(
        None, description="region of its Azure Stack Edge resource; default: what the snapshot says, else home"
    )
    backup: Backup | Literal["none"] | None = Field(None, description="none: known to have no backup")


class Fleet(Model):
    """Mini R devices that differ in their number only: PREFIX-001, PREFIX-002, ..."""

    prefix: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
    count: Annotated[int, Field(ge=1, le=FLEET_LIMIT)]
    person: str = ""
    backup: Backup | Literal["none"] | None = None


class EdgeHop(Model):
    """Where the new routes point."""

    type: Literal["VirtualNetworkGateway", "Internet", "VirtualAppliance"]
    address: Address | None = None


class Firewall(Model):
    """What lets the fleet's traffic through: an Azure Firewall policy's group of rule collections, or an NSG."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["ruleCollectionGroup"]}, {"required": ["networkSecurityGroup"]}]}
    )

    rule_collection_group: Reference | None = Field(None, description="as policy/group, or its full ARM id")
    network_security_group: Reference | None = None
    priority: Annotated[int, Field(ge=100, le=65000)] | None = Field(
        None, description="of the new collection or rule; default: the first free one"
    )
    sources: tuple[Prefix, ...] = Field((), description="default: the client address pool, else any")


class Ranges(Model):
    """Where the services' address ranges come from: the Service Tags API, or the weekly file."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["api"]}, {"required": ["file"]}]})

    api: Region | None = Field(None, description="the location whose list is read; it is a version, not a filter")
    file: str | None = Field(None, description="name of the snapshot's document that holds the weekly file")


class EdgeGateway(Model):
    """The fleet's VPN gateway, and the one that a move makes; what is not said is as the old one has it."""

    like: Reference = Field(description="the gateway of the home region")
    name: ResourceName | None = Field(None, description="of the new one; a move needs it")
    resource_group: Reference | None = Field(None, description="of what a move makes, outside the failing region")
    public_address: ResourceName | None = Field(None, description="name of its public address; default: pip-NAME")
    network: ResourceName | None = Field(None, description="name of the network that is made; default: the old one's")


class Edge(Model):
    """See docs/edge.md."""

    situation: Literal["service-failover", "region-failover"] = "service-failover"
    services: Annotated[tuple[str, ...], Field(min_length=1, description="service tags, such as Storage")]
    devices: tuple[EdgeDevice, ...] = ()
    fleet: Fleet | None = None
    route_table: Reference = Field(description="sends the fleet's traffic to the services on, in the home region")
    incoming_route_table: Reference | None = Field(None, description="sends answers back to the fleet")
    next_hop: EdgeHop | None = Field(None, description="default: as the table's other routes")
    next_hop_ipv6: EdgeHop | None = Field(None, description="default: as the table's other IPv6 routes")
    address_families: Annotated[tuple[Literal["ipv4", "ipv6"], ...], Field(min_length=1)] = ("ipv4", "ipv6")
    firewall: Firewall
    ranges: Ranges
    on_limit: Literal["service-tag-routes", "move-region", "refuse"] = Field(
        "refuse", description="what takes the place of routes that do not fit into the table"
    )
    gateway: EdgeGateway | None = Field(None, description="default: the one gateway of the home region")
    client_address_pool: tuple[Prefix, ...] = Field(
        (), description="addresses of the fleet's clients after a move; default: as they are"
    )

    @property
    def all_devices(self) -> tuple[EdgeDevice, ...]:
        """The devices listed, and then the fleet's."""
        return (*self.devices, *_numbered(self.fleet))


def _numbered(fleet: Fleet | None) -> tuple[EdgeDevice, ...]:
    if fleet is None:
        return ()
    given: dict[str, Any] = {"model": "mini-r", "person": fleet.person, "backup": fleet.backup}
    names = (f"{fleet.prefix.rstrip('-')}-{number:03d}" for number in range(1, fleet.count + 1))
    return tuple(EdgeDevice.model_validate({**given, "name": name}) for name in names)
