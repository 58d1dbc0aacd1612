"""Children that join one list of a resource, and leave it again: routes of a table, rules of a firewall.

The children are kept under a hash, since they are too large for a step. What somebody else has put under one of their
names is a conflict; what is there already as wanted counts as done. Going back takes away only what is as we put it.
"""

from __future__ import annotations

import copy
from typing import Any

from activities.polling import is_under_way, provisioning_state
from activities.work import Work, advised, with_evidence
from azure_clients import plan_library, resources
from domain import arm_ids, bodies
from domain.decide import NOT_ACCEPTED
from domain.outcomes import Operation, Outcome, failed, retryable, running, succeeded

Document = dict[str, Any]
Child = dict[str, Any]

SHOWN = 4


def begin_extend(work: Work) -> Outcome:
    """PUT the resource with the children that it lacks, under the etag that was read."""
    document, outcome = _read(work)
    if document is None or outcome is not None:
        return outcome or _missing(work)
    there, wanted = _listed(work, document), _children(work)
    clash = [one["name"] for one in wanted if one["name"] in there and not bodies.contains(there[one["name"]], one)]
    if clash:
        text = f"{_name(work)} has {', '.join(clash[:SHOWN])} already, and not as wanted"
        return failed(text, code="Conflict", clash=clash[:SHOWN])
    lacking = [one for one in wanted if one["name"] not in there]
    if not lacking:
        return succeeded(f"{_name(work)} has all {len(wanted)} already", existing=len(there))
    at_most = work.settings.get("at_most")
    total = len(there) + len(lacking)
    if at_most is not None and total > at_most:
        text = f"{_name(work)} has {len(there)}, and {len(lacking)} more are {total}: at most {at_most}"
        return failed(text, code="ListFull", existing=len(there))
    rows = [*_rows(work, document), *lacking]
    return with_evidence(_put(work, document, rows), existing=len(there), added=len(lacking))


def verify_extended(work: Work) -> Outcome:
    """All children are there as wanted, and the resource is provisioned."""
    document, outcome = _read(work)
    if document is None or outcome is not None:
        return outcome or _missing(work)
    there, wanted = _listed(work, document), _children(work)
    lacking = [one["name"] for one in wanted if not bodies.contains(there.get(one["name"]), one)]
    if lacking:
        return retryable(f"{_name(work)} lacks {', '.join(lacking[:SHOWN])}", code=NOT_ACCEPTED)
    return succeeded(f"{_name(work)} has all {len(wanted)}", total=len(there))


def begin_shrink(work: Work) -> Outcome:
    """PUT the resource without those children that are as we put them."""
    document, outcome = _read(work)
    if outcome is not None:
        return outcome
    if document is None:
        return succeeded(f"there is no {_name(work)} any more")
    ours = _ours(work, document)
    if not ours:
        return succeeded(f"{_name(work)} has none of them")
    rows = [one for one in _rows(work, document) if one.get("name") not in ours]
    return with_evidence(_put(work, document, rows), removed=len(ours))


def verify_shrunk(work: Work) -> Outcome:
    """None of the children is there as we put it."""
    document, outcome = _read(work)
    if outcome is not None:
        return outcome
    left = _ours(work, document) if document else set()
    if left:
        return retryable(f"{_name(work)} still has {', '.join(sorted(left)[:SHOWN])}", code=NOT_ACCEPTED)
    return succeeded(f"{_name(work)} has none of them")


def _read(work: Work) -> tuple[Document | None, Outcome | None]:
    """The resource; with an outcome when somebody is at it."""
    document = resources.read(work.clients, work.target)
    if document is not None and is_under_way(document):
        if work.call.operation is None:
            attached = Operation("resource", work.target, started_at=work.call.now)
            return document, running(attached, reason=f"{_name(work)} is {provisioning_state(document)}")
        return document, retryable(f"{_name(work)} is being changed", code="Updating", retry_after_seconds=5)
    return document, None


def _missing(work: Work) -> Outcome:
    return failed(f"there is no {_name(work)}", code="ResourceNotFound")


def _put(work: Work, document: Document, rows: list[Child]) -> Outcome:
    body = copy.deepcopy(document)
    body.setdefault("properties", {})[work.settings["list"]] = rows
    etag = document.get("etag")
    answer, operation = resources.begin_put(work.clients, work.target, body, work.call.now, etag=etag)
    if operation is None:
        return succeeded(f"{_name(work)} was written at once")
    return with_evidence(running(operation), **advised(answer))


def _ours(work: Work, document: Document) -> set[str]:
    there = _listed(work, document)
    return {one["name"] for one in _children(work) if one["name"] in there and bodies.contains(there[one["name"]], one)}


def _children(work: Work) -> list[Child]:
    found: list[Child] = plan_library.read_reference(work.documents, work.settings["children"])
    return found


def _rows(work: Work, document: Document) -> list[Child]:
    return list((document.get("properties") or {}).get(work.settings["list"]) or ())


def _listed(work: Work, document: Document) -> dict[str, Child]:
    return {str(one.get("name")): one for one in _rows(work, document)}


def _name(work: Work) -> str:
    return arm_ids.name_of(work.target)
