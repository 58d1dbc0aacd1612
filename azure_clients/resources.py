"""Read, write and delete any resource of the table, through its SDK's own operations.

One row a type. Every call is one request that is never waited for (rule 13). Bodies go out as the JSON that they are,
past the SDK's models, and come back without secrets: ARM answers a connection's shared key and an authorization's key
in clear (sources: Traps 15), so every document is redacted as it is read, and a key seen on the way is never shown in
any text afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from azure_clients.answers import Answer, call
from azure_clients.errors import Missing, NotUnderstood
from azure_clients.factory import Clients
from azure_clients.long_running import Polled, begun, poll
from azure_clients.scrubbing import SCRUBBER
from domain import arm_ids
from domain.arm_ids import ArmId
from domain.bodies import merged
from domain.outcomes import Operation
from domain.redaction import redact

Document = dict[str, Any]
Arguments = Callable[[ArmId], tuple[str, ...]]

SECRET_NAMES = frozenset({"sharedkey", "presharedkey", "authorizationkey", "servicekey", "radiusserversecret"})


def _by_names(at: ArmId) -> tuple[str, ...]:
    return (at.resource_group, *at.names)


def _kind_before_name(at: ArmId) -> tuple[str, ...]:
    """Private DNS and Traffic Manager: the last type is an argument of its own, before the name."""
    return (at.resource_group, at.names[0], at.type.rsplit("/", 1)[1], at.names[1])


def _kind_after_name(at: ArmId) -> tuple[str, ...]:
    """Public DNS: the record's type comes after its name."""
    return (at.resource_group, *at.names, at.type.rsplit("/", 1)[1])


@dataclass(frozen=True)
class Row:
    """Where a type's operations are: the factory's client, the SDK's group in it, and how an id becomes arguments."""

    client: str
    group: str
    arguments: Arguments = _by_names


_NETWORK = {
    "virtualNetworks": "virtual_networks",
    "virtualNetworks/subnets": "subnets",
    "virtualNetworks/virtualNetworkPeerings": "virtual_network_peerings",
    "networkSecurityGroups": "network_security_groups",
    "networkSecurityGroups/securityRules": "security_rules",
    "routeTables": "route_tables",
    "routeTables/routes": "routes",
    "publicIPAddresses": "public_ip_addresses",
    "networkInterfaces": "network_interfaces",
    "virtualNetworkGateways": "virtual_network_gateways",
    "localNetworkGateways": "local_network_gateways",
    "connections": "virtual_network_gateway_connections",
    "expressRouteCircuits": "express_route_circuits",
    "expressRouteCircuits/authorizations": "express_route_circuit_authorizations",
    "expressRouteCircuits/peerings": "express_route_circuit_peerings",
    "routeFilters": "route_filters",
    "routeFilters/routeFilterRules": "route_filter_rules",
    "firewallPolicies": "firewall_policies",
    "firewallPolicies/ruleCollectionGroups": "firewall_policy_rule_collection_groups",
    "azureFirewalls": "azure_firewalls",
    "networkWatchers": "network_watchers",
}
_RECORDS = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")
_ENDPOINTS = ("azureEndpoints", "externalEndpoints", "nestedEndpoints")
_PROVIDER = "microsoft.network"

TABLE: dict[str, Row] = {
    **{f"{_PROVIDER}/{kind}".lower(): Row("network", group) for kind, group in _NETWORK.items()},
    "microsoft.compute/virtualmachines/extensions": Row("compute", "virtual_machine_extensions"),
    f"{_PROVIDER}/trafficmanagerprofiles": Row("traffic_manager", "profiles"),
    **{
        f"{_PROVIDER}/trafficmanagerprofiles/{kind}".lower(): Row("traffic_manager", "endpoints", _kind_before_name)
        for kind in _ENDPOINTS
    },
    **{f"{_PROVIDER}/dnszones/{kind}".lower(): Row("dns", "record_sets", _kind_after_name) for kind in _RECORDS},
    **{
        f"{_PROVIDER}/privatednszones/{kind}".lower(): Row("private_dns", "record_sets", _kind_before_name)
        for kind in _RECORDS
    },
}
"""ARM type in lower case -> where its operations are."""


def is_known(resource_id: str) -> bool:
    """Whether the table has the resource's type."""
    return arm_ids.is_arm_id(resource_id) and arm_ids.parse(resource_id).type.lower() in TABLE


