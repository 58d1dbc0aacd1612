"""Moving a fleet: network, gateway and tables in the target region, made like the home region's, then every device.

What is made is planned by ``domain.links.networks``, as for a network of machines; here come the gateway's clients, the
connections of Pro R devices, and route tables that are filled by reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain import arm_ids
from domain.edge.firewall import NSG_TYPE, opening, read_firewall
from domain.edge.model import Edge, EdgeDevice
from domain.edge.packages import region_package
from domain.edge.ranges import ServiceTag, TagList
from domain.edge.routes import ROUTE_LIMIT, TABLE_TYPE, Choice, Table, choose, shared_hop, table_of
from domain.edge.steps import Kept, check_ranges, device_steps, extend, tunnel_checks, write_files
from domain.findings import Findings
from domain.lanes import Stage
from domain.links.networks import Made, Networks, build_steps, read_networks
from domain.plans.links import NetworkPair
from domain.plans.reading import Plan
from domain.runbook import Step
from domain.snapshot import Document, Snapshot, properties
from domain.steps import make_step
from domain.topology import CONNECTION_TYPE, GATEWAY_TYPE, LOCAL_GATEWAY_TYPE, PUBLIC_ADDRESS_TYPE, network_of_gateway

TUNNELS = {"Basic": 10, "VpnGw1": 30, "VpnGw2": 30, "VpnGw3": 30, "VpnGw4": 100, "VpnGw5": 100}
CLIENTS = {"Basic": 0, "VpnGw1": 250, "VpnGw2": 500, "VpnGw3": 1000, "VpnGw4": 5000, "VpnGw5": 10000}
"""What a gateway carries by its SKU: site-to-site tunnels, and IKEv2 clients (sources: Gateways)."""


@dataclass(frozen=True)
class Move:
    """What a move makes. ``tables``: id of a new route table -> the routes that it is filled with."""

    documents: tuple[Document, ...]
    network: str
    gateway: Document
    tables: dict[str, tuple[dict[str, Any], ...]]

    @property
    def public_address(self) -> str:
        return str(next(one["id"] for one in self.documents if one["type"] == PUBLIC_ADDRESS_TYPE))


def move_stages(
    plan: Plan, snapshot: Snapshot, tags: TagList | None, used: tuple[ServiceTag, ...], kept: Kept, findings: Findings
) -> tuple[list[Stage], list[str]]:
    """The stages of a move, and the ids that it writes to."""
    edge = plan.edge
    assert edge is not None
    if edge.ranges.api == plan.primary.region:
        findings.refuse(
            "edge.ranges.api",
            f"{edge.ranges.api}, the region that fails",
            "a location that answers on the day",
            f"every location has the whole list: api: {plan.recovery.region}",
        )
    found = _plan_move(plan, edge, used, findings)
    if found is None or tags is None:
        return [], []
    move, choice = found
    _check_size(edge, move.gateway, findings)
    ready = check_ranges(plan, tags, used, None, 0, kept)
    made = Networks(made=[Made(move.network, move.network, move.documents)])
    built = build_steps(plan, made, (ready.id,))
    step_of = {arm_ids.key(step.target): step for step in built}
    filled = [
        extend(plan, table, "routes", routes, f"fill {arm_ids.name_of(table)}", "routes", kept,
               (step_of[arm_ids.key(table)].id,), at_most=ROUTE_LIMIT)
        for table, routes in move.tables.items()
        if routes
    ]  # fmt: skip
    opened = _opened(plan, edge, choice, used, move, kept, step_of, findings)
    known, joined = _connections(plan, edge, move, ready.id, step_of[arm_ids.key(move.gateway["id"])].id, findings)
    building = (*built, *filled, *opened, *known)
    additions = {tag.service: list(tag.prefixes) for tag in used}
    gates = tuple(step.id for step in (*built, *filled, *opened))
    files = write_files(plan, snapshot, tags, additions, plan.recovery.region, kept, gates)
    devices: list[Step] = []
    reads = {"settings.gateway_address": move.public_address}
    for device in edge.all_devices:
        package = region_package(edge, device, plan.primary.region, plan.recovery.region)
        connect = joined.get(device.name)
        checks = tunnel_checks(device, move.gateway["id"], connect.target if connect else None)
        needs = (files.id, *((connect.id,) if connect else ()))
        devices += device_steps(plan, device, package, checks, needs, reads)
    stages = [
        Stage("ready", "check the ranges", (ready,)),
        Stage("build", "make network, gateway and routes", building, (), ("ready",)),
        Stage("connect", "connect the Pro R devices", tuple(joined.values()), (), ("build",)),
        Stage("file", "write the file for the devices", (files,), (), ("build",)),
        Stage("devices", "change the devices", tuple(devices), (), ("file", "connect") if joined else ("file",)),
    ]
    return [one for one in stages if one.steps], [step.target for step in (*building, *joined.values())]


def _plan_move(plan: Plan, edge: Edge, used: tuple[ServiceTag, ...], findings: Findings) -> tuple[Move, Choice] | None:
    wish = edge.gateway
    assert wish is not None
    like = findings.resolve("edge.gateway.like", GATEWAY_TYPE, wish.like)
    network = network_of_gateway(like) if like else None
    old_table = findings.resolve("edge.routeTable", TABLE_TYPE, edge.route_table)
    if like is None or network is None or old_table is None:
        return None
    planned = _planned(plan, edge, network, findings)
    if planned is None:
        return None
    documents = list(planned.documents)
    gateway = documents[-1]
    clients = properties(like).get("vpnClientConfiguration")
    if clients:
        gateway = {
            **gateway,
            "properties": {**gateway["properties"], "vpnClientConfiguration": _clients(edge, clients)},
        }
    documents[-1] = gateway
    tables: dict[str, tuple[dict[str, Any], ...]] = {}
    choice = _routes(plan, edge, old_table, used, findings)
    if choice is None:
        return None
    for number, document in enumerate(documents):
        if document["type"] == TABLE_TYPE:
            own = arm_ids.name_of(document["id"]).lower().removesuffix("-recovery")
            routes = choice.routes if own == arm_ids.name_of(old_table["id"]).lower() else None
            tables[document["id"]] = routes if routes is not None else _incoming(edge, like, document)
            documents[number] = {**document, "properties": {**document["properties"], "routes": []}}
    return Move(tuple(documents), planned.target, gateway, tables), choice


def _planned(plan: Plan, edge: Edge, network: str, findings: Findings) -> Made | None:
    """Network, subnets, tables, public address and gateway, as ``domain.links.networks`` plans them."""
    wish = edge.gateway
    assert wish is not None
    gateway = {"name": wish.name, "publicAddress": wish.public_address or f"pip-{wish.name}"}
    create = {"name": wish.network or f"{arm_ids.name_of(network)}-{plan.recovery.region}",
              "resourceGroup": wish.resource_group, "gateway": gateway}  # fmt: skip
    pair = NetworkPair.model_validate({"source": network, "create": create})
    own = Findings(findings.snapshot)
    networks = read_networks(plan.model_copy(update={"networks": (pair,)}), own)
    for error in own.errors:
        path = error.path.replace("networks[0].create.gateway", "edge.gateway").replace(
            "networks[0].create", "edge.gateway"
        )
        findings.refuse(
            path.replace("networks[0].source", "edge.gateway.like"), error.found, error.expected, error.hint
        )
    for warning in own.warnings:
        findings.warn(warning.replace("networks[0].create.gateway", "edge.gateway"))
    return networks.made[0] if networks.made and not own.errors else None


def _clients(edge: Edge, clients: dict[str, Any]) -> dict[str, Any]:
    """The gateway's clients as they are, with the plan's address pool where it names one."""
    kept = {name: value for name, value in clients.items() if name not in ("radiusServerSecret", "radiusServers")}
    if edge.client_address_pool:
        kept["vpnClientAddressPool"] = {"addressPrefixes": list(edge.client_address_pool)}
    return kept


def _routes(plan: Plan, edge: Edge, old: Document, used: tuple[ServiceTag, ...], findings: Findings) -> Choice | None:
    """Routes for the services in the target region: the new table starts empty, with the old one's next hop."""
    hop = edge.next_hop or shared_hop(table_of(old), "ipv4")
    there = edge.model_copy(update={"next_hop": hop, "next_hop_ipv6": edge.next_hop_ipv6, "on_limit": "refuse"})
    name = f"{arm_ids.resource_group_id(old['id'])}/providers/{TABLE_TYPE}/{arm_ids.name_of(old['id'])} (new)"
    return choose(there, Table(name, ()), used, plan.recovery.region, findings)


