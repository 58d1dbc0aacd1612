"""Public addresses, virtual network gateways, local network gateways and connections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.estates.networks import GATEWAY_SUBNET, subnet_id
from simulator.estates.place import Document, Place

AZURE_ASN = 65515


def public_address(place: Place, name: str, address: str) -> Document:
    document = place.network_resource("publicIPAddresses", name)
    document["properties"] |= {
        "ipAddress": address,
        "publicIPAddressVersion": "IPv4",
        "publicIPAllocationMethod": "Static",
        "idleTimeoutInMinutes": 4,
        "ipTags": [],
    }
    document["sku"] = {"name": "Standard", "tier": "Regional"}
    return document


def vpn_gateway(
    place: Place,
    name: str,
    network: Document,
    addresses: Sequence[Document],
    peering: Sequence[str],
    *,
    asn: int = AZURE_ASN,
    bgp: bool = True,
    custom: Sequence[Sequence[str]] = (),
) -> Document:
    """A VPN gateway: one public address an instance (two: active-active), and the BGP address of each in ``peering``.

    ``custom`` are APIPA addresses, a sequence an instance.
    """
    document = place.network_resource("virtualNetworkGateways", name)
    configurations = _configurations(document, network, addresses)
    document["properties"] |= {
        "packetCaptureDiagnosticState": "None",
        "enablePrivateIpAddress": False,
        "ipConfigurations": configurations,
        "natRules": [],
        "enableBgpRouteTranslationForNat": False,
        "sku": {"name": "VpnGw2", "tier": "VpnGw2", "capacity": 2},
        "gatewayType": "Vpn",
        "vpnType": "RouteBased",
        "enableBgp": bgp,
        "activeActive": len(addresses) > 1,
        "bgpSettings": {
            "asn": asn,
            "bgpPeeringAddress": ",".join(peering),
            "peerWeight": 0,
            "bgpPeeringAddresses": [
                {
                    "ipconfigurationId": configuration["id"],
                    "defaultBgpIpAddresses": [peering[number]],
                    "customBgpIpAddresses": list(custom[number]) if custom else [],
                    "tunnelIpAddresses": [addresses[number]["properties"]["ipAddress"]],
                }
                for number, configuration in enumerate(configurations)
            ],
        },
        "vpnGatewayGeneration": "Generation2",
    }
    return document


def expressroute_gateway(place: Place, name: str, network: Document, address: Document) -> Document:
    document = place.network_resource("virtualNetworkGateways", name)
    document["properties"] |= {
        "packetCaptureDiagnosticState": "None",
        "enablePrivateIpAddress": False,
        "ipConfigurations": _configurations(document, network, [address]),
        "natRules": [],
        "enableBgpRouteTranslationForNat": False,
        "sku": {"name": "ErGw1AZ", "tier": "ErGw1AZ", "capacity": 2},
        "gatewayType": "ExpressRoute",
        "vpnType": "RouteBased",
        "enableBgp": False,
        "activeActive": False,
        "vpnGatewayGeneration": "None",
        "allowRemoteVnetTraffic": False,
        "allowVirtualWanTraffic": False,
    }
    return document


def _configurations(gateway: Document, network: Document, addresses: Sequence[Document]) -> list[Document]:
    names = ["default", "second"][: len(addresses)]
    return [_configuration(gateway, name, network, one) for name, one in zip(names, addresses, strict=True)]


def _configuration(gateway: Document, name: str, network: Document, address: Document) -> Document:
    configuration = {
        "name": name,
        "id": f"{gateway['id']}/ipConfigurations/{name}",
        "etag": gateway["etag"],
        "type": f"{gateway['type']}/ipConfigurations",
        "properties": {
            "provisioningState": "Succeeded",
            "privateIPAllocationMethod": "Dynamic",
            "publicIPAddress": {"id": address["id"]},
            "subnet": {"id": subnet_id(network, GATEWAY_SUBNET)},
        },
    }
    address["properties"]["ipConfiguration"] = {"id": configuration["id"]}
    return configuration


def local_network_gateway(
    place: Place, name: str, address: str, prefixes: Sequence[str], bgp: tuple[int, str] | None = None
) -> Document:
    """A device at ``address`` with ``prefixes`` behind it; ``bgp`` is its ASN and peering address."""
    document = place.network_resource("localNetworkGateways", name)
    document["properties"] |= {
        "localNetworkAddressSpace": {"addressPrefixes": list(prefixes)},
        "gatewayIpAddress": address,
    }
    if bgp:
        document["properties"]["bgpSettings"] = {"asn": bgp[0], "bgpPeeringAddress": bgp[1], "peerWeight": 0}
    return document


def site_to_site(
    place: Place, name: str, gateway: Document, local: Document, *, bgp: bool = True, **changes: Any
) -> Document:
    """An IPsec connection that is up; ``changes`` are further properties, or others than these."""
    ends = {"localNetworkGateway2": {"id": local["id"]}, "connectionType": "IPsec"}
    return _connection(place, name, gateway, ends, {**_IPSEC, "enableBgp": bgp, **changes})


def vnet_to_vnet(place: Place, name: str, gateway: Document, other: Document, **changes: Any) -> Document:
    """One of the two connections that join two gateways; the other one is made at the other end."""
    ends = {"virtualNetworkGateway2": {"id": other["id"]}, "connectionType": "Vnet2Vnet"}
    return _connection(place, name, gateway, ends, {**_IPSEC, "enableBgp": False, **changes})


def expressroute(place: Place, name: str, gateway: Document, circuit: Document, **changes: Any) -> Document:
    """A gateway joined to a circuit. The authorization's key is a secret and not shown."""
    ends = {"peer": {"id": circuit["id"]}, "connectionType": "ExpressRoute"}
    return _connection(place, name, gateway, ends, {**_EXPRESSROUTE, **changes})


_IPSEC: Document = {
    "connectionProtocol": "IKEv2",
    "routingWeight": 10,
    "enableBgp": True,
    "dpdTimeoutSeconds": 45,
}
_EXPRESSROUTE: Document = {
    "routingWeight": 0,
    "enableBgp": False,
    "dpdTimeoutSeconds": 0,
    "enablePrivateLinkFastPath": False,
}


def _connection(place: Place, name: str, gateway: Document, ends: Document, particular: Document) -> Document:
    document = place.network_resource("connections", name)
    first: Document = {
        key: particular[key] for key in ("connectionProtocol", "routingWeight", "enableBgp") if key in particular
    }
    document["properties"] |= {
        "packetCaptureDiagnosticState": "None",
        "virtualNetworkGateway1": {"id": gateway["id"]},
        **ends,
        **first,
        "useLocalAzureIpAddress": False,
        "usePolicyBasedTrafficSelectors": False,
        "ipsecPolicies": [],
        "trafficSelectorPolicies": [],
        "connectionStatus": "Connected",
        "ingressBytesTransferred": 918273645,
        "egressBytesTransferred": 564738291,
        "expressRouteGatewayBypass": False,
        "dpdTimeoutSeconds": particular["dpdTimeoutSeconds"],
        "connectionMode": "Default",
    }
    document["properties"] |= particular
    return document
