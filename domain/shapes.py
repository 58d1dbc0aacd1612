"""The shapes of the ARM documents that compile reads: one that is shaped otherwise is told at the door, by its field.

Only what is read is checked, and a field may always be missing or null. Field names are those of the REST references of
Microsoft.Network 2024-05-01 and Site Recovery 2025-08-01.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from domain.addresses import network

TEXT, NUMBER, FLAG, PREFIX = "text", "a number", "true or false", "an address prefix"
_REFERENCE = {"id": TEXT}
_ACTION = {
    "actionName": TEXT,
    "failoverTypes": [TEXT],
    "failoverDirections": [TEXT],
    "customDetails": {"instanceType": TEXT, "description": TEXT},
}
_IP_CONFIGURATION = {
    "properties": {"subnet": _REFERENCE, "publicIPAddress": _REFERENCE, "privateIPAddress": TEXT},
}
_BGP = {
    "asn": NUMBER,
    "bgpPeeringAddress": TEXT,
    "bgpPeeringAddresses": [{"customBgpIpAddresses": [TEXT], "tunnelIpAddresses": [TEXT]}],
}
_NIC_DETAILS = {
    "recoveryVMNetworkId": TEXT,
    "sourceNicArmId": TEXT,
    "primaryNicStaticIPAddress": TEXT,
    "replicaNicStaticIPAddress": TEXT,
    "ipConfigs": [{"staticIPAddress": TEXT, "recoveryStaticIPAddress": TEXT}],
}
_SITE_RECOVERY = "microsoft.recoveryservices/vaults/"
_ITEMS = "replicationfabrics/replicationprotectioncontainers/replicationprotecteditems"

ANY_DOCUMENT: dict[str, Any] = {"type": TEXT, "name": TEXT, "location": TEXT, "tags": {}, "properties": {}}

PROPERTIES: dict[str, dict[str, Any]] = {
    "microsoft.network/virtualnetworks": {
        "addressSpace": {"addressPrefixes": [PREFIX]},
        "virtualNetworkPeerings": [
            {"properties": {"remoteVirtualNetwork": _REFERENCE, "allowGatewayTransit": FLAG, "peeringState": TEXT}}
        ],
    },
    "microsoft.network/virtualnetworkgateways": {"ipConfigurations": [_IP_CONFIGURATION], "bgpSettings": _BGP},
    "microsoft.network/connections": {
        "virtualNetworkGateway1": _REFERENCE,
        "virtualNetworkGateway2": _REFERENCE,
        "localNetworkGateway2": _REFERENCE,
        "connectionType": TEXT,
        "enableBgp": FLAG,
        "ipsecPolicies": [{}],
    },
    "microsoft.network/localnetworkgateways": {
        "localNetworkAddressSpace": {"addressPrefixes": [PREFIX]},
        "gatewayIpAddress": TEXT,
        "fqdn": TEXT,
        "bgpSettings": _BGP,
    },
    "microsoft.network/publicipaddresses": {"ipAddress": TEXT},
    "microsoft.network/networkinterfaces": {"ipConfigurations": [_IP_CONFIGURATION]},
    "microsoft.operationalinsights/workspaces": {"customerId": TEXT},
    f"{_SITE_RECOVERY}replicationrecoveryplans": {
        "groups": [
            {
                "groupType": TEXT,
                "replicationProtectedItems": [_REFERENCE],
                "startGroupActions": [_ACTION],
                "endGroupActions": [_ACTION],
            }
        ]
    },
    f"{_SITE_RECOVERY}{_ITEMS}": {
        "friendlyName": TEXT,
        "providerSpecificDetails": {
            "instanceType": TEXT,
            "vmNics": [_NIC_DETAILS],
            "multiVmGroupName": TEXT,
            "multiVmGroupId": TEXT,
            "multiVmGroupCreateOption": TEXT,
            "recoveryAzureVMName": TEXT,
            "fabricObjectId": TEXT,
            "selectedRecoveryAzureNetworkId": TEXT,
            "recoveryAzureResourceGroupId": TEXT,
        },
    },
}


def shape_problems(document: dict[str, Any], resource_type: str) -> Iterator[str]:
    """``field: expected this, found that`` for every field that compile could not read."""
    yield from _problems(document, ANY_DOCUMENT, "")
    if isinstance(document.get("properties"), dict):
        yield from _problems(document["properties"], PROPERTIES.get(resource_type.lower(), {}), "properties")


def _problems(value: Any, shape: Any, path: str) -> Iterator[str]:
    if value is None:
        return
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            yield f"{path}: expected an object, found {kind_of(value)}"
            return
        for name, inner in shape.items():
            yield from _problems(value.get(name), inner, f"{path}.{name}" if path else name)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield f"{path}: expected a list, found {kind_of(value)}"
            return
        for index, item in enumerate(value):
            here = f"{path}[{index}]"
            yield from [f"{here}: expected a value, found nothing"] if item is None else _problems(item, shape[0], here)
    elif not _LEAVES[shape](value):
        yield f"{path}: expected {shape}, found {kind_of(value)}"


def _is_prefix(value: Any) -> bool:
    try:
        network(value)
    except (ValueError, TypeError):
        return False
    return isinstance(value, str)


_LEAVES: dict[str, Callable[[Any], bool]] = {
    TEXT: lambda value: isinstance(value, str),
    NUMBER: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    FLAG: lambda value: isinstance(value, bool),
    PREFIX: _is_prefix,
}


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    if isinstance(value, str):
        return f"the text {value[:60]!r}"
    names = {dict: "an object", list: "a list", bool: "true/false", int: "a number", float: "a number"}
    return names.get(type(value), "nothing" if value is None else type(value).__name__)
