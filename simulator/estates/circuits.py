"""ExpressRoute circuits as their provider and Azure have set them up, with private peering and authorizations."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.estates.place import Document, Place, child
from simulator.network.circuits import MICROSOFT_ASN


def circuit(
    place: Place,
    name: str,
    peering: tuple[str, str],
    site_asn: int,
    authorizations: Sequence[str],
    *,
    location: str = "Hong Kong",
    tier: str = "Standard",
) -> Document:
    """A provisioned circuit. ``peering`` is its primary and secondary /30, of which the site's router has the first
    usable address and Microsoft's the second; ``location`` is where the provider meets Microsoft, no Azure region.

    Neither the service key nor the authorizations' keys are shown: both are secrets.
    """
    document = place.network_resource("expressRouteCircuits", name)
    document["sku"] = {"name": f"{tier}_MeteredData", "tier": tier, "family": "MeteredData"}
    document["properties"] |= {
        "allowClassicOperations": False,
        "circuitProvisioningState": "Enabled",
        "serviceProviderProvisioningState": "Provisioned",
        "authorizations": [_authorization(document, one) for one in authorizations],
        "peerings": [_private_peering(document, peering, site_asn)],
        "serviceProviderProperties": {
            "serviceProviderName": "Equinix",
            "peeringLocation": location,
            "bandwidthInMbps": 1000,
        },
        "globalReachEnabled": False,
        "gatewayManagerEtag": "",
        "stag": 24,
    }
    return document


def _authorization(document: Document, name: str) -> Document:
    return child(document, "authorizations", name, {"authorizationUseStatus": "Available"})


def used(document: Document, **connections: Document) -> Document:
    """The same circuit, with authorizations that connections use: name of the authorization to the connection."""
    for authorization in document["properties"]["authorizations"]:
        connection = connections.get(authorization["name"])
        if connection is not None:
            authorization["properties"]["authorizationUseStatus"] = "InUse"
            authorization["properties"]["connectionResourceUri"] = connection["id"]
    return document


def _private_peering(document: Document, prefixes: tuple[str, str], site_asn: int) -> Document:
    properties: Document = {
        "peeringType": "AzurePrivatePeering",
        "state": "Enabled",
        "azureASN": MICROSOFT_ASN,
        "peerASN": site_asn,
        "primaryPeerAddressPrefix": prefixes[0],
        "secondaryPeerAddressPrefix": prefixes[1],
        "primaryAzurePort": "SIM-06GMR-CIS-1-PRI-A",
        "secondaryAzurePort": "SIM-06GMR-CIS-2-SEC-A",
        "vlanId": 100,
        "gatewayManagerEtag": "",
        "lastModifiedBy": "Customer",
        "connections": [],
        "peeredConnections": [],
    }
    return child(document, "peerings", "AzurePrivatePeering", properties)
