"""Kinds of steps -> the functions that begin, poll and verify them. What is not in a table has nothing to do there."""

from __future__ import annotations

from activities import (
    connect,
    devices,
    edge_lists,
    edge_packages,
    edge_ranges,
    evidence,
    extension,
    failover,
    fence,
    landing,
    machine,
    packages,
    peering,
    putting,
    readiness,
    removing,
    routing,
)
from activities.work import Act

BEGIN: dict[str, Act] = {
    "disconnect-connection": removing.begin,
    "disconnect-peering": removing.begin,
    "remove-half": removing.begin,
    "revoke-authorization": removing.begin,
    "restore-connection": connect.begin_restore,
    "fence-site": fence.begin_fence,
    "unfence-site": fence.begin_unfence,
    "failover-item": failover.begin_item,
    "failover-plan": failover.begin_plan,
    "connect-connection": connect.begin,
    "connect-peering": peering.begin,
    "prefer-peer": devices.begin_prefer,
    "prepare-device": devices.begin_prepare,
    "forget-device": devices.begin_forget,
    "put-resource": putting.begin,
    "delete-resource": removing.begin,
    "update-resource": putting.begin_update,
    "update-item": landing.begin,
    "install-extension": extension.begin,
    "write-package": packages.begin,
    "extend-resource": edge_lists.begin_extend,
    "shrink-resource": edge_lists.begin_shrink,
    "write-route-file": edge_packages.write_files,
}

POLL: dict[str, Act] = {
    "failover-item": failover.poll_item,
    "failover-plan": failover.poll_plan,
}
"""Others are polled by ``activities.polling.poll_whatever``."""

VERIFY: dict[str, Act] = {
    "check-readiness": readiness.verify,
    "disconnect-connection": removing.verify,
    "disconnect-peering": removing.verify,
    "remove-half": removing.verify,
    "revoke-authorization": removing.verify,
    "restore-connection": connect.verify,
    "fence-site": fence.verify_fenced,
    "fence-by-person": fence.verify_fenced,
    "unfence-site": fence.verify_unfenced,
    "failover-item": machine.verify,
    "failover-plan": failover.verify_plan,
    "check-machine": machine.verify,
    "connect-connection": connect.verify,
    "connect-peering": peering.verify,
    "prefer-peer": devices.verify_preferred,
    "prefer-by-person": devices.verify_preferred,
    "prepare-device": devices.verify_prepared,
    "prepare-by-person": devices.verify_prepared,
    "forget-device": devices.verify_forgotten,
    "put-resource": putting.verify,
    "delete-resource": removing.verify,
    "update-resource": putting.verify_update,
    "update-item": landing.verify,
    "install-extension": extension.verify,
    "observe-routing": routing.observe,
    "verify-routing": routing.verify,
    "collect-evidence": evidence.verify,
    "check-ranges": edge_ranges.verify,
    "extend-resource": edge_lists.verify_extended,
    "shrink-resource": edge_lists.verify_shrunk,
}
