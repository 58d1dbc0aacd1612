"""Prove that routing points at the target: from Azure's side, from the site's table, and by reaching.

Cheap readings come first. Only when they pass are gateways and watchers asked for what takes them its time; those
readings are begun side by side, and looked at when the orchestrator comes again. Observing makes the same readings
before anything is changed, and judges none.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from activities import quick_checks, readings, site_routes
from activities.checked import Check, Checked, shown
from activities.readings import SLOW, Readings
from activities.work import Work, moment
from azure_clients.errors import CallFailed
from domain.outcomes import Outcome, retryable, succeeded

READING_SECONDS = 10.0
AGAIN_SECONDS = 5.0
POLL_SECONDS = 3.0
LONG_AFTER_SECONDS = 20.0
LEFT_FOR_A_LOOK = 15.0
"""Observing ends so long before its deadline with what it has."""

Findings = dict[int, Checked]

CHEAP = {
    "connection-state": quick_checks.connection_state,
    "peering-state": quick_checks.peering_state,
    "http-probe": quick_checks.http_probe,
    "site-routes": site_routes.check_routes,
    "site-reach": site_routes.check_reach,
}


def verify(work: Work) -> Outcome:
    """Go through the step's checks. Not converged is retryable, with every check's finding."""
    checks: list[Check] = work.settings["checks"]
    held = readings.load(work)
    found = {**held.done, **_cheap(work, checks, held)}
    evidence = site_routes.routing_evidence(work, checks)
    if _says_no(found):
        return _not_converged(work, checks, found, held, evidence)
    seconds = _look(work, checks, found, held)
    found |= held.done
    if _says_no(found):
        return _not_converged(work, checks, found, held, evidence)
    if len(found) < len(checks):
        if not held.urls and held.refusal is not None:
            return replace(_not_converged(work, checks, found, held, evidence), retry_after_seconds=seconds)
        return _waiting(work, checks, held, seconds)
    if not any(one.passed for one in found.values()):
        return _not_converged(work, checks, found, held, evidence)
    passed = sum(one.passed is True for one in found.values())
    return succeeded(f"routing is verified by {passed} checks", checks=_all_shown(checks, found), **evidence)


def observe(work: Work) -> Outcome:
    """Keep what every check sees before anything is changed. Nothing that it sees, or does not, fails."""
    checks: list[Check] = work.settings["checks"]
    held = readings.load(work)
    found = {**held.done, **_cheap(work, checks, held)}
    seconds = _look(work, checks, found, held)
    found |= held.done
    if len(found) < len(checks) and not _is_late(work):
        try:
            return _waiting(work, checks, held, seconds)
        except CallFailed:
            pass
    late = Checked(None, "an answer", held.refusal.reason if held.refusal else "nothing in time")
    seen = {number: found.get(number, late) for number in range(len(checks))}
    evidence = site_routes.routing_evidence(work, checks)
    before = {name.replace("routes_after", "routes_before"): value for name, value in evidence.items()}
    return succeeded(f"{len(found)} of {len(checks)} readings are kept", checks=_all_shown(checks, seen), **before)


def _cheap(work: Work, checks: list[Check], held: Readings) -> Findings:
    """Every check that is one quick reading, made side by side; a first look at bytes finds nothing yet."""
    numbers = [number for number, check in enumerate(checks) if check["check"] not in SLOW]
    with ThreadPoolExecutor(readings.READERS) as readers:
        found = zip(numbers, readers.map(lambda one: _quick(work, checks[one], one, held), numbers), strict=True)
        return {number: one for number, one in found if one is not None}


def _quick(work: Work, check: Check, number: int, held: Readings) -> Checked | None:
    try:
        if check["check"] == "tunnel-bytes":
            return _tunnel_bytes(work, check, number, held)
        make = CHEAP.get(check["check"])
        return make(work, check) if make else Checked(False, "a check that is known", str(check["check"]))
    except CallFailed as failure:
        return Checked(False, "an answer", failure.reason)


def _tunnel_bytes(work: Work, check: Check, number: int, held: Readings) -> Checked | None:
    now = quick_checks.read_bytes(work, check)
    if isinstance(now, Checked):
        return now
    before = held.bytes.setdefault(number, now)
    return None if before is now else quick_checks.judge_bytes(before, now)


def _look(work: Work, checks: list[Check], found: Findings, held: Readings) -> float:
    """Begin what was not begun, or else look at what is under way; gives the seconds until the next look."""
    slow = [number for number in range(len(checks)) if number not in found and checks[number]["check"] in SLOW]
    fresh = [number for number in slow if number not in held.urls]
    asked_to_wait = 0.0
    if fresh and held.begin(work, checks, fresh):
        return READING_SECONDS
    if held.refusal is not None:
        asked_to_wait = max(held.refusal.retry_after or 0.0, READING_SECONDS)
    held.poll(work, checks)
    elapsed = (work.now - moment(held.since)).total_seconds() if held.since else 0.0
    usual = POLL_SECONDS if held.urls and elapsed < LONG_AFTER_SECONDS else READING_SECONDS
    return max(usual, asked_to_wait)


def _says_no(found: Findings) -> bool:
    return any(one.passed is False for one in found.values())


def _waiting(work: Work, checks: list[Check], held: Readings, seconds: float) -> Outcome:
    asked = ", ".join(dict.fromkeys(str(checks[number]["check"]) for number in held.urls)) or "tunnel-bytes"
    waiting = retryable(f"Azure is asked for {asked}", code="ReadingsPending", retry_after_seconds=seconds)
    return replace(waiting, operation=readings.keep(work, held))


def _not_converged(
    work: Work, checks: list[Check], found: Findings, held: Readings, evidence: dict[str, Any]
) -> Outcome:
    """Everything is read anew next time, but for the bytes that were counted."""
    failing = [one for one in found.values() if one.passed is False] or list(found.values())
    if held.refusal is not None and not _says_no(found):
        failing = [Checked(False, "an answer", held.refusal.reason)]
    reason = f"not converged: {failing[0].saw} (expected {failing[0].expected})" if failing else "nothing was checked"
    outcome = retryable(
        reason, code="NotConverged", retry_after_seconds=AGAIN_SECONDS, checks=_all_shown(checks, found), **evidence
    )
    held.forget()
    if held.bytes or work.call.operation is not None:
        return replace(outcome, operation=readings.keep(work, held))
    return outcome


def _is_late(work: Work) -> bool:
    since = moment(work.call.intent_at)
    return (work.now - since).total_seconds() > work.call.step.timeout_seconds - LEFT_FOR_A_LOOK


def _all_shown(checks: list[Check], found: Findings) -> list[dict[str, Any]]:
    return [shown(checks[number], one) for number, one in sorted(found.items())]
