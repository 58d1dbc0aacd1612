"""What the mission touches, in a short explicit list, and how a call is named by resource type and operation.

Bridgehead moves a workload between two Azure regions: it reads and writes networks, firewall policies, names, Site
Recovery, Traffic Manager and machines' extensions, reads resource groups, machines and health events, and nothing else.
Every other provider is out of scope as a whole; of its own providers the resource types in `NEVER` are. An operation
that is not listed here is in scope, modelled or not. Only calls of Azure Resource Manager are put to the simulator.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulator.conformance.cassettes import Interaction
from simulator.core.web import NOTHING

ARM_HOSTS = ("management.azure.com", "management.usgovcloudapi.net", "management.chinacloudapi.cn")

PROVIDERS = (
    "Microsoft.Network",
    "Microsoft.RecoveryServices",
    "Microsoft.Compute",
    "Microsoft.Resources",
    "Microsoft.ResourceHealth",
)
"""All other providers are out of scope: databases, Databricks, Spring, storage, monitoring, role assignments..."""

NEVER: dict[str, tuple[str, ...]] = {
    "Microsoft.Compute": (
        "!virtualMachines,locations/operations",
        "virtualMachines/runCommands",
    ),
    "Microsoft.Resources": ("!resourceGroups,resources,subscriptions,operationresults",),
    "Microsoft.RecoveryServices": (
        "locations",
        "vaults/backup*",
        "vaults/certificates",
        "vaults/extendedInformation",
        "vaults/privateEndpointConnections",
        "vaults/privateLinkResources",
        "vaults/usages",
    ),
    "Microsoft.Network": (
        "applicationGateway*",
        "applicationSecurityGroups",
        "azureFirewalls",
        "azureWebCategories",
        "bastionHosts",
        "customIpPrefixes",
        "ddos*",
        "dnsForwardingRulesets",
        "dnsResolvers",
        "dscpConfigurations",
        "expressRouteCrossConnections",
        "expressRouteGateways",
        "expressRoutePorts*",
        "expressRouteServiceProviders",
        "firewallPolicies/firewallPolicyDrafts",
        "frontDoor*",
        "frontdoor*",
        "ip*",
        "loadBalancers",
        "locations/usages",
        "natGateways",
        "networkExperimentProfiles",
        "networkIntentPolicies",
        "networkManagers",
        "networkProfiles",
        "networkSecurityPerimeters",
        "networkVirtualAppliance*",
        "networkWatchers/connectionMonitors",
        "networkWatchers/flowLogs",
        "networkWatchers/packetCaptures",
        "networkWatchers POST configureFlowLog",
        "networkWatchers POST queryFlowLogStatus",
        "p2s*",
        "privateDnsZoneGroups",
        "privateEndpoint*",
        "privateLinkServices",
        "publicIPPrefixes",
        "securityPartnerProviders",
        "serviceEndpointPolicies",
        "virtualHubs",
        "virtualNetworkTaps",
        "virtualRouters",
        "virtualWans",
        "vpnGateways",
        "vpnServerConfigurations",
        "vpnSites",
        "webApplicationFirewall*",
    ),
}
"""Resource types of our own providers that the mission never touches; ``!`` means all but these. A type takes what is
below it with it: virtual WAN, resolvers, load balancing, private links, continuous monitoring, backup."""

_POLLS = re.compile(
    r"/(operations|operation[-]?results?|operation[-]?status(es)?|operationsstatus|replicationoperationstatus"
    r"|azureasyncoperations?|asyncoperations?|privatednsoperationstatuses)/[^/]+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """What a call is: ``resource_type`` with its provider, ``name`` (``GET``, ``LIST``, ``POST reset``...)."""

    resource_type: str
    name: str

    @property
    def provider(self) -> str:
        return self.resource_type.split("/", 1)[0]

    def __str__(self) -> str:
        return f"{self.name} {self.resource_type}"


REPLICATION_PROVIDERS = ("HyperV", "InMage", "VMware", "VMM", "San")
"""Site Recovery's other replication providers (by the beginning of ``instanceType``): machines on-premises. Bridgehead
moves machines from one Azure region to another, which is A2A alone. What lives in a fabric of theirs, and recovery
plans from such a fabric, are out of scope; the vault's own resources, their policies among them, are in."""


