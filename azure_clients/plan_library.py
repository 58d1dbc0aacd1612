"""Published plans: immutable documents under their hashes, and one pointer a plan that says which of them holds.

A plan is published only when it compiles. The pointer moves under If-Match, so that of two publishers one is told to
look again; a run pins the hashes it started with and never reads a pointer afterwards (rule 15).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from azure_clients.documents import Documents, required
from azure_clients.errors import Changed, NotUnderstood
from domain.codec import canonical, from_wire, to_wire
from domain.compile import COMPILED_MODES, compile_runbook
from domain.plans.reading import Plan, parse_plan
from domain.runbook import Runbook
from domain.snapshot import Snapshot, parse_snapshot


@dataclass(frozen=True)
class Pointer:
    """Which plan and snapshot hold under a name. ``modes``: what was compiled when it was published."""

    name: str
    plan_hash: str
    snapshot_hash: str
    published_at: str
    published_by: str
    modes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Published:
    """What a publication did. ``warnings`` are the compiler's; ``changed`` is False when it held already."""

    pointer: Pointer
    runbooks: dict[str, str]
    warnings: tuple[str, ...] = ()
    changed: bool = True


def publish(store: Documents, plan_text: str, snapshot_text: str | bytes, *, by: str, now: str) -> Published:
    """Check, compile in every mode, store, and move the pointer.

    Raises PlanErrors, SnapshotError or Refused for what is wrong with the two, Changed when somebody published the same
    plan at the same time, CallFailed for the store.
    """
    plan, snapshot = parse_plan(plan_text), parse_snapshot(snapshot_text)
    runbooks = {mode: compile_runbook(plan, snapshot, mode) for mode in COMPILED_MODES}
    keep(store, plan.hash, {"kind": "plan", "text": plan_text})
    keep(store, snapshot.hash, {"kind": "snapshot", "documents": list(snapshot.documents)})
    for runbook in runbooks.values():
        keep_runbook(store, runbook)
    pointer = Pointer(plan.name, plan.hash, snapshot.hash, now, by, tuple(runbooks))
    changed = _move(store, pointer)
    warnings = dict.fromkeys((*snapshot.warnings, *(text for one in runbooks.values() for text in one.warnings)))
    return Published(pointer, {mode: one.hash for mode, one in runbooks.items()}, tuple(warnings), changed)


def read_pointer(store: Documents, name: str) -> Pointer | None:
    """The pointer of a plan; None when none was published under that name."""
    found = store.read(pointer_name(name))
    return from_wire(Pointer, json.loads(found[0])) if found else None


def read_pointers(store: Documents) -> list[Pointer]:
    """Every published plan, by name."""
    names = [name.split("/")[1] for name in store.list("plans/") if name.endswith("/pointer.json")]
    return [pointer for name in names if (pointer := read_pointer(store, name))]


def read_plan(store: Documents, plan_hash: str) -> Plan:
    return parse_plan(str(_content(store, plan_hash, "plan")["text"]))


def read_snapshot(store: Documents, snapshot_hash: str) -> Snapshot:
    return parse_snapshot(json.dumps(_content(store, snapshot_hash, "snapshot")["documents"]))


def keep_runbook(store: Documents, runbook: Runbook) -> str:
    """Store a runbook under its hash, and what its steps refer to under theirs."""
    for one, content in runbook.documents.items():
        keep(store, one, {"kind": "reference", "content": content})
    keep(store, runbook.hash, {"kind": "runbook", "runbook": to_wire(runbook)})
    return runbook.hash


def read_runbook(store: Documents, runbook_hash: str) -> Runbook:
    return from_wire(Runbook, _content(store, runbook_hash, "runbook")["runbook"])


def read_reference(store: Documents, content_hash: str) -> Any:
    """What a step refers to by hash."""
    return _content(store, content_hash, "reference")["content"]


def keep(store: Documents, content_hash: str, document: dict[str, Any]) -> None:
    """Store a document under a hash, once and for all."""
    store.create(f"content/{content_hash}.json", canonical(document).encode())


def pointer_name(plan: str) -> str:
    return f"plans/{plan}/pointer.json"


def _move(store: Documents, pointer: Pointer) -> bool:
    name, content = pointer_name(pointer.name), canonical(to_wire(pointer)).encode()
    found = store.read(name)
    if found is None:
        if store.create(name, content):
            return True
        raise Changed(f"plan {pointer.name} was published by somebody else just now; look at it and publish again")
    before = from_wire(Pointer, json.loads(found[0]))
    if replace(before, published_at="", published_by="") == replace(pointer, published_at="", published_by=""):
        return False
    store.write(name, content, etag=found[1])
    return True


def _content(store: Documents, content_hash: str, kind: str) -> dict[str, Any]:
    document = json.loads(required(store, f"content/{content_hash}.json"))
    if not isinstance(document, dict) or document.get("kind") != kind:
        raise NotUnderstood(f"document {content_hash[:12]} is no {kind}", code="DocumentKind")
    return document
