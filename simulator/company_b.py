"""Company B's estate: the network of the main job, as ARM documents and one on-premises site.

East Asia runs three tiers of machines in 10.1.0.0/16, joined to a datacenter (10.50.0.0/16) by a site-to-site VPN with
BGP. Southeast Asia holds a recovery network of the same space, its gateway provisioned and connected to nothing. The
documents are shaped as ``az resource show`` prints them; no secret is among them.

``python -m simulator.company_b [MACHINES] > estates/company-b.json`` writes the file that the repository ships.
"""

from __future__ import annotations

import json
import sys
import uuid
from typing import Any

from simulator.site_recovery.company_b_items import protected_estate

Document = dict[str, Any]

SUBSCRIPTION_ID = "0000b0b0-0000-4000-8000-00000000b0b0"
SUBSCRIPTION = f"/subscriptions/{SUBSCRIPTION_ID}"
SOURCE, RECOVERY, DR = "rg-companyb-eastasia", "rg-companyb-southeastasia", "rg-companyb-dr"
EAST_ASIA, SOUTHEAST_ASIA = "eastasia", "southeastasia"
SPACE = "10.1.0.0/16"
SUBNETS = {"web": "10.1.1.0/24", "app": "10.1.2.0/24", "data": "10.1.3.0/24"}
SITE = {"asn": 65050, "publicAddress": "203.0.113.10", "bgpPeeringAddress": "10.50.255.1"}

_SPACE_OF_GUIDS = uuid.UUID("5b6d1d0e-90b5-4f0e-9d0c-0000b0b0b0b0")


def company_b(virtual_machines: int = 9) -> list[Document]:
    """The whole estate; the machines are spread over the tiers in thirds."""
    return [
        resource_group(SOURCE, EAST_ASIA),
        resource_group(RECOVERY, SOUTHEAST_ASIA),
        resource_group(DR, SOUTHEAST_ASIA),
        *_network_side(SOURCE, EAST_ASIA, "10.1.255", "198.51.100.21"),
        connection(),
        *_network_side(RECOVERY, SOUTHEAST_ASIA, "10.1.254", "198.51.100.34"),
        *_disaster_recovery(),
        *protected_estate(virtual_machines),
        datacenter(),
    ]


def datacenter() -> Document:
    """The on-premises site: its router, where its routes can be read, and the hook that drops a peer."""
    return {
        "id": "/onPremises/datacenter",
        "type": "Bridgehead.OnPremises/sites",
        "name": "datacenter",
        "properties": {
            **SITE,
            "prefixes": ["10.50.0.0/16"],
            "lookingGlassUrl": "https://looking-glass.companyb.example/datacenter",
            "automationUrl": "https://automation.companyb.example/datacenter",
            "automationSecret": {"vault": "kv-companyb-dr", "secret": "fence-datacenter"},
            "sharedKey": {"vault": "kv-companyb-dr", "secret": "psk-datacenter"},
            "staticRoutes": [],
        },
    }


def resource_group(name: str, location: str) -> Document:
    return {
        "id": f"{SUBSCRIPTION}/resourceGroups/{name}",
        "name": name,
        "type": "Microsoft.Resources/resourceGroups",
        "location": location,
        "tags": {"application": "companyb"},
        "properties": {"provisioningState": "Succeeded"},
    }


def _network_side(group: str, region: str, gateway_net: str, public_address: str) -> list[Document]:
    return [
        _virtual_network(group, region, f"{gateway_net}.0/27"),
        _public_address(group, region, public_address),
        _gateway(group, region, f"{gateway_net}.30", public_address),
        _local_network_gateway(group, region),
    ]


def _virtual_network(group: str, region: str, gateway_subnet: str) -> Document:
    document = _network(group, "virtualNetworks", f"vnet-companyb-{region}", region)
    subnets = {**SUBNETS, "GatewaySubnet": gateway_subnet}
    document["properties"] |= {
        "addressSpace": {"addressPrefixes": [SPACE]},
        "subnets": [_subnet(document, name, prefix) for name, prefix in subnets.items()],
        "virtualNetworkPeerings": [],
        "enableDdosProtection": False,
    }
    return document


def _subnet(network: Document, name: str, prefix: str) -> Document:
    return {
        "name": name,
        "id": f"{network['id']}/subnets/{name}",
        "etag": network["etag"],
        "properties": {
            "provisioningState": "Succeeded",
            "addressPrefix": prefix,
            "delegations": [],
            "privateEndpointNetworkPolicies": "Disabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
        },
        "type": "Microsoft.Network/virtualNetworks/subnets",
    }


def _public_address(group: str, region: str, address: str) -> Document:
    document = _network(group, "publicIPAddresses", f"pip-vgw-companyb-{region}", region)
    configuration = f"{_id(group, 'virtualNetworkGateways', f'vgw-companyb-{region}')}/ipConfigurations/default"
    document["properties"] |= {
        "ipAddress": address,
        "publicIPAddressVersion": "IPv4",
        "publicIPAllocationMethod": "Static",
        "idleTimeoutInMinutes": 4,
        "ipTags": [],
        "ipConfiguration": {"id": configuration},
    }
    document["sku"] = {"name": "Standard", "tier": "Regional"}
    return document


