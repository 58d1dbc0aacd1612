"""Where a packet goes: from device to machine and back, hop by hop, by the tables as they are now."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from domain import addresses
from simulator.core import ids
from simulator.core.machines import Machine
from simulator.core.world import World
from simulator.routes import azure_side, effective, guards
from simulator.routes.azure_side import Gateway
from simulator.routes.effective import Hop, net
from simulator.routes.site import Route, Site, sites
from simulator.routes.tables import Tables, site_key

FURTHEST = 12
FIREWALL, BALANCER = "Microsoft.Network/azureFirewalls", "Microsoft.Network/loadBalancers"


@dataclass(frozen=True, slots=True)
class Flow:
    """Source and destination address, and the TCP port (0: any)."""

    source: str
    destination: str
    port: int = 0

    def back(self) -> Flow:
        return Flow(self.destination, self.source, self.port)


@dataclass(frozen=True, slots=True)
class End:
    """Where a packet ended. ``machine`` or ``site`` is who got it; ``detail`` says why nobody did."""

    reached: bool
    detail: str
    machine: Machine | None = None
    site: str = ""
    neighbor: str | None = None
    ways: tuple[str, ...] = ()

    @property
    def region(self) -> str | None:
        return self.machine.region if self.machine and self.reached else None


class Ways:
    """Walks over one state of the tables; what subnets' routes come to is worked out once."""

    def __init__(self, world: World, tables: Tables) -> None:
        self._world = world
        self._tables = tables
        self._hops: dict[tuple[str, str], list[Hop]] = {}

    def hops(self, network_id: str, address: str) -> list[Hop]:
        """The routes of the subnet that an address lies in."""
        return self._routes_of(network_id, effective.subnet_at(self._world, network_id, address))

    def from_site(self, site: Site, address: str, port: int = 0) -> End:
        """Do packets from a site find a machine that is up, by whichever of the best routes they go, and back?"""
        source = _host_of(site)
        there = self._by_device(site, Flow(source, address, port), FURTHEST)
        if not there.reached or there.machine is None:
            return there
        if not source:
            return there
        back = self.from_machine(there.machine, Flow(address, source, port), guarded=False)
        if back.reached and back.site == site_key(site):
            return there
        return replace(there, reached=False, detail=f"{there.machine.name} has no way back: {back.detail}")

    def between(self, machine: Machine, address: str, port: int = 0) -> End:
        """Do packets from a machine find whoever answers at an address, and back?"""
        flow = Flow(machine.address, address, port)
        there = self.from_machine(machine, flow)
        if not there.reached:
            return there
        if there.site:
            site = sites(self._world)[ids.last(there.site)]
            back = self._by_device(site, flow.back(), FURTHEST, guarded=False)
        elif there.machine is not None:
            back = self.from_machine(there.machine, flow.back(), guarded=False)
        else:
            return there
        if back.reached and back.machine is not None and ids.same(back.machine.id, machine.id):
            return there
        return replace(there, reached=False, detail=f"no way back to {machine.address}: {back.detail}")

    def from_machine(self, machine: Machine, flow: Flow, *, guarded: bool = True) -> End:
        if not self._world.machines.up(machine):
            return End(False, f"{machine.name} is not up")
        if guarded:
            space = lambda: self.space_around(machine.network, machine.address)  # noqa: E731
            group = guards.denied_by(
                self._world, machine, "outbound", (flow.source, flow.destination), flow.port, space
            )
            if group:
                return End(False, f"{group} lets nothing out to {flow.destination}")
        subnet = effective.subnet_at(self._world, machine.network, machine.address)
        return self._in_network(machine.network, subnet, flow, FURTHEST, guarded)

    def space_around(self, network_id: str, address: str) -> list[str]:
        """What the tag VirtualNetwork stands for: network, peers, what gateways reach, own routes (documented)."""
        kinds = (effective.LOCAL, effective.PEER, effective.GLOBAL_PEER, effective.GATEWAY)
        return [hop.prefix for hop in self.hops(network_id, address) if hop.kind in kinds or hop.source == "User"]

    def _routes_of(self, network_id: str, subnet: dict[str, object] | None) -> list[Hop]:
        key = (ids.key(network_id), str(subnet["name"]).lower() if subnet else "")
        if key not in self._hops:
            self._hops[key] = effective.hops_of(self._world, self._tables, network_id, subnet)
        return self._hops[key]

    def _by_device(self, site: Site, flow: Flow, left: int, *, guarded: bool = True) -> End:
        routes = routes_to(site, flow.destination)
        if not routes:
            return End(False, f"the device has no route to {flow.destination}")
        ends = [replace(self._over(route, flow, left, guarded), neighbor=route.neighbor) for route in routes]
        return next((end for end in ends if not end.reached), ends[0])

    def _over(self, route: Route, flow: Flow, left: int, guarded: bool) -> End:
        gateway = azure_side.gateway(self._world, route.gateway)
        if gateway is None:
            return End(False, f"gateway {ids.last(route.gateway)} does not answer")
        end = self._into(gateway, flow, left - 1, guarded)
        if end.machine is None or not end.reached:
            return end
        return replace(end, detail=f"{end.machine.name} answers by way of {gateway.name}")

    def _into(self, gateway: Gateway, flow: Flow, left: int, guarded: bool) -> End:
        """A packet comes to a gateway from outside its network."""
        if self._world.faults.data_plane_is_dark(gateway.region):
            return End(False, f"gateway {gateway.name} does not answer")
        subnet = effective.gateway_subnet(self._world, gateway.network)
        return self._in_network(gateway.network, subnet, flow, left, guarded)

    def _in_network(
        self, network_id: str, subnet: dict[str, object] | None, flow: Flow, left: int, guarded: bool
    ) -> End:
        """A packet is in a subnet and goes by that subnet's routes."""
        if left <= 0:
            return End(False, f"packets to {flow.destination} go round in circles")
        hop = effective.chosen(self._routes_of(network_id, subnet), flow.destination)
        name = ids.last(network_id)
        if hop is None or hop.kind == effective.NOTHING:
            return End(False, f"{name} has no route to {flow.destination}")
        if hop.kind == effective.APPLIANCE:
            return self._by_appliance(network_id, hop, flow, left, guarded)
        if hop.kind == effective.GATEWAY:
            return self._out(network_id, hop, flow, left, guarded)
        if hop.kind == effective.INTERNET:
            public = is_public(flow.destination)
            return End(public, f"{flow.destination} is {'on the internet' if public else 'no public address'}")
        return self._deliver(
            hop.where if hop.kind in (effective.PEER, effective.GLOBAL_PEER) else network_id, network_id, flow, guarded
        )

    def _deliver(self, network_id: str, from_network: str, flow: Flow, guarded: bool) -> End:
        machine = self._world.machines.at(network_id, flow.destination)
        if machine is None:
            return End(False, f"nothing answers at {flow.destination} in {ids.last(network_id)}")
        if not ids.same(network_id, from_network) and self._is_refused(network_id, from_network, flow.source):
            return End(False, f"{ids.last(network_id)} takes no forwarded traffic from {ids.last(from_network)}")
        if guarded:
            space = lambda: self.space_around(network_id, flow.destination)  # noqa: E731
            group = guards.denied_by(self._world, machine, "inbound", (flow.source, flow.destination), flow.port, space)
            if group:
                return End(False, f"{group} keeps {flow.source} from {machine.name}", machine)
        return End(True, f"{machine.name} answers", machine)

    def _is_refused(self, network_id: str, from_network: str, source: str) -> bool:
        """Traffic that an appliance passes on needs allowForwardedTraffic; a gateway's own transit does not."""
        half = azure_side.half_of(self._world, network_id, from_network)
        if half is None:
            return True
        if half["properties"].get("allowForwardedTraffic") or half["properties"].get("useRemoteGateways"):
            return False
        return not addresses.contains(azure_side.space_of(self._world, from_network), source)

    def _by_appliance(self, network_id: str, hop: Hop, flow: Flow, left: int, guarded: bool) -> End:
        """To the appliance at an address of this network or a peered one, and on by the routes of its subnet."""
        around = [network_id, *(azure_side.remote_of(half) for half in azure_side.peerings_of(self._world, network_id))]
        for home in around:
            if addresses.contains(azure_side.space_of(self._world, home), hop.where):
                machine = self._world.machines.at(home, hop.where)
                if machine is None and not self._serves(home, hop.where):
                    return End(False, f"the appliance at {hop.where} does not answer")
                if machine is not None and not forwards(self._world, machine):
                    return End(False, f"{machine.name} at {hop.where} does not forward")
                subnet = effective.subnet_at(self._world, home, hop.where)
                end = self._in_network(home, subnet, flow, left - 1, guarded)
                return replace(end, ways=(hop.where, *end.ways))
        return End(False, f"no network here has the appliance's address {hop.where}")

    def _serves(self, network_id: str, address: str) -> bool:
        """Whether a firewall or load balancer of Azure's has an address, in a region that is lit."""
        for kind in (FIREWALL, BALANCER):
            for document in self._world.documents.of_type(kind):
                said = document["properties"]
                for one in [*said.get("ipConfigurations", ()), *said.get("frontendIPConfigurations", ())]:
                    inner = one.get("properties") or {}
                    subnet = str((inner.get("subnet") or {}).get("id") or "")
                    here = ids.key(subnet).startswith(f"{ids.key(network_id)}/")
                    if here and inner.get("privateIPAddress") == address:
                        return not self._world.faults.data_plane_is_dark(self._world.documents.location_of(network_id))
        return False

    def _out(self, network_id: str, hop: Hop, flow: Flow, left: int, guarded: bool) -> End:
        """By the network's gateway to whoever told it of the longest prefix."""
        if hop.where:
            gateway = azure_side.gateway(self._world, hop.where)
        else:
            gateway = next(iter(azure_side.gateways_for(self._world, network_id)), None)
        if gateway is None or self._world.faults.data_plane_is_dark(gateway.region):
            return End(False, f"the gateway of {ids.last(network_id)} does not answer")
        paths = [path for path in self._tables.of(gateway.id) if addresses.contains([path.prefix], flow.destination)]
        if not paths:
            return End(False, f"gateway {gateway.name} has no route to {flow.destination}")
        longest = max(paths, key=lambda path: net(path.prefix).prefixlen).prefix
        known = {site_key(site): site for site in sites(self._world).values()}
        ends = []
        for path in self._tables.best(gateway.id, longest):
            if path.owner and ids.key(path.owner) in known:
                ends.append(End(True, f"{ids.last(path.owner)} by way of {gateway.name}", site=ids.key(path.owner)))
            elif path.via in known:
                ends.append(self._by_device(known[path.via], flow, left - 1, guarded=guarded))
            else:
                entry = azure_side.gateway(self._world, path.gateway)
                ends.append(self._into(entry, flow, left - 1, guarded) if entry else End(False, "its gateway is gone"))
        return next((end for end in ends if not end.reached), ends[0])


def routes_to(site: Site, address: str) -> list[Route]:
    """The routes that the device uses for an address: of the longest prefix, the best ones."""
    host = ipaddress.ip_address(address)
    matching = {route.prefix for route in site.routes.values() if host in net(route.prefix)}
    return site.best(max(matching, key=lambda prefix: net(prefix).prefixlen)) if matching else []


def forwards(world: World, machine: Machine) -> bool:
    """An interface takes packets for others only with IP forwarding enabled (documented)."""
    document = world.documents.get(machine.id)
    references = (document["properties"].get("networkProfile") or {}).get("networkInterfaces") or () if document else ()
    interfaces = [world.documents.get(str(one.get("id"))) for one in references]
    return any(one is not None and one["properties"].get("enableIPForwarding") for one in interfaces)


def is_public(address: str) -> bool:
    return not ipaddress.ip_address(address).is_private or address.startswith("198.51.100.")


def _host_of(site: Site) -> str:
    """An address at the site that talks: the first usable of its first prefix."""
    if not site.prefixes:
        return ""
    prefix = net(site.prefixes[0])
    return str(prefix[1] if prefix.num_addresses > 2 else prefix[0])
