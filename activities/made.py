"""What a run has made, so that undoing takes back that and nothing else.

Most resources carry a run's tags. Children of others take none, so a note is kept for each: made before the PUT is
sent, by create-if-absent, and found again by any run of the same lineage. A note without its resource means nothing.
"""

from __future__ import annotations

import hashlib
from typing import Any

from activities.work import Work
from azure_clients import resources
from domain import arm_ids
from domain.codec import canonical
from domain.names import RUN_TAG, STEP_TAG

Document = dict[str, Any]


def is_ours(work: Work, document: Document) -> bool:
    """Whether a run has made the resource. Raises CallFailed when the store does not answer."""
    if resources.takes_tags(work.target):
        return RUN_TAG in (document.get("tags") or {})
    return work.documents.read(_name(work)) is not None


def sign(work: Work, body: Document) -> Document:
    """The body with the run's tags; for a child that takes none, a note is kept. Raises CallFailed."""
    if resources.takes_tags(work.target):
        tags = {**(body.get("tags") or {}), RUN_TAG: work.call.run, STEP_TAG: work.call.step.id}
        return {**body, "tags": tags}
    note = {"run": work.call.run, "step": work.call.step.id, "target": work.target, "at": work.now.isoformat()}
    work.documents.create(_name(work), canonical(note).encode())
    return body


def _name(work: Work) -> str:
    of_target = hashlib.sha256(arm_ids.key(work.target).encode()).hexdigest()[:16]
    return f"made/{work.call.lineage}/{of_target}.json"