def _gateway(group: str, region: str, peering_address: str, public_address: str) -> Document:
    document = _network(group, "virtualNetworkGateways", f"vgw-companyb-{region}", region)
    configuration = f"{document['id']}/ipConfigurations/default"
    subnet = f"{_id(group, 'virtualNetworks', f'vnet-companyb-{region}')}/subnets/GatewaySubnet"
    document["properties"] |= {
        "packetCaptureDiagnosticState": "None",
        "enablePrivateIpAddress": False,
        "ipConfigurations": [
            {
                "name": "default",
                "id": configuration,
                "etag": document["etag"],
                "type": "Microsoft.Network/virtualNetworkGateways/ipConfigurations",
                "properties": {
                    "provisioningState": "Succeeded",
                    "privateIPAllocationMethod": "Dynamic",
                    "publicIPAddress": {"id": _id(group, "publicIPAddresses", f"pip-vgw-companyb-{region}")},
                    "subnet": {"id": subnet},
                },
            }
        ],
        "natRules": [],
        "enableBgpRouteTranslationForNat": False,
        "sku": {"name": "VpnGw2", "tier": "VpnGw2", "capacity": 2},
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "enableBgp": True,
        "activeActive": False,
        "bgpSettings": {
            "asn": 65515,
            "bgpPeeringAddress": peering_address,
            "peerWeight": 0,
            "bgpPeeringAddresses": [
                {
                    "ipconfigurationId": configuration,
                    "defaultBgpIpAddresses": [peering_address],
                    "customBgpIpAddresses": [],
                    "tunnelIpAddresses": [public_address],
                }
            ],
        },
        "vpnGatewayGeneration": "Generation2",
    }
    return document


def _local_network_gateway(group: str, region: str) -> Document:
    document = _network(group, "localNetworkGateways", f"lng-datacenter-{region}", region)
    peering = str(SITE["bgpPeeringAddress"])
    document["properties"] |= {
        "localNetworkAddressSpace": {"addressPrefixes": [f"{peering}/32"]},
        "gatewayIpAddress": SITE["publicAddress"],
        "bgpSettings": {"asn": SITE["asn"], "bgpPeeringAddress": peering, "peerWeight": 0},
    }
    return document


def connection() -> Document:
    """The one connection that exists before the event: East Asia to the datacenter."""
    document = _network(SOURCE, "connections", "cn-eastasia-datacenter", EAST_ASIA)
    document["properties"] |= {
        "packetCaptureDiagnosticState": "None",
        "virtualNetworkGateway1": {"id": _id(SOURCE, "virtualNetworkGateways", "vgw-companyb-eastasia")},
        "localNetworkGateway2": {"id": _id(SOURCE, "localNetworkGateways", "lng-datacenter-eastasia")},
        "connectionType": "IPsec",
        "connectionProtocol": "IKEv2",
        "routingWeight": 10,
        "enableBgp": True,
        "useLocalAzureIpAddress": False,
        "usePolicyBasedTrafficSelectors": False,
        "ipsecPolicies": [],
        "trafficSelectorPolicies": [],
        "connectionStatus": "Connected",
        "ingressBytesTransferred": 918273645,
        "egressBytesTransferred": 564738291,
        "expressRouteGatewayBypass": False,
        "dpdTimeoutSeconds": 45,
        "connectionMode": "Default",
    }
    return document


def _disaster_recovery() -> list[Document]:
    """What a run itself leans on, none of it in East Asia: Key Vault, workspace, Network Watcher."""
    vault: Document = {
        "id": f"{SUBSCRIPTION}/resourceGroups/{DR}/providers/Microsoft.KeyVault/vaults/kv-companyb-dr",
        "name": "kv-companyb-dr",
        "type": "Microsoft.KeyVault/vaults",
        "location": SOUTHEAST_ASIA,
        "tags": {},
        "properties": {
            "sku": {"family": "A", "name": "standard"},
            "tenantId": _guid("tenant"),
            "enableRbacAuthorization": True,
            "enableSoftDelete": True,
            "vaultUri": "https://kv-companyb-dr.vault.azure.net/",
            "provisioningState": "Succeeded",
            "secretNames": ["psk-datacenter", "fence-datacenter"],
        },
    }
    workspace: Document = {
        "id": f"{SUBSCRIPTION}/resourceGroups/{DR}/providers/Microsoft.OperationalInsights/workspaces/law-companyb-dr",
        "name": "law-companyb-dr",
        "type": "Microsoft.OperationalInsights/workspaces",
        "location": SOUTHEAST_ASIA,
        "properties": {
            "customerId": _guid("workspace"),
            "provisioningState": "Succeeded",
            "sku": {"name": "PerGB2018"},
            "retentionInDays": 30,
        },
    }
    regions = (EAST_ASIA, SOUTHEAST_ASIA)
    watchers = [_network(DR, "networkWatchers", f"NetworkWatcher_{region}", region) for region in regions]
    for watcher in watchers:
        del watcher["properties"]["resourceGuid"]
        watcher["properties"]["runningOperationIds"] = []
    return [vault, workspace, *watchers]


def _network(group: str, kind: str, name: str, region: str) -> Document:
    resource_id = _id(group, kind, name)
    return {
        "name": name,
        "id": resource_id,
        "etag": f'W/"{_guid("etag", resource_id)}"',
        "type": f"Microsoft.Network/{kind}",
        "location": region,
        "properties": {"provisioningState": "Succeeded", "resourceGuid": _guid(resource_id)},
    }


def _id(group: str, kind: str, name: str) -> str:
    return f"{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.Network/{kind}/{name}"


def _guid(*words: str) -> str:
    return str(uuid.uuid5(_SPACE_OF_GUIDS, "|".join(words)))


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    json.dump(company_b(count), sys.stdout, indent=2)
    sys.stdout.write("\n")
