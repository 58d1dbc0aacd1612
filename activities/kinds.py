"""Kinds of steps -> the functions that begin, poll and verify them. What is not in a table has nothing to do there."""

from __future__ import annotations

from activities.connect import begin as begin_connect
from activities.connect import begin_restore
from activities.connect import verify as verify_connected
from activities.evidence import verify as collect_evidence
from activities.extension import begin as begin_extension
from activities.extension import verify as verify_extension
from activities.failover import begin_item, begin_plan, poll_item, poll_plan, verify_plan
from activities.fence import begin_fence, begin_unfence, verify_fenced, verify_unfenced
from activities.machine import verify as verify_machine
from activities.peering import begin as begin_peering
from activities.peering import verify as verify_peering
from activities.putting import begin as begin_put
from activities.putting import begin_update, verify_update
from activities.putting import verify as verify_put
from activities.readiness import verify as verify_readiness
from activities.removing import begin as begin_removal
from activities.removing import verify as verify_removed
from activities.routing import observe as observe_routing
from activities.routing import verify as verify_routing
from activities.work import Act

BEGIN: dict[str, Act] = {
    "disconnect-connection": begin_removal,
    "restore-connection": begin_restore,
    "fence-site": begin_fence,
    "unfence-site": begin_unfence,
    "failover-item": begin_item,
    "failover-plan": begin_plan,
    "connect-connection": begin_connect,
    "disconnect-peering": begin_removal,
    "connect-peering": begin_peering,
    "remove-half": begin_removal,
    "revoke-authorization": begin_removal,
    "put-resource": begin_put,
    "delete-resource": begin_removal,
    "update-resource": begin_update,
    "install-extension": begin_extension,
}

POLL: dict[str, Act] = {
    "failover-item": poll_item,
    "failover-plan": poll_plan,
}
"""Others are polled by ``activities.polling.poll_whatever``."""

VERIFY: dict[str, Act] = {
    "check-readiness": verify_readiness,
    "disconnect-connection": verify_removed,
    "restore-connection": verify_connected,
    "fence-site": verify_fenced,
    "fence-by-person": verify_fenced,
    "unfence-site": verify_unfenced,
    "failover-item": verify_machine,
    "failover-plan": verify_plan,
    "check-machine": verify_machine,
    "connect-connection": verify_connected,
    "verify-routing": verify_routing,
    "observe-routing": observe_routing,
    "collect-evidence": collect_evidence,
    "disconnect-peering": verify_removed,
    "connect-peering": verify_peering,
    "remove-half": verify_removed,
    "revoke-authorization": verify_removed,
    "put-resource": verify_put,
    "delete-resource": verify_removed,
    "update-resource": verify_update,
    "install-extension": verify_extension,
}
