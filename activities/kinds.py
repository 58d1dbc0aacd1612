"""Kinds of steps -> the functions that begin, poll and verify them. What is not in a table has nothing to do there."""

from __future__ import annotations

from activities.connect import begin as begin_connect
from activities.connect import begin_restore
from activities.connect import verify as verify_connected
from activities.disconnect import begin as begin_disconnect
from activities.disconnect import verify as verify_disconnected
from activities.evidence import verify as collect_evidence
from activities.failover import begin_item, begin_plan, poll_item, poll_plan, verify_plan
from activities.fence import begin_fence, begin_unfence, verify_fenced, verify_unfenced
from activities.machine import verify as verify_machine
from activities.readiness import verify as verify_readiness
from activities.routing import verify as verify_routing
from activities.work import Act

BEGIN: dict[str, Act] = {
    "disconnect-connection": begin_disconnect,
    "restore-connection": begin_restore,
    "fence-site": begin_fence,
    "unfence-site": begin_unfence,
    "failover-item": begin_item,
    "failover-plan": begin_plan,
    "connect-connection": begin_connect,
}

POLL: dict[str, Act] = {
    "failover-item": poll_item,
    "failover-plan": poll_plan,
}
"""Others are polled by ``activities.polling.poll_whatever``."""

VERIFY: dict[str, Act] = {
    "check-readiness": verify_readiness,
    "disconnect-connection": verify_disconnected,
    "restore-connection": verify_connected,
    "fence-site": verify_fenced,
    "fence-by-person": verify_fenced,
    "unfence-site": verify_unfenced,
    "failover-item": verify_machine,
    "failover-plan": verify_plan,
    "check-machine": verify_machine,
    "connect-connection": verify_connected,
    "verify-routing": verify_routing,
    "collect-evidence": collect_evidence,
}