class Scope:
    """What is in scope in one recording; some of it is told by the recording only."""

    def __init__(self, calls: Sequence[Interaction]) -> None:
        self._foreign: dict[str, str] = {}
        for call in calls:
            for body in (call.sent, call.body):
                provider = _replication_provider(body)
                fabric = _FABRIC.match(call.key)
                if provider and fabric:
                    self._foreign[fabric[0]] = provider
        for call in calls:
            sent = call.sent.get("properties") if isinstance(call.sent, dict) else None
            fabric_id = str(sent.get("primaryFabricId", "")).lower() if isinstance(sent, dict) else ""
            if "/replicationrecoveryplans/" in call.key and fabric_id in self._foreign:
                self._foreign[call.key] = self._foreign[fabric_id]

    def out(self, call: Interaction) -> str | None:
        """Why a call is none of the mission's; None when it is in scope."""
        reason = out_of_scope(call)
        if reason is not None:
            return reason
        if call.method in ("PUT", "PATCH") and call.ok and call.sent is NOTHING and isinstance(call.body, dict):
            return "request body not recorded"
        for key, provider in self._foreign.items():
            if call.key == key or call.key.startswith(key + "/"):
                return f"replication provider {provider}"
        return None


_FABRIC = re.compile(r".*?/replicationfabrics/[^/]+")


def _replication_provider(body: Any) -> str | None:
    properties = body.get("properties") if isinstance(body, dict) else None
    for inner in properties.values() if isinstance(properties, dict) else ():
        said = str(inner.get("instanceType", "")) if isinstance(inner, dict) else ""
        if said.startswith(REPLICATION_PROVIDERS):
            return said
    return None


def operation_of(call: Interaction) -> Operation:
    """Which operation on which resource type, by the path alone; spelling as it was asked."""
    parts = call.path.strip("/").split("/")
    lowered = [part.lower() for part in parts]
    if "providers" in lowered[:-1]:
        at = len(lowered) - 2 - lowered[:-1][::-1].index("providers")
        return _below(call, parts[at + 1], parts[at + 2 :])
    if len(parts) <= 2:
        return Operation("Microsoft.Resources/subscriptions", call.method)
    return _below(call, "Microsoft.Resources", parts[2:])


def _below(call: Interaction, provider: str, rest: list[str]) -> Operation:
    if not rest:
        return Operation("Microsoft.Resources/providers", call.method)
    if call.method == "POST":
        cut = len(rest) - 1 if len(rest) % 2 else len(rest) - 2
        return Operation("/".join([provider, *rest[:cut:2]]), f"POST {'/'.join(rest[cut:])}")
    name = "LIST" if len(rest) % 2 and call.method == "GET" else call.method
    return Operation("/".join([provider, *rest[::2]]), name)


def is_poll(call: Interaction) -> bool:
    """A question about an operation under way, by the shape of its path."""
    return call.method == "GET" and _POLLS.search(call.path) is not None


def out_of_scope(call: Interaction) -> str | None:
    """Why a call is none of the mission's; None when it is in scope."""
    if call.host not in ARM_HOSTS:
        return f"host {call.host}"
    operation = operation_of(call)
    provider = next((known for known in PROVIDERS if known.lower() == operation.provider.lower()), None)
    if provider is None:
        return f"provider {operation.provider}"
    below = operation.resource_type.split("/", 1)[-1].lower()
    for pattern in NEVER.get(provider, ()):
        if pattern.startswith("!"):
            if not any(_covers(one, below) for one in pattern[1:].split(",")):
                return f"{provider}/* but {pattern[1:]}"
        elif _covers(pattern, below) or pattern.lower() == f"{below} {operation.name}".lower():
            return f"{provider}/{pattern}"
    return None


def _covers(pattern: str, below: str) -> bool:
    wanted = pattern.lower()
    if wanted.endswith("*"):
        return below.startswith(wanted[:-1])
    return below == wanted or below.startswith(wanted + "/")
