"""A site: what its device is, whom it refuses to talk to, and the routes it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.core import ids
from simulator.core.documents import Document
from simulator.core.world import World

TYPE = "Bridgehead.OnPremises/sites"
LNG = "Microsoft.Network/localNetworkGateways"
VAULT = "Microsoft.KeyVault/vaults"
PUBLIC_ADDRESS = "Microsoft.Network/publicIPAddresses"


@dataclass(frozen=True, slots=True)
class Route:
    """One route in the device's table: ``prefix`` by way of the peer at ``neighbor``, over ``connection``.

    ``gateway`` is Azure's gateway behind that peer, ``network`` the id of the virtual network (or of the other site)
    whose addresses these are; ``order`` tells older from newer.
    """

    prefix: str
    neighbor: str
    gateway: str
    connection: str
    network: str
    asn: int
    as_path: tuple[int, ...]
    preference: int
    order: int

    def home(self, preferred: bool) -> dict[str, Any]:
        return {"gateway": self.gateway, "connection": self.connection, "preferred": preferred}


@dataclass
class Site:
    """The device of one on-premises site.

    ``document`` is the estate's, and holds what was set on the device since, as a device's configuration does: whom it
    was prepared for, its static routes, its local preferences. The rest is what the device has come to.
    """

    document: Document
    routes: dict[tuple[str, str], Route] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    reachable: dict[str, tuple[bool, str | None]] = field(default_factory=dict)
    counter: int = 0

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = self.document["properties"]
        return found

    @property
    def asn(self) -> int:
        return int(self.properties.get("asn") or 65000)

    @property
    def public_address(self) -> str:
        return str(self.properties.get("publicAddress", ""))

    @property
    def peering_address(self) -> str:
        return str(self.properties.get("bgpPeeringAddress", ""))

    @property
    def prefixes(self) -> list[str]:
        return list(self.properties.get("prefixes", ()))

    def refuses(self, addresses: set[str]) -> bool:
        return bool(self.blocked & addresses)

    def is_prepared_for(self, addresses: set[str]) -> bool:
        """Whether the device was told of a gateway; one that needs no preparation takes any that has its key."""
        if not self.properties.get("requiresPreparation"):
            return True
        return bool({str(one) for one in self.properties.get("preparedPeers", ())} & addresses)

    @property
    def static_routes(self) -> list[dict[str, str]]:
        """The routes entered by hand: [{"prefix", "nextHop"}], a next hop being an address of a gateway."""
        return [dict(entry) for entry in self.properties.get("staticRoutes", ())]

    def preference_of(self, neighbor: str) -> int:
        """The device's declared local preference of a peer (100 unless the owner set one)."""
        return int((self.properties.get("localPreferences") or {}).get(neighbor, 100))

    def ranked(self, prefix: str) -> list[Route]:
        """Routes of one prefix, best first: preference, path length, age (RFC 4271, as routers do it)."""
        found = [route for route in self.routes.values() if route.prefix == prefix]
        return sorted(found, key=lambda r: (-r.preference, len(r.as_path), r.order))

    def best(self, prefix: str) -> list[Route]:
        """The routes of a prefix that the device uses: equal ones share the traffic, and that is a split."""
        ranked = self.ranked(prefix)
        return [r for r in ranked if (r.preference, len(r.as_path)) == (ranked[0].preference, len(ranked[0].as_path))]


def sites(world: World) -> dict[str, Site]:
    """The sites by name, lower case."""
    found: dict[str, Site] = world.state["sites"]
    return found


def load_sites(world: World) -> None:
    """Make the sites of the estate; without any, one for each address that local network gateways point at."""
    documents = world.documents.of_type(TYPE) or _derived(world)
    world.state["sites"] = {str(document["name"]).lower(): Site(document) for document in documents}


def shared_key(world: World, site: Site) -> str | None:
    """The pre-shared key that the device was set up with; None when the estate says nothing of one.

    It is the Key Vault secret that the site names in ``sharedKey``, else one called ``psk-<site>``.
    """
    named = site.properties.get("sharedKey")
    if isinstance(named, dict):
        return world.secrets.value(str(named["vault"]), str(named["secret"]))
    return secret_called(world, f"psk-{site.name}")


def secret_called(world: World, name: str) -> str | None:
    """The value of the first secret of this name that a vault of the estate lists."""
    wanted = name.lower()
    for vault in world.documents.of_type(VAULT):
        for secret in vault["properties"].get("secretNames", ()):
            if secret.lower() == wanted:
                return world.secrets.value(vault["name"], secret)
    return None


def site_at(world: World, public_address: str) -> Site | None:
    return next((site for site in sites(world).values() if site.public_address == public_address), None)


def _derived(world: World) -> list[Document]:
    """Sites nobody described: a device at every address that a local network gateway points at, if no gateway's."""
    found: dict[str, Document] = {}
    azure = {document["properties"].get("ipAddress") for document in world.documents.of_type(PUBLIC_ADDRESS)}
    for gateway in world.documents.of_type(LNG):
        properties = gateway["properties"]
        address = properties.get("gatewayIpAddress") or properties.get("fqdn") or ""
        if not address or address in found or address in azure:
            continue
        bgp = properties.get("bgpSettings") or {}
        name = f"site-{ids.last(gateway['id'])}".lower()
        found[address] = {
            "id": f"/onPremises/{name}",
            "type": TYPE,
            "name": name,
            "properties": {
                "asn": bgp.get("asn"),
                "publicAddress": address,
                "bgpPeeringAddress": bgp.get("bgpPeeringAddress", ""),
                "prefixes": list(properties.get("localNetworkAddressSpace", {}).get("addressPrefixes", ())),
                "lookingGlassUrl": f"https://looking-glass.example/{name}",
                "automationUrl": f"https://automation.example/{name}",
                "automationSecret": {"vault": "on-premises", "secret": f"fence-{name}"},
                "staticRoutes": [],
            },
        }
    return list(found.values())
