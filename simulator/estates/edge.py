"""Northwind's fleet of edge devices: Pro R by site-to-site tunnels, Mini R as clients of the gateway in East US.

Traffic to Azure's services goes through the gateway to a firewall at 10.20.1.4: the gateway's subnet has a route for
each range of the services, the other subnets one back to the clients. ``edge_service``: the services fail over to
West US. ``edge_region``: all of East US fails, and West US holds a resource group and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.estates.gateways import local_network_gateway, public_address, site_to_site, vpn_gateway
from simulator.estates.networks import route_table, virtual_network
from simulator.estates.place import Document, Owner, Place
from simulator.estates.surroundings import key_vault, site

OWNER = Owner.named("northwind", "0000e0e0-0000-4000-8000-00000000e0e0")
HOME = OWNER.at("rg-edge-eastus", "eastus")
TARGET = OWNER.at("rg-edge-westus", "westus")
SHARED = OWNER.at("rg-edge-shared", "centralus")

KEY_VAULT = "kv-edge-shared"
FIREWALL_ADDRESS = "10.20.1.4"
POOL = "172.16.0.0/22"
ROOT = "northwind-edge-root"
PRO = ("mill", "quarry")
SERVICES = ("Storage", "AzureKeyVault")
RANGES = {("Storage", "eastus"): (0, 12), ("Storage", "westus"): (1, 14),
          ("AzureKeyVault", "eastus"): (2, 4), ("AzureKeyVault", "westus"): (3, 6)}  # fmt: skip
"""(service, region) -> a block of the benchmarking addresses 198.18.0.0/15, and how many ranges it has."""
CLIENT_TYPE = "Bridgehead.OnPremises/vpnClients"


def edge_service(clients: int = 198) -> list[Document]:
    return [*_surroundings(), *_home(), service_tags(), *fleet(clients)]


def edge_region(clients: int = 10) -> list[Document]:
    return [*_surroundings(), TARGET.resource_group(), *_home(), service_tags(), *fleet(clients)]


def fleet(clients: int) -> list[Document]:
    """What stands on-premises: a site for each Pro R, a VPN client for each Mini R."""
    sites = [
        site(name, "northwind.example", KEY_VAULT, publicAddress=f"203.0.113.{81 + number}",
             prefixes=[f"10.2{number + 1}.0.0/24"])
        for number, name in enumerate(PRO)
    ]  # fmt: skip
    return [*sites, *(_client(f"edge-{number:03d}") for number in range(1, clients + 1))]


def _client(name: str) -> Document:
    return {
        "id": f"/onPremises/{name}",
        "type": CLIENT_TYPE,
        "name": name,
        "properties": {"clientName": name, "rootCertificate": ROOT},
    }


def service_tags(ranges: dict[tuple[str, str], tuple[int, int]] | None = None) -> Document:
    """The list as the Service Tags API answers it: a tag for each service and region, and for each region's cloud."""
    ranges = ranges or RANGES
    values = [_tag(service, region, prefixes_of(*at)) for (service, region), at in ranges.items()]
    for region in dict.fromkeys(region for _, region in ranges):
        whole = [prefix for (_, where), at in ranges.items() if where == region for prefix in prefixes_of(*at)]
        values.append(_tag("AzureCloud", region, whole))
    return {
        "id": f"/subscriptions/{OWNER.subscription_id}/providers/Microsoft.Network/serviceTags/Public",
        "name": "Public",
        "type": "Microsoft.Network/serviceTags",
        "changeNumber": "145",
        "cloud": "Public",
        "values": sorted(values, key=lambda value: str(value["name"])),
        "nextLink": "",
    }


def prefixes_of(block: int, count: int) -> list[str]:
    """So many ranges that do not touch each other, and one of IPv6."""
    return [*(f"198.18.{block * 32 + number}.0/25" for number in range(count - 1)), f"2001:db8:{block:x}::/48"]


def _tag(service: str, region: str, prefixes: Iterable[str]) -> Document:
    shown = {"eastus": "EastUS", "westus": "WestUS"}[region]
    name = f"{service}.{region if service == 'AzureCloud' else shown}"
    return {
        "name": name,
        "id": name,
        "serviceTagChangeNumber": "145",
        "properties": {
            "changeNumber": "7",
            "region": region,
            "state": "GA",
            "networkFeatures": ["API", "NSG"] if service == "AzureCloud" else ["API", "NSG", "UDR", "FW"],
            "systemService": "" if service == "AzureCloud" else service,
            "addressPrefixes": list(prefixes),
        },
    }


