"""Which paths this room answers: five verbs per kind, made from the table, and the actions by name."""

from __future__ import annotations

from simulator.core.web import Request, Response, Url
from simulator.core.world import World
from simulator.network import availability, circuits, nets, parts, reach, readings, service_tags, watcher, wire
from simulator.network.kind import Kind
from simulator.network.kinds import ENGINE, KINDS, PEERING

_SUBSCRIPTION = "/subscriptions/{subscription}"
_PROVIDER = f"{_SUBSCRIPTION}/resourceGroups/{{group}}/providers/Microsoft.Network"
_LOCATION = f"{_SUBSCRIPTION}/providers/Microsoft.Network/locations/{{location}}"


def _put_peering(world: World, request: Request) -> Response:
    """With ``syncRemoteAddressSpace=true`` the remote network's address space is taken anew."""
    peering = world.documents.get(request.path)
    if peering is not None and (request.argument("syncRemoteAddressSpace") or "").lower() == "true":
        nets.sync_peering(world, peering)
    return ENGINE.put(world, request)


def _of(kind: Kind) -> list[Url]:
    collection = kind.pattern.rsplit("/", 1)[0]

    def in_parent(world: World, request: Request) -> Response:
        return ENGINE.list_children(world, request, kind.type)

    def in_group(world: World, request: Request) -> Response:
        scope = f"/subscriptions/{request.params['subscription']}/resourceGroups/{request.params['group']}"
        return ENGINE.list(world, request, kind.type, scope)

    def in_subscription(world: World, request: Request) -> Response:
        return ENGINE.list(world, request, kind.type, f"/subscriptions/{request.params['subscription']}")

    rows = [
        Url("GET", kind.pattern, ENGINE.get),
        Url("PUT", kind.pattern, _put_peering if kind.type == PEERING else ENGINE.put),
        Url("DELETE", kind.pattern, ENGINE.delete),
        Url("GET", collection, in_parent if kind.is_child else in_group),
    ]
    if not kind.is_child:
        rows.append(Url("PATCH", kind.pattern, ENGINE.patch))
        everywhere = f"{_SUBSCRIPTION}/providers/{kind.type}"
        rows.append(Url("GET", everywhere, in_subscription))
    return rows


_GATEWAY = f"{_PROVIDER}/virtualNetworkGateways/{{gateway}}"
_CONNECTION = f"{_PROVIDER}/connections/{{connection}}"
_NETWORK = f"{_PROVIDER}/virtualNetworks/{{network}}"
_INTERFACE = f"{_PROVIDER}/networkInterfaces/{{interface}}"
_GROUP = f"{_PROVIDER}/networkSecurityGroups/{{security_group}}"
_CIRCUIT = f"{_PROVIDER}/expressRouteCircuits/{{circuit}}"
_CIRCUIT_PEERING = f"{_CIRCUIT}/peerings/{{peering}}"
_WATCHER = f"{_PROVIDER}/networkWatchers/{{watcher}}"

URLS = [
    *(row for kind in KINDS for row in _of(kind)),
    Url("GET", f"{_NETWORK}/usages", availability.usages),
    Url("GET", f"{_LOCATION}/CheckDnsNameAvailability", availability.check_name),
    Url("GET", f"{_INTERFACE}/ipConfigurations", parts.list_parts),
    Url("GET", f"{_INTERFACE}/ipConfigurations/{{part}}", parts.get_part),
    Url("GET", f"{_GROUP}/defaultSecurityRules", parts.list_parts),
    Url("GET", f"{_GROUP}/defaultSecurityRules/{{part}}", parts.get_part),
    Url("POST", f"{_INTERFACE}/effectiveNetworkSecurityGroups", watcher.effective_groups),
    Url("GET", f"{_NETWORK}/CheckIPAddressAvailability", availability.check_address),
    Url("GET", f"{_NETWORK}/subnets/{{subnet}}/ServiceAssociationLinks", availability.no_links),
    Url("GET", f"{_NETWORK}/subnets/{{subnet}}/ResourceNavigationLinks", availability.no_links),
    Url("GET", f"{_LOCATION}/serviceTags", service_tags.list_tags),
    Url("GET", f"{_CIRCUIT}/stats", circuits.stats),
    Url("GET", f"{_CIRCUIT_PEERING}/stats", circuits.stats),
    Url("POST", f"{_CIRCUIT_PEERING}/arpTables/{{device}}", circuits.device_table),
    Url("POST", f"{_CIRCUIT_PEERING}/routeTables/{{device}}", circuits.device_table),
    Url("POST", f"{_CIRCUIT_PEERING}/routeTablesSummary/{{device}}", circuits.device_table),
    Url("GET", f"{_CIRCUIT_PEERING}/peerConnections", circuits.no_peer_connections),
    Url("GET", f"{_CIRCUIT_PEERING}/peerConnections/{{connection}}", circuits.no_peer_connection),
    Url("GET", f"{_LOCATION}/operations/{{operation}}", wire.get_operation),
    Url("GET", f"{_LOCATION}/operationResults/{{operation}}", wire.get_result),
    Url("GET", f"{_LOCATION}/nfvOperations/{{operation}}", wire.get_operation),
    Url("GET", f"{_LOCATION}/nfvOperationResults/{{operation}}", wire.get_result),
    Url("POST", f"{_GATEWAY}/getLearnedRoutes", readings.learned_routes),
    Url("POST", f"{_GATEWAY}/getAdvertisedRoutes", readings.advertised_routes),
    Url("POST", f"{_GATEWAY}/getBgpPeerStatus", readings.bgp_peer_status),
    Url("POST", f"{_GATEWAY}/reset", readings.reset_gateway),
    Url("GET", f"{_CONNECTION}/sharedkey", readings.get_shared_key),
    Url("PUT", f"{_CONNECTION}/sharedkey", readings.put_shared_key),
    Url("POST", f"{_CONNECTION}/sharedkey/reset", readings.reset_shared_key),
    Url("POST", f"{_INTERFACE}/effectiveRouteTable", readings.effective_routes),
    Url("POST", f"{_WATCHER}/nextHop", reach.next_hop),
    Url("POST", f"{_WATCHER}/connectivityCheck", reach.connectivity_check),
    Url("POST", f"{_WATCHER}/ipFlowVerify", watcher.ip_flow_verify),
    Url("POST", f"{_WATCHER}/networkConfigurationDiagnostic", watcher.configuration_diagnostic),
    Url("POST", f"{_WATCHER}/securityGroupView", watcher.security_group_view),
    Url("POST", f"{_WATCHER}/topology", watcher.get_topology),
    Url("POST", f"{_WATCHER}/troubleshoot", watcher.troubleshoot),
    Url("POST", f"{_WATCHER}/queryTroubleshootResult", watcher.query_troubleshooting),
]
