"""What a network watcher tells: would a packet pass, which group decided, what hangs together, is a gateway well.

Recorded: network watcher tests of the command line and the SDK (api-version 2020-07-01). ``securityGroupView`` was
recorded empty both times, for machines a minute old; what it shows later is not known here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.network import gateways, topology
from simulator.network.readings import begin_reading, no_target, read, target_of, watch
from simulator.network.wire import poll_url

MACHINE = "Microsoft.Compute/virtualMachines"
_RESULTS = "network.troubleshooting"
_NO_CONNECTIONS: dict[str, Any] = {
    "id": "NoConnectionsFoundForGateway",
    "summary": "No connections have been created on the gateway",
    "detail": "A cross-premises or VNet-to-VNet connection needs to be created on the gateway.",
    "recommendedActions": [
        {
            "actionText": "Create a cross premises connection",
            "actionUri": "https://azure.microsoft.com/en-us/documentation/articles/"
            "vpn-gateway-howto-site-to-site-resource-manager-portal/",
            "actionUriText": "cross premises",
        },
        {
            "actionText": "Create a VNet-to-VNet connection",
            "actionUri": "https://docs.microsoft.com/en-us/azure/vpn-gateway/"
            "vpn-gateway-howto-vnet-vnet-resource-manager-portal",
            "actionUriText": "VNet-to-VNet",
        },
        {
            "actionText": "If you are experiencing problems you believe are caused by Azure, contact support",
            "actionUri": "http://azure.microsoft.com/support",
            "actionUriText": "contact support",
        },
    ],
}


def ip_flow_verify(world: World, request: Request) -> Response:
    """Which rule decides of one flow; refused at once where no group guards the interface."""
    content = request.json or {}
    interface = _interface(world, str(content.get("targetResourceId", "")), str(content.get("localIPAddress", "")))
    if interface is None:
        return no_target(content.get("targetResourceId"))
    groups = _groups(world, interface)
    if not groups:
        message = f"No NSG applied on nic to allow or block traffic, nic id {interface['id']}."
        return errors.error(400, "NsgsNotAppliedOnNic", message, [])
    inbound = str(content.get("direction", "")).lower() == "inbound"
    ends = (str(content.get("remoteIPAddress")), str(content.get("localIPAddress")))
    ports = (str(content.get("remotePort")), str(content.get("localPort")))
    flow = _flow(content, ends, ports) if inbound else _flow(content, ends[::-1], ports[::-1])

    def result() -> Document:
        deciding = [_decide(world, group, flow, interface) for group, _ in groups]
        rule = next((rule for rule in deciding if rule["properties"]["access"] == "Deny"), deciding[0])
        kind = "defaultSecurityRules" if "/defaultSecurityRules/" in rule["id"] else "securityRules"
        return {"access": rule["properties"]["access"], "ruleName": f"{kind}/{rule['name']}", "ruleId": ""}

    return watch(world, request, "ipFlowVerify", result)


def configuration_diagnostic(world: World, request: Request) -> Response:
    """The same for several flows, with every rule that was looked at."""
    content = request.json or {}
    target = str(content.get("targetResourceId", ""))
    if target not in world.documents:
        return no_target(target)

    def result() -> Document:
        interface = _interface(world, target, "")
        groups = _groups(world, interface) if interface else []
        found = []
        for profile in content.get("profiles") or ():
            if interface is None or not groups:
                break
            ends = (str(profile.get("source")), str(profile.get("destination")))
            flow = _flow(profile, ends, ("*", str(profile.get("destinationPort"))))
            results = [_evaluated(world, group, on, flow, interface) for group, on in groups]
            denied = any(one["matchedRule"]["action"] == "Deny" for one in results)
            said = {
                "securityRuleAccessResult": "Deny" if denied else "Allow",
                "evaluatedNetworkSecurityGroups": results,
            }
            found.append({"profile": profile, "networkSecurityGroupResult": said})
        return {"results": found}

    return watch(world, request, "networkConfigurationDiagnostic", result)


def security_group_view(world: World, request: Request) -> Response:
    target = str((request.json or {}).get("targetResourceId", ""))
    if target not in world.documents:
        return no_target(target)
    return watch(world, request, "securityGroupView", lambda: {"networkInterfaces": []})


def effective_groups(world: World, request: Request) -> Response:
    """The groups that guard an interface, with their rules (recorded empty for one that none guards)."""
    interface_id = target_of(request)
    interface = world.documents.get(interface_id)
    if interface is None:
        return errors.resource_not_found(interface_id)

    def rows() -> list[Document]:
        return [
            {
                "networkSecurityGroup": {"id": group["id"]},
                "association": {"subnet" if "/subnets/" in on.lower() else "networkInterface": {"id": on}},
                "effectiveSecurityRules": [
                    {"name": rule["name"], **_effective_rule(rule)}
                    for direction in ("inbound", "outbound")
                    for rule in _rules(world, group, direction)
                ],
            }
            for group, on in _groups(world, interface)
        ]

    return read(world, request, interface, "effectiveNetworkSecurityGroups", rows)


def _effective_rule(rule: Document) -> Document:
    kept = ("protocol", "sourcePortRange", "destinationPortRange", "sourceAddressPrefix", "destinationAddressPrefix")
    p = rule["properties"]
    return {name: p.get(name) for name in (*kept, "access", "priority", "direction")}


def get_topology(world: World, request: Request) -> Response:
    """200 with the result at once, and both headers all the same (recorded)."""
    watcher = request.path.rstrip("/").rsplit("/", 1)[0]
    group = str((request.json or {}).get("targetResourceGroupName") or "")
    scope = f"/subscriptions/{request.path.strip('/').split('/')[1]}/resourceGroups/{group}"
    if watcher not in world.documents:
        return errors.resource_not_found(watcher)
    if scope not in world.documents:
        return errors.resource_group_not_found(group)
    operation = world.operations.begin(
        "networkWatchers/topology",
        watcher,
        location=world.documents.location_of(watcher),
        duration=0.0,
        method="POST",
    )
    headers = {
        "Azure-AsyncOperation": poll_url(world, operation, request, "operations"),
        "Location": poll_url(world, operation, request, "operationResults"),
    }
    return Response(200, topology.of_group(world, scope), headers)


def troubleshoot(world: World, request: Request) -> Response:
    """A gateway's or a connection's health, told after two and a half minutes; the last one is kept."""
    target = str((request.json or {}).get("targetResourceId", ""))
    document = world.documents.get(target)
    if document is None:
        return no_target(target)
    began = world.now.isoformat().replace("+00:00", "Z")

    def result() -> Document:
        told = {"startTime": began, "endTime": world.now.isoformat().replace("+00:00", "Z"), **_health(world, document)}
        world.state.setdefault(_RESULTS, {})[ids.key(target)] = told
        return told

    duration = world.draw("troubleshoot", target)
    watcher = request.path.rstrip("/").rsplit("/", 1)[0]
    if watcher not in world.documents:
        return errors.resource_not_found(watcher)
    return begin_reading(world, request, watcher, "troubleshoot", result, duration)


def query_troubleshooting(world: World, request: Request) -> Response:
    target = str((request.json or {}).get("targetResourceId", ""))
    told = world.state.get(_RESULTS, {}).get(ids.key(target))
    return Response(200, told) if told else no_target(target)


def _health(world: World, document: Document) -> Document:
    is_gateway = document["type"].lower() == gateways.GATEWAY.lower()
    if is_gateway and not gateways.connections_of(world, document["id"]):
        return {"code": "UnHealthy", "results": [_NO_CONNECTIONS]}
    return {"code": "Healthy", "results": []}


def _interface(world: World, target: str, address: str) -> Document | None:
    """The machine's interface with this address, else its first."""
    machine = world.documents.get(target)
    if machine is None:
        return None
    if machine["type"].lower() != MACHINE.lower():
        return machine
    references = machine["properties"].get("networkProfile", {}).get("networkInterfaces") or ()
    found = [nic for nic in (world.documents.get(str(one.get("id"))) for one in references) if nic is not None]
    own = [nic for nic in found if address in {_address(c) for c in nic["properties"].get("ipConfigurations", ())}]
    return next(iter(own or found), None)