def takes_tags(resource_id: str) -> bool:
    """Whether such a resource can be tagged: children of others cannot, but for a machine's extensions."""
    kind = arm_ids.parse(resource_id).type.lower()
    return kind.count("/") == 1 or kind.endswith("/extensions")


def read(clients: Clients, resource_id: str) -> Document | None:
    """The resource's document, redacted; None when there is none. Raises CallFailed."""
    answer = _read(clients, resource_id)
    return without_secrets(answer.document) if answer is not None else None


def authorization_key(clients: Clients, authorization: str) -> str | None:
    """The key of a circuit's authorization; None when there is none. No text shows it afterwards. Raises CallFailed."""
    answer = _read(clients, authorization)
    if answer is None:
        return None
    _remember_secrets(answer.document)
    return (answer.document.get("properties") or {}).get("authorizationKey")


def begin_put(
    clients: Clients, resource_id: str, body: Document, now: str, *, etag: str | None = None, **named: Any
) -> tuple[Answer, Operation | None]:
    """PUT once, under If-Match when ``etag`` says what was read. Running it again is harmless.

    The answer's document is redacted. Raises CallFailed; Changed when somebody wrote since.
    """
    if etag is not None:
        named["headers"] = {"If-Match": etag}
    _remember_secrets(body)
    answer = ask(clients, "PUT", resource_id, body, **named)
    _remember_secrets(answer.document)
    return answer, begun(answer, resource_id, now)


def begin_update(
    clients: Clients, resource_id: str, changes: Document, now: str, **named: Any
) -> tuple[Answer, Operation | None]:
    """Read, merge ``changes`` into what is there, and PUT it under the etag that was read.

    The whole document goes back as it came, with what is secret in it; it never leaves this function. Raises Changed
    when somebody wrote in between (read again), and Missing when there is none.
    """
    answer = _read(clients, resource_id)
    if answer is None:
        raise Missing(f"updating {arm_ids.name_of(resource_id)}: there is none", status=404)
    _remember_secrets(answer.document)
    whole = merged(answer.document, changes)
    return begin_put(clients, resource_id, whole, now, etag=etag_of(answer), **named)


def begin_delete(clients: Clients, resource_id: str, now: str) -> tuple[Answer, Operation | None]:
    """DELETE: 202 with an operation, or 204 when there was none. Running it again is harmless."""
    try:
        answer = ask(clients, "DELETE", resource_id)
    except Missing as missing:
        return Answer(404, text=missing.reason), None
    return answer, begun(answer, resource_id, now)


def poll_operation(clients: Clients, operation: Operation) -> Polled:
    """Look once at an operation that one of the above has begun."""
    doing = f"the operation on {arm_ids.name_of(operation.resource_id)}"
    return poll(clients.arm(), clients.settings.arm_endpoint, operation, doing)


def etag_of(answer: Answer) -> str | None:
    """The body's etag: gateways and connections have no header (sources: Errors); some types have none at all."""
    found = answer.document.get("etag") or answer.headers.get("etag")
    return str(found) if found else None


def without_secrets(document: Document) -> Document:
    """The document redacted; what was taken out is remembered, so that no text can show it."""
    _remember_secrets(document)
    clean: Document = redact(document)[0]
    return clean


def ask(clients: Clients, method: str, resource_id: str, body: Document | None = None, **named: Any) -> Answer:
    """One request by the SDK's own operation: GET, PUT or DELETE. The answer may hold secrets. Raises CallFailed."""
    at = arm_ids.parse(resource_id)
    row = TABLE.get(at.type.lower())
    if row is None:
        raise NotUnderstood(f"{at.name}: no operations are known of {at.type}", code="UnknownType")
    group = getattr(getattr(clients, row.client)(at.subscription), row.group)
    doing, long, short = _VERBS[method]
    operation = getattr(group, long, None) or getattr(group, short)
    content = [json.dumps(body).encode()] if body is not None else []
    return call(f"{doing} {at.name}", operation, *row.arguments(at), *content, **named)


_VERBS = {
    "GET": ("reading", "get", "get"),
    "PUT": ("writing", "begin_create_or_update", "create_or_update"),
    "DELETE": ("deleting", "begin_delete", "delete"),
}


def _read(clients: Clients, resource_id: str) -> Answer | None:
    try:
        return ask(clients, "GET", resource_id)
    except Missing:
        return None


def _remember_secrets(value: Any) -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            if name.lower() in SECRET_NAMES and isinstance(item, str):
                SCRUBBER.remember(item)
            else:
                _remember_secrets(item)
    elif isinstance(value, list):
        for item in value:
            _remember_secrets(item)
