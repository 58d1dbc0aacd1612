"""Networks, peerings, devices and names by hand: the az command or the sentence for each kind of step."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from domain import arm_ids
from domain.az import az
from domain.runbook import Step

Lines = list[str]

API_VERSIONS = {
    "microsoft.network": "2024-05-01",
    "microsoft.network/dnszones": "2018-05-01",
    "microsoft.network/privatednszones": "2024-06-01",
    "microsoft.network/trafficmanagerprofiles": "2022-04-01",
    "microsoft.compute": "2024-07-01",
    "microsoft.recoveryservices": "2025-08-01",
}


def _rest(method: str, resource_id: str, body: Any = None) -> str:
    kind = arm_ids.parse(resource_id).type.lower()
    found = [version for prefix, version in API_VERSIONS.items() if kind.startswith(prefix)]
    url = f"https://management.azure.com{resource_id}?api-version={found[-1]}"
    text = None if body is None else json.dumps(body, sort_keys=True, separators=(",", ":"))
    return az("rest", method=method, url=url, body=text)


def _delete(step: Step) -> Lines:
    return [_rest("delete", step.target), f"Gone when this answers 404: {_rest('get', step.target)}"]


def _disconnect_peering(step: Step) -> Lines:
    return [_rest("delete", step.target), "If Azure does not answer, go on: the other half is gone."]


def _put(step: Step) -> Lines:
    return [
        _rest("put", step.target, step.settings["body"]),
        f"Wait for provisioningState Succeeded: {_rest('get', step.target)}",
    ]


def _peer(step: Step) -> Lines:
    expected = step.settings["expect"]
    return [
        f"If a peering of that name is Disconnected, delete it first: {_rest('delete', step.target)}",
        _rest("put", step.target, step.settings["body"]),
        f"Wait for peeringState {expected}: {_rest('get', step.target)}",
    ]


def _update(step: Step) -> Lines:
    changes = json.dumps(step.settings["changes"], sort_keys=True)
    return [
        f"Read it: {_rest('get', step.target)}",
        f"Send it back (method put, header If-Match with its etag) with these values changed: {changes}",
    ]


def _update_item(step: Step) -> Lines:
    nics = json.dumps(step.settings["nics"], sort_keys=True)
    return [
        f"In the vault, item {arm_ids.name_of(step.target)}, compute and network: target network",
        f"{step.settings['network']}; interfaces {nics}.",
    ]


def _prefer(step: Step) -> Lines:
    settings = step.settings
    gains, loses = (settings[side].get("bgpPeeringAddress") for side in ("prefer", "over"))
    return [f"On the device at {settings['site']}: prefer {gains} over {loses} for {', '.join(settings['prefixes'])}."]


def _prepare(step: Step) -> Lines:
    settings = step.settings
    ends = [
        f"{peer.get('publicAddress') or 'the new gateway (read its public IP address)'}"
        f" (BGP {peer.get('bgpPeeringAddress')}, ASN {peer.get('asn')})"
        for peer in settings["peers"]
    ]
    routes = [f"static route {one['prefix']} by {one['next_hop']}" for one in settings["routes"]]
    return [f"On the device at {settings['site']}: add a tunnel to {end}." for end in ends] + routes


def _forget(step: Step) -> Lines:
    ends = ", ".join(str(peer.get("publicAddress")) for peer in step.settings["peers"])
    return [f"On the device at {step.settings['site']}: remove the tunnels to {ends} again."]


def _extension(step: Step) -> Lines:
    parsed = arm_ids.parse(step.target)
    return [
        az(
            "vm extension set", g=parsed.resource_group, vm_name=parsed.name,
            publisher="Microsoft.Azure.NetworkWatcher", n="NetworkWatcherAgentLinux",
        ),
        "On Windows: NetworkWatcherAgentWindows.",
    ]  # fmt: skip


def _package(step: Step) -> Lines:
    settings = step.settings
    where = f"runbook document {settings['content_ref']}" if "content_ref" in settings else "this step's settings"
    return [f"The change package {settings['document']} is what this step writes; print it beforehand: {where}."]


def _person(step: Step) -> Lines:
    return [f"{step.settings['role']}: {step.settings['question']}"]


BY_HAND: dict[str, Callable[[Step], Lines]] = {
    "disconnect-peering": _disconnect_peering,
    "remove-half": _delete,
    "revoke-authorization": _delete,
    "delete-resource": _delete,
    "put-resource": _put,
    "connect-peering": _peer,
    "update-resource": _update,
    "update-item": _update_item,
    "prefer-peer": _prefer,
    "prefer-by-person": _person,
    "prepare-device": _prepare,
    "prepare-by-person": _person,
    "forget-device": _forget,
    "install-extension": _extension,
    "write-package": _package,
}
