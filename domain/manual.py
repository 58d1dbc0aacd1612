"""The same runbook for a person to walk by hand, on the day that Bridgehead itself is dead.

It names az commands and device changes.

Commands are those of Azure CLI (network, keyvault, monitor) and of its extension ``site-recovery``. Values are quoted
for a POSIX shell; secrets are read from Key Vault when the command runs and stand nowhere in the text.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any

from domain import arm_ids
from domain.az import az
from domain.edge.manual import BY_HAND as EDGE_BY_HAND
from domain.manual_networks import BY_HAND as NETWORKS_BY_HAND
from domain.queries import query_text
from domain.runbook import Runbook, Step

Lines = list[str]

RECOVERY_API_VERSION = "2025-08-01"
POINTS = {
    "LatestProcessed": "processed",
    "LatestApplicationConsistent": "application-consistent",
    "LatestCrashConsistent": "crash-consistent",
}
CONNECTION_API_VERSION = "2024-05-01"
"""A published version of Microsoft.Network whose connections have every property that a runbook sends."""


def manual(runbook: Runbook) -> str:
    """The runbook as a text to print: numbered steps, each with what to wait for and the commands to type."""
    numbers = {step.id: number for number, step in enumerate(runbook.steps, 1)}
    lanes = {step: lane for lane in runbook.lanes for step in lane.steps}
    lines = [
        f"{runbook.plan}: {runbook.mode} by hand (runbook {runbook.hash[:12]})",
        "Sign in with az login; az extension add --name site-recovery. Write down the time of every step.",
        "Steps under one heading may be done at the same time unless one waits for another.",
    ]
    for lane, steps in groupby(runbook.steps, key=lambda step: lanes[step.id]):
        lines += ["", f"== {lane.title}"]
        for step in steps:
            lines += _entry(_whole(step, runbook), numbers)
    return "\n".join(lines)


def _whole(step: Step, runbook: Runbook) -> Step:
    """The step with what it only refers to."""
    names = {"body_ref": "body", "children": "rows"}
    told = {names[name]: runbook.documents.get(step.settings.get(name, "")) for name in names}
    known = {name: value for name, value in told.items() if value is not None}
    return replace(step, settings={**step.settings, **known}) if known else step


def _entry(step: Step, numbers: dict[str, int]) -> Lines:
    waits = [str(numbers[one]) for one in (*step.needs, *step.after) if one in numbers]
    head = f"{numbers[step.id]}. {step.name}" + (f" (after {', '.join(waits)})" if waits else "")
    notes = []
    if step.when:
        notes.append(f"   Only if step {numbers[step.when.step]} could not be confirmed by Azure.")
    if step.irreversible:
        notes.append(
            "   CANNOT BE UNDONE once Azure has accepted it. Send it once; look at the job before you send it again."
        )
    return [head, *notes, *(f"   {line}" for line in BY_HAND[step.kind](step))]


def _readiness(step: Step) -> Lines:
    settings = step.settings
    lines = (
        [az("network vnet-gateway show", ids=settings["gateway"], query="provisioningState")]
        if settings.get("gateway")
        else []
    )
    query = "properties.protectionState"
    items = [
        az("site-recovery protected-item show", **_item(item["id"]), query=query) for item in settings.get("items", [])
    ]
    secrets = [
        az("keyvault secret show", vault_name=one["vault"], name=one["secret"], query="id")
        for one in settings.get("secrets", [])
    ]
    return [*lines, *secrets, *items, "Expect Succeeded, an id and Protected everywhere."]


def _disconnect(step: Step) -> Lines:
    return [
        az("network vpn-connection delete", ids=step.target),
        "If Azure does not answer or confirm, go on to the fence.",
    ]


def _fence(step: Step) -> Lines:
    site = step.settings["site"]
    blocks = [
        f"On the device at {site}: shut down and block {_neighbour(peer)}the tunnel to {peer['publicAddress']}."
        for peer in step.settings["peers"]
    ]
    return [
        *blocks,
        f"Check that it has no route for {', '.join(step.settings['prefixes'])} through that neighbour any more.",
        "To undo: allow and enable the neighbour and the tunnel again.",
    ]


def _neighbour(peer: dict[str, Any]) -> str:
    """A site with static routes knows only the tunnel."""
    address = peer.get("bgpPeeringAddress")
    return f"BGP neighbour {address} (ASN {peer['asn']}) and " if address else ""


def _unfence(step: Step) -> Lines:
    site = step.settings["site"]
    return [
        f"On the device at {site}: allow and enable {_neighbour(peer)}the tunnel to {peer['publicAddress']} again."
        for peer in step.settings["peers"]
    ]


def _failover_item(step: Step) -> Lines:
    point = step.settings["recovery_point"]
    chosen = "{a2a:{}}" if point == "Latest" else "{a2a:{recovery-point-id:POINT}}"
    send = az(
        "site-recovery protected-item unplanned-failover",
        **_item(step.target),
        failover_direction="PrimaryToRecovery",
        provider_details=chosen,
        source_site_operations="Required",
    )
    return [*_recovery_point(step, point), send, *_until_up(step)]


def _recovery_point(step: Step, point: str) -> Lines:
    """Which point to name; without one Site Recovery takes the latest."""
    if point == "Latest":
        return []
    url = f"https://management.azure.com{step.target}/recoveryPoints?api-version={RECOVERY_API_VERSION}"
    return [az("rest", method="get", url=url), f"Take the id of the newest {POINTS[point]} point for POINT below."]


def _until_up(step: Step) -> Lines:
    wanted = ", ".join(step.settings["addresses"]) or "as given by Azure"
    return [
        f"Wait until {step.settings['machine']} runs with address {wanted}:",
        az(
            "vm show",
            d=True,
            g=arm_ids.name_of(step.settings["resource_group"]),
            n=step.settings["machine"],
            query="[powerState, privateIps]",
        ),
    ]


def _failover_plan(step: Step) -> Lines:
    parsed = arm_ids.parse(step.target)
    return [
        az(
            "site-recovery recovery-plan unplanned-failover",
            g=parsed.resource_group,
            vault_name=parsed.names[0],
            n=parsed.name,
            failover_direction="PrimaryToRecovery",
            source_site_operations="Required",
            provider_details=f"[{{a2a:{{recovery-point-type:{step.settings['recovery_point']}}}}}]",
        )
    ]


def _check_machine(step: Step) -> Lines:
    return _until_up(step)


def _group_up(step: Step) -> Lines:
    return [f"Go on when {step.settings['quorum']} of {step.settings['members']} machines are up."]


def _connect(step: Step) -> Lines:
    """The very body that a run would send, then the key, which stands in no file."""
    body = json.dumps(step.settings["body"], sort_keys=True, separators=(",", ":"))
    url = f"https://management.azure.com{step.target}?api-version={CONNECTION_API_VERSION}"
    lines = [az("rest", method="put", url=url, body=body)]
    lines.append(az("network vpn-connection wait", ids=step.target, created=True))
    key = step.settings.get("shared_key")
    if key:
        parsed = arm_ids.parse(step.target)
        update = az("network vpn-connection shared-key update", g=parsed.resource_group, connection_name=parsed.name)
        lines.append(f"{update} --value {_secret(key)}")
    return lines


def _restore(step: Step) -> Lines:
    return _connect(step)


def _routing(step: Step) -> Lines:
    return [line for check in step.settings["checks"] for line in _check(check)]


def _check(check: dict[str, Any]) -> Lines:
    kind = check["check"]
    if kind == "connection-state":
        return [az("network vpn-connection show", ids=check["connection"], query="connectionStatus") + "  # Connected"]
    if kind == "bgp-peer":
        return [az("network vnet-gateway list-bgp-peer-status", ids=check["gateway"], peer=check["peer"])]
    if kind == "learned-routes":
        origin = f" from ASN {check['asn']}" if check["asn"] else ""
        seen = f"  # {', '.join(check['prefixes'])}{origin}"
        return [az("network vnet-gateway list-learned-routes", ids=check["gateway"]) + seen]
    if kind == "advertised-routes":
        seen = f"  # {', '.join(check['prefixes'])}"
        return [az("network vnet-gateway list-advertised-routes", ids=check["gateway"], peer=check["peer"]) + seen]
    if kind == "site-routes":
        neighbors = " or ".join(check["neighbors"])
        return [f"At the site ({check['url']}): {', '.join(check['prefixes'])} only through {neighbors}."]
    return [_in_words(check)]


def _in_words(check: dict[str, Any]) -> str:
    about = check.get("machine") or check.get("connection") or check.get("peering") or check.get("interface") or ""
    name = arm_ids.name_of(about)
    words = {
        "next-hop": "Network Watcher, next hop from {name} to {address}: {hop}.",
        "connectivity": "Network Watcher, connection troubleshoot from {name} to {address}:{port}: Reachable.",
        "http-probe": "{url}: {expect} holds.",
        "vpn-client": "az network vnet-gateway vpn-client show-health: {client} is connected, with bytes both ways.",
        "tunnel-bytes": "{name}: ingress and egress bytes both rise.",
        "peering-state": "{name}: Connected and FullyInSync.",
        "effective-routes": "{name}: effective routes hold {prefixes}.",
        "site-reach": "From the site: {address} answers on port {port}.",
    }
    told = {"name": check.get("name") or name, "hop": check.get("next_hop") or "the gateway"}
    return words[check["check"]].format(**{**check, **told})


def _evidence(step: Step) -> Lines:
    gateway = step.settings["parameters"]["gateway"]
    return [
        az(
            "monitor log-analytics query",
            workspace=step.settings["workspace"],
            analytics_query=query_text(name, gateway=gateway),
        )
        for name in step.settings["queries"]
    ]


def _person(step: Step) -> Lines:
    return [f"{step.settings['role']}: {step.settings['question']}"]


BY_HAND: dict[str, Callable[[Step], Lines]] = {
    "check-readiness": _readiness,
    "disconnect-connection": _disconnect,
    "fence-site": _fence,
    "fence-by-person": _fence,
    "unfence-site": _unfence,
    "failover-item": _failover_item,
    "failover-plan": _failover_plan,
    "check-machine": _check_machine,
    "group-up": _group_up,
    "connect-connection": _connect,
    "restore-connection": _restore,
    "observe-routing": _routing,
    "verify-routing": _routing,
    "collect-evidence": _evidence,
    "wait-person": _person,
    **NETWORKS_BY_HAND,
    **EDGE_BY_HAND,
}


def _item(item_id: str) -> dict[str, Any]:
    parsed = arm_ids.parse(item_id)
    vault, fabric, container, name = parsed.names
    return {
        "g": parsed.resource_group,
        "vault_name": vault,
        "fabric_name": fabric,
        "protection_container": container,
        "n": name,
    }


def _secret(reference: dict[str, str]) -> str:
    """A shell expression that reads a secret when the command runs."""
    vault, secret = shlex.quote(reference["vault"]), shlex.quote(reference["secret"])
    return f'"$(az keyvault secret show --vault-name {vault} --name {secret} --query value -o tsv)"'
