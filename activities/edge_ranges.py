"""Before an edge run writes anything: are the ranges those that were counted, and does the table still take the routes.

The API's list is read again. Another changeNumber alone is told and changes nothing; other ranges of the services that
the run routes would be routes that nobody has counted, and fail the step with what differs.
"""

from __future__ import annotations

from typing import Any

from activities.work import Work
from azure_clients import plan_library, resources, service_tags
from domain import arm_ids
from domain.edge.ranges import aggregate, tags_of
from domain.outcomes import Outcome, failed, retryable, succeeded

SHOWN = 6


def verify(work: Work) -> Outcome:
    """``ranges`` is the hash of tag -> prefixes as captured. Without ``location`` they came from a file."""
    evidence: dict[str, Any] = {"change_number_captured": work.settings["change_number"]}
    refusal = _ranges(work, evidence) if work.settings.get("location") else None
    if refusal is None and work.settings.get("table"):
        refusal = _table(work, evidence)
    if refusal is not None:
        return refusal
    return succeeded(_sentence(work, evidence), **evidence)


def _ranges(work: Work, evidence: dict[str, Any]) -> Outcome | None:
    captured: dict[str, list[str]] = plan_library.read_reference(work.documents, work.settings["ranges"])
    document = service_tags.read_list(work.clients, work.settings["subscription"], work.settings["location"])
    evidence["change_number"] = str(document.get("changeNumber") or "")
    now = {tag.name.lower(): set(aggregate(tag.prefixes)) for tag in tags_of(document)}
    differing: dict[str, dict[str, list[str]]] = {}
    for name, prefixes in captured.items():
        before, after = set(aggregate(prefixes)), now.get(name.lower(), set())
        if before != after:
            fresh, gone = sorted(after - before), sorted(before - after)
            differing[name] = {"new": fresh[:SHOWN], "gone": gone[:SHOWN]}
    if not differing:
        return None
    text = (
        f"the ranges of {', '.join(differing)} are not those that were counted (changeNumber "
        f"{work.settings['change_number']} then, {evidence['change_number']} now): capture the list again, publish and "
        "start a new run; skipping routes what was counted"
    )
    return failed(text, code="RangesChanged", differing=differing, **evidence)


def _table(work: Work, evidence: dict[str, Any]) -> Outcome | None:
    """The table as it is now, before the first write."""
    table, at_most = work.settings["table"], int(work.settings["at_most"])
    name = arm_ids.name_of(table)
    document = resources.read(work.clients, table)
    if document is None:
        return failed(f"there is no route table {name}", code="ResourceNotFound")
    existing = len((document.get("properties") or {}).get("routes") or ())
    evidence["routes_before"] = existing
    total = existing + int(work.settings["adds"])
    if total > at_most:
        text = f"{name} has {existing} routes now, and {work.settings['adds']} more are {total}: at most {at_most}"
        return failed(text, code="RouteTableFull", **evidence)
    if str((document.get("properties") or {}).get("provisioningState") or "Succeeded").lower() != "succeeded":
        return retryable(f"{name} is being changed", code="Updating", retry_after_seconds=5)
    return None


def _sentence(work: Work, evidence: dict[str, Any]) -> str:
    before, now = work.settings["change_number"], evidence.get("change_number")
    if now is None:
        return f"the ranges are those of the file with changeNumber {before}"
    if now == before:
        return f"the list is the one that was counted, changeNumber {now}"
    return f"the list has changeNumber {now} now, {before} when it was captured; these ranges are the same"