def _address(configuration: Document) -> str:
    return str(configuration["properties"].get("privateIPAddress", ""))


def _groups(world: World, interface: Document) -> list[tuple[Document, str]]:
    """(group, what it is applied to) of an interface and of its subnet."""
    owners: list[tuple[Document, str]] = [(interface, interface["id"])]
    for configuration in interface["properties"].get("ipConfigurations", ()):
        subnet = world.documents.get((configuration["properties"].get("subnet") or {}).get("id") or "")
        if subnet is not None:
            owners.append((subnet, subnet["id"]))
    found = []
    for owner, applied_to in owners:
        group = world.documents.get((owner["properties"].get("networkSecurityGroup") or {}).get("id") or "")
        if group is not None:
            found.append((group, applied_to))
    return found


def _flow(said: Document, ends: tuple[str, str], ports: tuple[str, str]) -> Document:
    return {
        "direction": str(said.get("direction", "")).lower(),
        "protocol": str(said.get("protocol", "")).lower(),
        "source": ends[0],
        "destination": ends[1],
        "sourcePort": ports[0],
        "destinationPort": ports[1],
    }


def _rules(world: World, group: Document, direction: str) -> list[Document]:
    own = world.documents.children(group["id"], "Microsoft.Network/networkSecurityGroups/securityRules")
    rules = [*own, *group["properties"].get("defaultSecurityRules", ())]
    kept = [rule for rule in rules if str(rule["properties"]["direction"]).lower() == direction]
    return sorted(kept, key=lambda rule: int(rule["properties"]["priority"]))