def _incoming(edge: Edge, like: Document, table: Document) -> tuple[dict[str, Any], ...]:
    """The other tables as they are; routes back to the fleet follow its client address pool."""
    routes = tuple(properties(table).get("routes") or ())
    pool = (properties(like).get("vpnClientConfiguration") or {}).get("vpnClientAddressPool") or {}
    before = list(pool.get("addressPrefixes") or ())
    if not edge.client_address_pool or not before:
        return routes
    hops = [one for one in routes if properties(one).get("addressPrefix") in before]
    others = [one for one in routes if properties(one).get("addressPrefix") not in before]
    if not hops:
        return routes
    details = {name: value for name, value in hops[0]["properties"].items() if name != "addressPrefix"}
    fresh = [
        {"name": f"clients-{number}", "properties": {"addressPrefix": prefix, **details}}
        for number, prefix in enumerate(edge.client_address_pool, 1)
    ]
    return (*others, *fresh)


def _opened(
    plan: Plan, edge: Edge, choice: Choice, used: tuple[ServiceTag, ...], move: Move, kept: Kept,
    step_of: dict[str, Step], findings: Findings,
) -> tuple[Step, ...]:  # fmt: skip
    """A policy serves every region; a security group is the new network's own copy."""
    document = read_firewall(edge, findings)
    if document is None:
        return ()
    if document.get("type") != NSG_TYPE and findings.snapshot.region_of_group(document["id"]) == plan.primary.region:
        findings.refuse(
            "edge.firewall.ruleCollectionGroup",
            f"{arm_ids.name_of(document['id'])} in a resource group of {plan.primary.region}",
            "one outside the region that fails: ARM cannot update what such a group holds",
        )
    target, needs = document, [step_of[arm_ids.key(move.network)].id]
    if str(document.get("type") or "").lower() == NSG_TYPE.lower():
        copies = [one for one in move.documents if one["type"] == NSG_TYPE]
        own = [one for one in copies if arm_ids.name_of(one["id"]).removesuffix("-recovery") == document.get("name")]
        if not own:
            findings.refuse("edge.firewall.networkSecurityGroup", f"{document.get('name')}, which no subnet of the "
                            "network has", "the security group of a subnet that moves along")  # fmt: skip
            return ()
        target = own[0]
    elif any(hop == "VirtualAppliance" for hop in _hop_types(choice)):
        policy = arm_ids.name_of(arm_ids.parent_of(document["id"]))
        findings.warn(
            f"routes lead to an appliance: a firewall with the policy {policy} "
            f"must answer at that address in {plan.recovery.region}; Bridgehead does not make one"
        )
    opened = opening(edge, target, choice, used, plan.recovery.region, findings)
    if opened is None:
        return ()
    name = f"{arm_ids.name_of(opened.target)} lets the ranges of {plan.recovery.region} through"
    return (extend(plan, opened.target, opened.field, opened.children, name, "routes", kept, needs),)


