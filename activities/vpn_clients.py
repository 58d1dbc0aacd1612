"""Which clients a gateway has: one that is connected shows its tunnel, its address and what it has carried.

Source: REST virtualNetworkGateways, Get VPN client connection health; a long operation. A client is told by the name
in its certificate.
"""

from __future__ import annotations

from typing import Any

from activities.checked import Check, Checked
from activities.work import Work
from azure_clients.answers import call
from azure_clients.long_running import Polled, begun
from domain import arm_ids
from domain.outcomes import Operation


def begin(work: Work, check: Check) -> Polled | Operation:
    at = arm_ids.parse(check["gateway"])
    gateways = work.clients.network(at.subscription).virtual_network_gateways
    doing = f"reading the clients of {at.name}"
    answer = call(doing, gateways.begin_get_vpnclient_connection_health, at.resource_group, at.name)
    operation = begun(answer, check["gateway"], work.call.now)
    return operation if operation is not None else Polled("succeeded", result=answer.body)


def judge(check: Check, result: Any) -> Checked:
    """Connected, with bytes both ways."""
    expected = f"{check['client']} connected, with bytes both ways"
    rows = result.get("value") or () if isinstance(result, dict) else ()
    own = [one for one in rows if str(one.get("vpnUserName") or "").lower() == check["client"].lower()]
    if not own:
        return Checked(False, expected, f"not among the {len(rows)} clients")
    row = own[0]
    taken = [int(row.get(f"{way}BytesTransferred") or 0) for way in ("ingress", "egress")]
    saw = f"at {row.get('privateIpAddress')}, {taken[0]} bytes in and {taken[1]} out"
    return Checked(all(one > 0 for one in taken), expected, saw)