def _matches(rule: Document, flow: Document, space: list[str]) -> Document:
    """What of a rule fits a flow, part by part, as the diagnostic tells it."""
    p = rule["properties"]
    return {
        "protocolMatched": p["protocol"] == "*" or str(p["protocol"]).lower() == flow["protocol"],
        "sourceMatched": _within(p, "sourceAddressPrefix", flow["source"], space),
        "sourcePortMatched": _port(p, "sourcePortRange", flow["sourcePort"]),
        "destinationMatched": _within(p, "destinationAddressPrefix", flow["destination"], space),
        "destinationPortMatched": _port(p, "destinationPortRange", flow["destinationPort"]),
    }


def _decide(world: World, group: Document, flow: Document, interface: Document) -> Document:
    space = _space(world, interface)
    rules = _rules(world, group, flow["direction"])
    return next(rule for rule in rules if all(_matches(rule, flow, space).values()))


def _evaluated(world: World, group: Document, on: str, flow: Document, interface: Document) -> Document:
    space, looked_at = _space(world, interface), []
    for rule in _rules(world, group, flow["direction"]):
        matches = _matches(rule, flow, space)
        default = "/defaultSecurityRules/" in rule["id"]
        name = f"DefaultRule_{rule['name']}" if default else f"UserRule_{rule['name']}"
        looked_at.append({"name": name, **matches})
        if all(matches.values()):
            action = rule["properties"]["access"]
            break
    return {
        "networkSecurityGroupId": group["id"],
        "appliedTo": on,
        "matchedRule": {"ruleName": name, "action": action},
        "rulesEvaluationResult": looked_at,
    }


def _space(world: World, interface: Document) -> list[str]:
    for configuration in interface["properties"].get("ipConfigurations", ()):
        subnet = str((configuration["properties"].get("subnet") or {}).get("id") or "")
        network = world.documents.get(subnet.rsplit("/subnets/", 1)[0])
        if network is not None:
            return list((network["properties"].get("addressSpace") or {}).get("addressPrefixes") or ())
    return []


def _within(properties: Document, name: str, address: str, space: list[str]) -> bool:
    said = [properties.get(name) or "", *(properties.get(f"{name}es") or ())]
    return any(_covers(prefix, address, space) for prefix in said if prefix)


def _covers(prefix: str, address: str, space: list[str]) -> bool:
    """One prefix or service tag; the load balancer's tag stands for any destination, as recorded."""
    if prefix in ("*", address):
        return True
    if prefix == "VirtualNetwork":
        return _in_any(space, address)
    if prefix == "Internet":
        return not _in_any(space, address) and not _is_private(address)
    return _in_any([prefix], address)


def _in_any(prefixes: Iterable[str], address: str) -> bool:
    try:
        return any(ipaddress.ip_address(address) in ipaddress.ip_network(prefix) for prefix in prefixes)
    except ValueError:
        return False


def _is_private(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


def _port(properties: Document, name: str, port: str) -> bool:
    said = [properties.get(name) or "", *(properties.get(f"{name}s") or ())]
    return any(one == "*" or port == "*" or _in_range(one, port) for one in said if one)


def _in_range(ports: str, port: str) -> bool:
    low, _, high = ports.partition("-")
    return port.isdigit() and low.isdigit() and int(low) <= int(port) <= int(high or low)