def _hop_types(choice: Choice) -> set[str]:
    return {str(properties(route).get("nextHopType")) for route in choice.routes}


def _check_size(edge: Edge, gateway: Document, findings: Findings) -> None:
    """A gateway carries so many tunnels and clients as its SKU says."""
    sku = str((properties(gateway).get("sku") or {}).get("name") or "VpnGw1").removesuffix("AZ")
    pros = sum(device.model == "pro-r" for device in edge.all_devices)
    minis = len(edge.all_devices) - pros
    for count, limits, what, model in ((pros, TUNNELS, "tunnels", "Pro R"), (minis, CLIENTS, "clients", "Mini R")):
        if sku in limits and count > limits[sku]:
            found, expected = f"{count} {model} devices on a {sku} gateway", f"at most {limits[sku]} {what}"
            hint = "a larger SKU, or a plan and a gateway for each part of the fleet"
            findings.refuse("edge.devices", found, expected, hint)


def _connections(
    plan: Plan, edge: Edge, move: Move, ready: str, gateway: str, findings: Findings
) -> tuple[list[Step], dict[str, Step]]:
    """A local network gateway and a connection for each Pro R, like the old ones; connections by device."""
    known: list[Step] = []
    joined: dict[str, Step] = {}
    for index, device in enumerate(edge.all_devices):
        if device.connection is None:
            continue
        path = f"edge.devices[{index}]"
        old = findings.resolve(f"{path}.connection", CONNECTION_TYPE, device.connection)
        if old is None:
            continue
        local = findings.snapshot.get((properties(old).get("localNetworkGateway2") or {}).get("id"))
        if local is None:
            found = f"{device.connection}, whose local network gateway the snapshot does not hold"
            findings.refuse(f"{path}.connection", found, "its local network gateway, too")
        elif device.shared_key is None:
            findings.refuse(f"{path}.sharedKey", "nothing", "the Key Vault secret of the new connection's shared key")
        else:
            known.append(_local_gateway(plan, local, move, ready))
            joined[device.name] = _connection(plan, device, old, known[-1], move, gateway)
    return known, joined


