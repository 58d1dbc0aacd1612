"""Kinds of steps -> the functions that begin, poll and verify them. What is not in a table has nothing to do there."""

from __future__ import annotations

from activities import connect, disconnect, evidence, failover, fence, machine, readiness, routing
from activities.work import Act

BEGIN: dict[str, Act] = {
    "disconnect-connection": disconnect.begin,
    "restore-connection": connect.begin_restore,
    "fence-site": fence.begin_fence,
    "unfence-site": fence.begin_unfence,
    "failover-item": failover.begin_item,
    "failover-plan": failover.begin_plan,
    "connect-connection": connect.begin,
}

POLL: dict[str, Act] = {
    "failover-item": failover.poll_item,
    "failover-plan": failover.poll_plan,
}
"""Others are polled by ``activities.polling.poll_whatever``."""

VERIFY: dict[str, Act] = {
    "check-readiness": readiness.verify,
    "disconnect-connection": disconnect.verify,
    "restore-connection": connect.verify,
    "fence-site": fence.verify_fenced,
    "fence-by-person": fence.verify_fenced,
    "unfence-site": fence.verify_unfenced,
    "failover-item": machine.verify,
    "failover-plan": failover.verify_plan,
    "check-machine": machine.verify,
    "connect-connection": connect.verify,
    "verify-routing": routing.verify,
    "collect-evidence": evidence.verify,
}