def _surroundings() -> list[Document]:
    return [
        HOME.resource_group(),
        SHARED.resource_group(),
        key_vault(SHARED, KEY_VAULT, [word for name in PRO for word in (f"psk-{name}", f"fence-{name}")]),
        *_policy(SHARED),
    ]


def _policy(place: Place) -> list[Document]:
    """The firewall's policy, and its group of rules for the fleet."""
    policy = place.network_resource("firewallPolicies", "afwp-edge")
    policy["properties"] |= {"sku": {"tier": "Standard"}, "threatIntelMode": "Alert"}
    group = {
        "id": f"{policy['id']}/ruleCollectionGroups/rcg-edge",
        "name": "rcg-edge",
        "type": "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
        "etag": OWNER.guid("etag", "rcg-edge"),
        "properties": {
            "provisioningState": "Succeeded",
            "priority": 200,
            "ruleCollections": [
                {
                    "ruleCollectionType": "FirewallPolicyFilterRuleCollection",
                    "name": "fleet-to-services",
                    "priority": 100,
                    "action": {"type": "Allow"},
                    "rules": [_rule([f"{service}.EastUS" for service in SERVICES])],
                }
            ],
        },
    }
    return [policy, group]


def _rule(destinations: Sequence[str]) -> Document:
    return {
        "ruleType": "NetworkRule",
        "name": "services",
        "ipProtocols": ["TCP"],
        "sourceAddresses": [POOL],
        "sourceIpGroups": [],
        "destinationAddresses": list(destinations),
        "destinationIpGroups": [],
        "destinationFqdns": [],
        "destinationPorts": ["443"],
    }


def _home() -> list[Document]:
    services = route_table(HOME, "rt-edge-services", _routes())
    incoming = route_table(HOME, "rt-edge-incoming", {"clients": (POOL, FIREWALL_ADDRESS)})
    for route in incoming["properties"]["routes"]:
        route["properties"] |= {"nextHopType": "VirtualNetworkGateway"}
        del route["properties"]["nextHopIpAddress"]
    subnets = {"default": "10.20.0.0/24", "AzureFirewallSubnet": "10.20.1.0/26", "GatewaySubnet": "10.20.255.0/27"}
    tables = {"GatewaySubnet": services, "default": incoming, "AzureFirewallSubnet": incoming}
    network = virtual_network(HOME, "vnet-edge-eastus", "10.20.0.0/16", subnets, tables=tables)
    address = public_address(HOME, "pip-vgw-edge-eastus", "198.51.100.91")
    gateway = vpn_gateway(HOME, "vgw-edge-eastus", network, [address], ["10.20.255.30"], bgp=False)
    gateway["properties"]["vpnClientConfiguration"] = {
        "vpnClientAddressPool": {"addressPrefixes": [POOL]},
        "vpnClientProtocols": ["IkeV2"],
        "vpnAuthenticationTypes": ["Certificate"],
        "vpnClientRootCertificates": [{"name": ROOT, "properties": {"publicCertData": "bm90IGEgY2VydGlmaWNhdGU="}}],
        "vpnClientRevokedCertificates": [],
        "vpnClientIpsecPolicies": [],
    }
    return [services, incoming, network, address, gateway, *_pro(gateway)]


def _routes() -> dict[str, tuple[str, str]]:
    """One for each range of the services at home."""
    home = [prefix for service in SERVICES for prefix in prefixes_of(*RANGES[service, "eastus"]) if ":" not in prefix]
    return {f"service-{number:03d}": (prefix, FIREWALL_ADDRESS) for number, prefix in enumerate(home, 1)}


def _pro(gateway: Document) -> list[Document]:
    found: list[Document] = []
    for number, name in enumerate(PRO):
        local = local_network_gateway(HOME, f"lng-{name}", f"203.0.113.{81 + number}", [f"10.2{number + 1}.0.0/24"])
        found += [local, site_to_site(HOME, f"cn-edge-{name}", gateway, local, bgp=False)]
    return found
