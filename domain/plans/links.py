"""What a plan says of networks: the sites, the pairs of networks, and the links that go and come."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler

from domain.plans.types import Address, Model, Name, Prefix, Reference, ResourceName, Seconds, SecretReference, Url

LinkKind = Literal["site-to-site", "vnet-to-vnet", "expressroute", "peering"]


class Automation(Model):
    """The owner's on-premises automation: a webhook signed with HMAC-SHA256."""

    url: Url
    secret: SecretReference


class Device(Model):
    """How the site's network device learns of a new peer."""

    change: Literal["none", "webhook", "person"] | None = Field(
        None, description="default: none when prepared, else the site's automation, else its person"
    )
    prepared: bool | None = Field(
        None, description="the device knows the recovery side's gateways already; default: yes, and explain asks for it"
    )


class Site(Model):
    """An on-premises datacenter and how its network device can be read and changed."""

    prefixes: Annotated[tuple[Prefix, ...], Field(min_length=1)]
    asn: Annotated[int, Field(ge=1, le=4294967295)] | None = Field(None, description="absent: static routing")
    looking_glass: Url | None = Field(None, description="where the site's routes can be read")
    automation: Automation | None = None
    person: str | None = Field(None, description="the role that changes the device by hand")
    circuits: tuple[Reference, ...] = Field((), description="the ExpressRoute circuits that end at this site")
    device: Device = Device()


class NewGateway(Model):
    """The gateway of a network that a run makes; what is not said is as the source's gateway has it."""

    name: ResourceName | None = None
    public_address: ResourceName | None = Field(None, description="name of its public IP address")
    bgp_address: Address | None = Field(None, description="an APIPA address for BGP, known to the device beforehand")


class NewNetwork(Model):
    """A recovery network that a run makes from the snapshot: same space, subnets, rules, routes and DNS servers."""

    name: ResourceName | None = None
    resource_group: Reference
    gateway: NewGateway | None = Field(None, description="the gateway that a link of this network needs")


class NetworkPair(Model):
    """A source network and what takes its place."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["target"]}, {"required": ["create"]}]})

    source: Reference
    target: Reference | None = None
    create: NewNetwork | None = None


class Connect(Model):
    """The new link: like the old one, but where this says otherwise. ``mirror`` is one that says nothing.

    The near half stands at the recovery side, the far half (of links between networks) at the network that stays.
    """

    kind: LinkKind | None = Field(None, description="default: the old link's")
    name: ResourceName | None = None
    gateway: Reference | None = Field(None, description="default: the recovery network's gateway of the old one's type")
    local_network_gateway: Reference | None = None
    shared_key: SecretReference | None = None
    routing_weight: Annotated[int, Field(ge=0, le=32000)] | None = None
    enable_bgp: bool | None = None
    circuit: Reference | None = None
    authorization_key: SecretReference | None = None
    network: Reference | None = Field(None, description="of a peering: the recovery network")
    allow_gateway_transit: bool | None = None
    use_remote_gateways: bool | None = None
    allow_forwarded_traffic: bool | None = None
    remote_name: ResourceName | None = None
    remote_gateway: Reference | None = None
    remote_local_network_gateway: Reference | None = Field(
        None, description="the staying side's picture of the recovery gateway"
    )
    remote_allow_gateway_transit: bool | None = None
    remote_use_remote_gateways: bool | None = None
    remote_allow_forwarded_traffic: bool | None = None


class _OrMirror:
    """``connect: mirror`` in YAML is an empty Connect."""

    @staticmethod
    def read(value: Any) -> Any:
        return {} if value == "mirror" else value

    def __get_pydantic_json_schema__(self, core: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"const": "mirror"}, handler(core)]}


class Preference(Model):
    """Two circuits that are both joined; the site prefers one."""

    from_: Reference = Field(alias="from", description="the connection that loses the preference")
    to: Reference = Field(description="the connection that gains it")
    routing_weight: Annotated[int, Field(ge=0, le=32000)] | None = Field(
        None, description="weight that the connection that gains it gets, for the way from Azure to the site"
    )


class Link(Model):
    """One way: what goes and what comes in its place, to a site or to a network that stays."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": ["disconnect"]}, {"required": ["connect"]}, {"required": ["prefer"]}],
            "oneOf": [{"required": ["site"]}, {"required": ["network"]}],
        }
    )

    name: Name
    site: Name | None = None
    network: Reference | None = Field(None, description="a network that stays; exactly one of site and network")
    disconnect: Reference | None = Field(
        None, description="the connection, or the peering (NETWORK/PEERING), of the failing side"
    )
    like: Reference | None = Field(None, description="derive the new link from this one, which stays as it is")
    connect: Annotated[Connect | None, BeforeValidator(_OrMirror.read), _OrMirror()] = Field(
        None, description="what takes its place; mirror: like for like"
    )
    prefer: Preference | None = Field(None, description="two circuits, both joined: only the preference moves")
    shared_key: SecretReference | None = Field(None, description="the pre-shared key of both connections")
    within: Seconds = Field(180, description="how long Azure may take to confirm the disconnect")
    fence: Literal["webhook", "person", "accept-split-risk", "authorization"] | None = Field(
        None, description="what stands in when Azure does not confirm; default: the site's automation, else its person"
    )
    authorization: Reference | None = Field(
        None, description="the circuit's authorization that the old connection redeemed, for fence: authorization"
    )
    before: Literal["failover", "connect"] = Field(
        "failover", description="what waits for the disconnect: the first group, or only the new connection"
    )
    comes: Literal["before-failover", "after-failover"] = Field(
        "after-failover", description="when the new link is made"
    )
    comes_after: Name | None = Field(None, description="or: once this group is up")
    comes_before: Name | None = Field(None, description="or: before this group begins")