def _local_gateway(plan: Plan, local: Document, move: Move, ready: str) -> Step:
    group = arm_ids.resource_group_id(move.gateway["id"])
    target = f"{group}/providers/{LOCAL_GATEWAY_TYPE}/{_fresh(local, group)}"
    keeps = ("gatewayIpAddress", "fqdn", "localNetworkAddressSpace", "bgpSettings")
    details = {name: properties(local)[name] for name in keeps if properties(local).get(name)}
    name = arm_ids.name_of(target)
    undo = {"kind": "delete-resource", "name": f"remove {name}", "settings": {"lock": []}}
    settings = {"body": {"location": plan.recovery.region, "properties": details}, "lock": []}
    return make_step(
        plan, "put-resource", target, f"make {name}", "build", settings=settings, needs=(ready,), compensation=undo
    )


def _connection(plan: Plan, device: EdgeDevice, old: Document, local: Step, move: Move, gateway: str) -> Step:
    group, key = arm_ids.resource_group_id(move.gateway["id"]), device.shared_key
    target = f"{group}/providers/{CONNECTION_TYPE}/{_fresh(old, group)}"
    kept = ("connectionType", "connectionProtocol", "enableBgp", "routingWeight", "ipsecPolicies", "dpdTimeoutSeconds")
    details = {name: properties(old)[name] for name in kept if properties(old).get(name) is not None}
    details |= {"virtualNetworkGateway1": {"id": move.gateway["id"]}, "localNetworkGateway2": {"id": local.target}}
    settings = {
        "body": {"location": plan.recovery.region, "properties": details},
        "shared_key": key.model_dump() if key else None,
        "mirrors": old["id"],
        "gateway": move.gateway["id"],
    }
    undo = {
        "kind": "disconnect-connection",
        "name": f"remove {arm_ids.name_of(target)}",
        "settings": {"gateway": move.gateway["id"], "site": device.name},
    }
    needs = (local.id, gateway)
    return make_step(
        plan, "connect-connection", target, f"connect {device.name}", "connect",
        settings=settings, needs=needs, compensation=undo,
    )  # fmt: skip


def _fresh(document: Document, group: str) -> str:
    """The old one's name, or where both are in one group another."""
    name = arm_ids.name_of(document["id"])
    return f"{name}-recovery" if arm_ids.same(arm_ids.resource_group_id(document["id"]), group) else name
