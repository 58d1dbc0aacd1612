"""Prove that routing from on-premises points at the target: from Azure's side, from the site's table, and by reaching.

Cheap readings come first. Only when they pass are the gateways asked for what takes them ten seconds to tell; those
readings are begun side by side, and looked at when the orchestrator comes again.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from activities import gateway_routes, site_routes
from activities.site_routes import Checked
from activities.work import Work, moment
from azure_clients import network
from azure_clients.errors import CallFailed
from azure_clients.long_running import Polled
from domain import arm_ids
from domain.outcomes import Operation, Outcome, retryable, succeeded

Check = dict[str, Any]

READINGS = "readings"
READING_SECONDS = 10.0
AGAIN_SECONDS = 5.0
POLL_SECONDS = 3.0
STALE_SECONDS = 120.0


def verify(work: Work) -> Outcome:
    """Go through the step's checks. Not converged is retryable, with every check's finding."""
    checks: list[Check] = work.settings["checks"]
    done = {number: one for number, check in enumerate(checks) if (one := _cheap(work, check)) is not None}
    evidence = site_routes.routing_evidence(work, checks)
    if not all(one.passed is not False for one in done.values()):
        return _not_converged(checks, done, evidence, work)
    slow = [number for number in range(len(checks)) if number not in done]
    pending = _pending(work)
    not_begun = [number for number in slow if number not in pending]
    if not_begun:
        return _begin_readings(work, checks, not_begun, pending, done, evidence)
    still = _poll(work, checks, pending, done)
    if still:
        assert work.call.operation is not None
        return replace(_waiting(POLL_SECONDS), operation=work.call.operation)
    if not all(one.passed is not False for one in done.values()):
        return _not_converged(checks, done, evidence, work)
    return _judged(checks, done, evidence, work)


def _cheap(work: Work, check: Check) -> Checked | None:
    """A check that is one quick reading; None for one that is a long operation."""
    name = check["check"]
    try:
        if name == "connection-state":
            return _connection_state(work, check)
        if name == "site-routes":
            return site_routes.check_routes(work, check)
        if name == "site-reach":
            return site_routes.check_reach(work, check)
    except CallFailed as failure:
        return Checked(False, "an answer", failure.reason)
    return None if name in network.ROUTE_READINGS else Checked(False, "a check that is known", name)


def _connection_state(work: Work, check: Check) -> Checked:
    """Unknown, or nothing, is neither up nor down (sources: Traps 10): then the other checks must tell."""
    document = network.read(work.clients, check["connection"])
    if document is None:
        return Checked(False, "Connected", "there is no such connection")
    said = str((document.get("properties") or {}).get("connectionStatus") or "")
    if said.lower() == "connected":
        return Checked(True, "Connected", said)
    if said.lower() in ("", "unknown"):
        return Checked(None, "Connected", said or "nothing")
    return Checked(False, "Connected", said)


def _begin_readings(
    work: Work,
    checks: list[Check],
    slow: list[int],
    pending: dict[int, str],
    done: dict[int, Checked],
    evidence: dict[str, Any],
) -> Outcome:
    """Begin those that are not under way. What Azure refuses for the moment is begun later; the others go on."""
    urls, refusal = dict(pending), None
    for number in slow:
        check = checks[number]
        try:
            begun = network.begin_reading(
                work.clients, check["check"], check["gateway"], check.get("peer"), work.call.now
            )
        except CallFailed as failure:
            if failure.retries and (refusal is None or (failure.retry_after or 0) > (refusal.retry_after or 0)):
                refusal = failure
            elif not failure.retries:
                done[number] = Checked(False, "an answer", failure.reason)
            continue
        if isinstance(begun, Operation):
            urls[number] = str(begun.poll_url)
        else:
            done[number] = gateway_routes.judge(check, begun.result)
    if not all(one.passed is not False for one in done.values()):
        return _not_converged(checks, done, evidence, work)
    if not urls and refusal is None:
        return _judged(checks, done, evidence, work)
    wait = max(READING_SECONDS, (refusal.retry_after or 0.0) if refusal else 0.0)
    if not urls:
        assert refusal is not None
        done[slow[0]] = Checked(False, "an answer", refusal.reason)
        return replace(_not_converged(checks, done, evidence, work), retry_after_seconds=wait)
    gateway, known = checks[slow[0]]["gateway"], work.call.operation
    since = known.started_at if pending and known else work.now.isoformat()
    by_number = json.dumps({str(number): url for number, url in urls.items()})
    return replace(_waiting(wait), operation=Operation(READINGS, gateway, poll_url=by_number, started_at=since))


def _pending(work: Work) -> dict[int, str]:
    """URLs of readings begun before, unless they are too old to tell how it is now."""
    operation = work.call.operation
    if operation is None or operation.kind != READINGS or not operation.started_at:
        return {}
    if (work.now - moment(operation.started_at)).total_seconds() > STALE_SECONDS:
        return {}
    return {int(number): url for number, url in json.loads(operation.poll_url or "{}").items()}


def _poll(work: Work, checks: list[Check], pending: dict[int, str], done: dict[int, Checked]) -> bool:
    """Look at each reading once; True while one is under way and none has failed."""
    still = False
    for number, url in pending.items():
        check = checks[number]
        operation = Operation("network", check["gateway"], poll_url=url)
        polled: Polled = network.poll_operation(work.clients, operation)
        if polled.state == "running":
            still = True
        elif polled.state == "succeeded":
            done[number] = gateway_routes.judge(check, polled.result)
        else:
            done[number] = Checked(False, "an answer", polled.reason)
    return still and all(one.passed is not False for one in done.values())


def _judged(checks: list[Check], done: dict[int, Checked], evidence: dict[str, Any], work: Work) -> Outcome:
    """All have been answered and none says no. One that could not tell is covered by another that could."""
    if not any(one.passed for one in done.values()):
        return _not_converged(checks, done, evidence, work)
    shown = [_shown(checks[number], one) for number, one in sorted(done.items())]
    return succeeded(
        f"routing is verified by {sum(one.passed is True for one in done.values())} checks", checks=shown, **evidence
    )


def _not_converged(checks: list[Check], done: dict[int, Checked], evidence: dict[str, Any], work: Work) -> Outcome:
    shown = [_shown(checks[number], one) for number, one in sorted(done.items())]
    failing = [one for one in done.values() if one.passed is False] or list(done.values())
    reason = f"not converged: {failing[0].saw} (expected {failing[0].expected})" if failing else "nothing was checked"
    outcome = retryable(reason, code="NotConverged", retry_after_seconds=AGAIN_SECONDS, checks=shown, **evidence)
    if work.call.operation is not None and work.call.operation.kind == READINGS:
        return replace(outcome, operation=Operation("settling", work.call.operation.resource_id))
    return outcome


def _waiting(seconds: float) -> Outcome:
    return retryable("the gateway is reading its routes", code="ReadingsPending", retry_after_seconds=seconds)


def _shown(check: Check, checked: Checked) -> dict[str, Any]:
    about = {
        name: value for name, value in check.items() if name in ("peer", "address", "port", "prefixes", "neighbors")
    }
    for name in ("connection", "gateway"):
        if check.get(name):
            about[name] = arm_ids.name_of(check[name])
    return {
        "check": check["check"],
        **about,
        "expected": checked.expected,
        "saw": checked.saw,
        "passed": checked.passed,
    }
