"""An estate's documents as networks, machines, links and names: what a drawing shows, and no more.

Documents come as a snapshot has them, with subnets and peerings inside their network, or as the simulator keeps them,
each on its own: both read the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from simulator.core import ids
from simulator.estates.place import Document
from simulator.site_recovery.bodies import friendly_region

NET = "Microsoft.Network"
SITE = "Bridgehead.OnPremises/sites"
ITEM = "/replicationProtectedItems"
_CHILDREN = {
    "subnets": f"{NET}/virtualNetworks/subnets",
    "virtualNetworkPeerings": f"{NET}/virtualNetworks/virtualNetworkPeerings",
    "peerings": f"{NET}/expressRouteCircuits/peerings",
    "endpoints": f"{NET}/trafficManagerProfiles/externalEndpoints",
}


@dataclass(frozen=True)
class Link:
    """Two ends joined, each a network's, a site's or a circuit's id; ``whole``: both halves of it are there."""

    ends: tuple[str, str]
    kind: str
    whole: bool = True
    note: str = ""


class Picture:
    """Everything by id, and the questions a drawing has."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._by_id: dict[str, Document] = {}
        for document in documents:
            self._by_id[ids.key(document["id"])] = document
            for field in ("subnets", "virtualNetworkPeerings", "peerings", "endpoints"):
                for part in document.get("properties", {}).get(field) or ():
                    if "properties" in part:
                        part_id = part.get("id") or f"{document['id']}/{field}/{part['name']}"
                        self._by_id.setdefault(ids.key(part_id), {"type": _CHILDREN[field], **part, "id": part_id})

    def get(self, resource_id: str | None) -> Document | None:
        return self._by_id.get(ids.key(resource_id)) if resource_id else None

    def of(self, resource_type: str) -> list[Document]:
        """Documents of a type (compared without case), by name."""
        wanted = resource_type.lower()
        found = [one for one in self._by_id.values() if str(one["type"]).lower() == wanted]
        return sorted(found, key=lambda one: (str(one["name"]).lower(), str(one["id"]).lower()))

    def regions(self) -> dict[str, list[Document]]:
        """Networks by region, as people call it."""
        found: dict[str, list[Document]] = {}
        for network in self.of(f"{NET}/virtualNetworks"):
            found.setdefault(friendly_region(network["location"]), []).append(network)
        return dict(sorted(found.items()))

    def gateways(self, network: Document) -> list[Document]:
        gateways = self.of(f"{NET}/virtualNetworkGateways")
        return [one for one in gateways if ids.same(network_of(one), network["id"])]

    def machines(self, network: Document) -> list[str]:
        """Names of the machines that live in a network: one that has failed over lives at the recovery side only."""
        left = {
            ids.key(item["properties"]["providerSpecificDetails"]["fabricObjectId"])
            for item in self._by_id.values()
            if str(item["type"]).endswith(ITEM) and item.get("properties", {}).get("activeLocation") == "Recovery"
        }
        found = []
        for machine in self.of("Microsoft.Compute/virtualMachines"):
            for interface in machine["properties"]["networkProfile"]["networkInterfaces"]:
                held = network_of(self.get(interface["id"]) or {})
                if ids.same(held, network["id"]) and ids.key(machine["id"]) not in left:
                    found.append(str(machine["name"]))
        return sorted(found)

    def appliances(self, network: Document) -> list[str]:
        """Addresses that the route tables of a network's subnets lead to."""
        hops = set()
        for subnet in self.of(f"{NET}/virtualNetworks/subnets"):
            if ids.same(ids.parent_of(subnet["id"]), network["id"]):
                table = self.get((subnet["properties"].get("routeTable") or {}).get("id"))
                hops |= {one["properties"].get("nextHopIpAddress") for one in self._routes(table)}
        return sorted(filter(None, hops))

    def _routes(self, table: Document | None) -> list[Document]:
        if table is None:
            return []
        own = [one for one in self.of(f"{NET}/routeTables/routes") if ids.same(ids.parent_of(one["id"]), table["id"])]
        return own + list(table["properties"].get("routes") or ())

    def links(self) -> list[Link]:
        """Every link, each once."""
        found = [*self._connections(), *self._peerings(), *self._circuit_ends()]
        return sorted(dict.fromkeys(found), key=lambda link: (link.kind, link.ends, link.note))

    def _connections(self) -> Iterator[Link]:
        for connection in self.of(f"{NET}/connections"):
            here = self._network_at(connection, "virtualNetworkGateway1")
            there, kind = self._far_end(connection)
            if here and there:
                whole = not self._is_network(there) or self._answered(here, there, kind)
                yield Link(_pair(here, there) if self._is_network(there) else (here, there), kind, whole)

    def _far_end(self, connection: Document) -> tuple[str | None, str]:
        properties = connection["properties"]
        if properties["connectionType"] == "ExpressRoute":
            return properties["peer"]["id"], "ExpressRoute"
        if properties["connectionType"] == "Vnet2Vnet":
            return self._network_at(connection, "virtualNetworkGateway2"), "VNet-to-VNet"
        local = self.get((properties.get("localNetworkGateway2") or {}).get("id")) or {"properties": {}}
        address = local["properties"].get("gatewayIpAddress")
        for site in self.of(SITE):
            if site["properties"].get("publicAddress") == address:
                return site["id"], "site-to-site VPN"
        for gateway in self.of(f"{NET}/virtualNetworkGateways"):
            if address in self._addresses(gateway):
                return network_of(gateway), "site-to-site VPN"
        return None, "site-to-site VPN"

    def _answered(self, here: str, there: str, kind: str) -> bool:
        """Whether the connection of the other end is there, too."""
        for connection in self.of(f"{NET}/connections"):
            back, other = self._far_end(connection)
            begins = self._network_at(connection, "virtualNetworkGateway1")
            if other == kind and ids.same(begins, there) and ids.same(back, here):
                return True
        return False

    def _peerings(self) -> Iterator[Link]:
        for half in self.of(f"{NET}/virtualNetworks/virtualNetworkPeerings"):
            here = ids.parent_of(half["id"]) or ""
            there = half["properties"]["remoteVirtualNetwork"]["id"]
            note = "gateway transit" if self._transit(here, there) or self._transit(there, here) else ""
            yield Link(_pair(here, there), "peering", half["properties"]["peeringState"] == "Connected", note)

    def _transit(self, hub: str, spoke: str) -> bool:
        for half in self.of(f"{NET}/virtualNetworks/virtualNetworkPeerings"):
            properties = half["properties"]
            leads_to_hub = ids.same(properties["remoteVirtualNetwork"]["id"], hub)
            if ids.same(ids.parent_of(half["id"]), spoke) and leads_to_hub and properties.get("useRemoteGateways"):
                return True
        return False

    def _circuit_ends(self) -> Iterator[Link]:
        for site in self.of(SITE):
            preferences = site["properties"].get("localPreferences") or {}
            for circuit in site["properties"].get("circuits") or ():
                best = preferences and preferences.get(self._neighbor(circuit)) == max(preferences.values())
                yield Link((circuit, site["id"]), "circuit", note="preferred" if best else "")

    def _neighbor(self, circuit: str) -> str:
        """Microsoft's address of the circuit's primary link: the second usable one."""
        peering = self.get(f"{circuit}/peerings/AzurePrivatePeering") or {"properties": {}}
        prefix = peering["properties"].get("primaryPeerAddressPrefix")
        return str(ip_network(prefix)[2]) if prefix else ""

    def _network_at(self, connection: Document, end: str) -> str | None:
        gateway = self.get((connection["properties"].get(end) or {}).get("id"))
        return network_of(gateway) if gateway else None

    def _is_network(self, resource_id: str) -> bool:
        return "/virtualnetworks/" in resource_id.lower()

    def _addresses(self, gateway: Document) -> set[Any]:
        configurations = gateway["properties"].get("ipConfigurations") or ()
        public = [self.get((one["properties"].get("publicIPAddress") or {}).get("id")) for one in configurations]
        return {one["properties"].get("ipAddress") for one in public if one}


def network_of(document: Document) -> str | None:
    """The id of the network in which a gateway or an interface stands."""
    for configuration in document.get("properties", {}).get("ipConfigurations") or ():
        subnet = (configuration["properties"].get("subnet") or {}).get("id")
        if subnet:
            return ids.parent_of(subnet)
    return None


def neighbor_of(peer: dict[str, Any]) -> str:
    """How a site's table names a peer."""
    return str(peer["bgpPeeringAddress"] or peer["publicAddress"])


def _pair(one: str, other: str) -> tuple[str, str]:
    first, second = sorted((one, other), key=lambda each: (ids.last(each).lower(), each.lower()))
    return first, second
