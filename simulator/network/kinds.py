"""The kinds of network resource, as a table. Shapes and defaults as recorded (api-versions 2020-07-01, 2021-02-01)."""

from __future__ import annotations

from simulator.network import gateways, nets
from simulator.network.engine import Engine
from simulator.network.kind import GROWING, ONE, TEN, THIRTY, THREE, Kind

NET = "Microsoft.Network/virtualNetworks"
SUBNET = f"{NET}/subnets"
PEERING = f"{NET}/virtualNetworkPeerings"
TABLE = "Microsoft.Network/routeTables"
NSG = "Microsoft.Network/networkSecurityGroups"

KINDS = (
    Kind(
        NET,
        "VirtualNetwork",
        defaults={"enableDdosProtection": False},
        embedded={"subnets": SUBNET, "virtualNetworkPeerings": PEERING},
        retry_after=THREE,
        check=nets.check_network,
        in_use=nets.network_in_use,
    ),
    Kind(
        SUBNET,
        "Subnet",
        defaults={
            "delegations": [],
            "privateEndpointNetworkPolicies": "Enabled",
            "privateLinkServiceNetworkPolicies": "Enabled",
        },
        retry_after=THREE,
        notifies=False,
        guid=False,
        locks=nets.lock_parent,
        in_use=nets.subnet_in_use,
        show=nets.show_subnet,
    ),
    Kind(
        PEERING,
        "VirtualNetworkPeering",
        defaults={
            "peeringState": "Initiated",
            "peeringSyncLevel": "RemoteNotInSync",
            "allowVirtualNetworkAccess": True,
            "allowForwardedTraffic": False,
            "allowGatewayTransit": False,
            "useRemoteGateways": False,
            "doNotVerifyRemoteGateways": False,
            "routeServiceVips": {},
        },
        retry_after=TEN,
        notifies=False,
        locks=nets.lock_both_networks,
        check=nets.check_peering,
        shape=nets.shape_peering,
        stored=nets.join_peering,
        gone=nets.part_peering,
    ),
    Kind(
        "Microsoft.Network/publicIPAddresses",
        "PublicIpAddress",
        defaults={
            "publicIPAddressVersion": "IPv4",
            "publicIPAllocationMethod": "Dynamic",
            "idleTimeoutInMinutes": 4,
            "ipTags": [],
        },
        top={"sku": {"name": "Basic", "tier": "Regional"}},
        retry_after=ONE,
        in_use=nets.public_address_in_use,
        done=nets.give_public_address,
    ),
    Kind(
        "Microsoft.Network/networkInterfaces",
        "NetworkInterface",
        defaults={
            "enableAcceleratedNetworking": False,
            "enableIPForwarding": False,
            "hostedWorkloads": [],
            "tapConfigurations": [],
            "nicType": "Standard",
        },
        retry_after=THIRTY,
        first_state="Succeeded",
        shape=nets.shape_interface,
        in_use=nets.interface_in_use,
    ),
    Kind(
        gateways.GATEWAY,
        "VirtualNetworkGateway",
        defaults={
            "packetCaptureDiagnosticState": "None",
            "enablePrivateIpAddress": False,
            "natRules": [],
            "enableBgpRouteTranslationForNat": False,
            "enableBgp": False,
            "activeActive": False,
            "vpnGatewayGeneration": "Generation1",
        },
        retry_after=GROWING,
        etag_header=False,
        patch_polled=True,
        shape=gateways.shape_gateway,
        done=gateways.finish_gateway,
        show=gateways.show_gateway,
        in_use=gateways.gateway_in_use,
    ),
    Kind(
        gateways.CONNECTION,
        "VirtualNetworkGatewayConnection",
        defaults={
            "packetCaptureDiagnosticState": "None",
            "routingWeight": 0,
            "enableBgp": False,
            "useLocalAzureIpAddress": False,
            "usePolicyBasedTrafficSelectors": False,
            "ipsecPolicies": [],
            "trafficSelectorPolicies": [],
            "ingressBytesTransferred": 0,
            "egressBytesTransferred": 0,
            "expressRouteGatewayBypass": False,
            "dpdTimeoutSeconds": 0,
            "connectionMode": "Default",
        },
        retry_after=GROWING,
        etag_header=False,
        check=gateways.check_connection,
        locks=gateways.lock_gateways,
        shape=gateways.shape_connection,
        show=gateways.show_connection,
    ),
    Kind(
        gateways.LOCAL,
        "LocalNetworkGateway",
        retry_after=TEN,
        in_use=gateways.local_gateway_in_use,
    ),
    Kind(
        TABLE,
        "RouteTable",
        defaults={"disableBgpRoutePropagation": False},
        embedded={"routes": f"{TABLE}/routes"},
        retry_after=TEN,
    ),
    Kind(
        f"{TABLE}/routes",
        "Route",
        defaults={"hasBgpOverride": False},
        retry_after=TEN,
        notifies=False,
        guid=False,
        locks=nets.lock_parent,
    ),
    Kind(NSG, "NetworkSecurityGroup", embedded={"securityRules": f"{NSG}/securityRules"}, retry_after=TEN),
    Kind(
        f"{NSG}/securityRules",
        "SecurityRule",
        retry_after=TEN,
        notifies=False,
        guid=False,
        locks=nets.lock_parent,
    ),
    Kind(
        "Microsoft.Network/networkWatchers",
        "NetworkWatcher",
        defaults={"runningOperationIds": []},
        first_state="Succeeded",
        guid=False,
        synchronous=True,
    ),
)

ENGINE = Engine(KINDS)
