"""The steps of an edge runbook that both situations share: ranges checked, lists extended, files and packages written,
each device changed by a person and seen from Azure's side.

Long lists never stand in a step: they are kept beside the runbook under their hash, and steps carry the hash (rule 9).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from domain import arm_ids
from domain.codec import content_hash
from domain.edge.model import EdgeDevice
from domain.edge.packages import BEFORE, UPLOAD
from domain.edge.ranges import ServiceTag, TagList
from domain.edge.routes import ROUTE_LIMIT
from domain.plans.reading import Plan
from domain.runbook import Step
from domain.snapshot import Snapshot
from domain.steps import make_step

DEVICE_SECONDS = 1200
"""How long a person usually takes for one device: our own bound."""


@dataclass
class Kept:
    """What steps refer to by hash: ``documents`` becomes part of the runbook's."""

    documents: dict[str, Any] = field(default_factory=dict)

    def keep(self, content: Any) -> str:
        digest = content_hash(content)
        self.documents[digest] = content
        return digest


def check_ranges(
    plan: Plan, tags: TagList, used: Iterable[ServiceTag], table: str | None, count: int, kept: Kept
) -> Step:
    """The API is asked again, and the table counted again, before anything is written."""
    edge = plan.edge
    assert edge is not None
    ranges = {tag.name: list(tag.prefixes) for tag in used}
    settings: dict[str, Any] = {"change_number": tags.change_number, "ranges": kept.keep(ranges)}
    if edge.ranges.api is not None:
        settings |= {"location": edge.ranges.api, "subscription": tags.document.split("/")[2]}
    if table is not None:
        settings |= {"table": table, "adds": count, "at_most": ROUTE_LIMIT}
    name = f"the ranges of {', '.join(edge.services)} are as captured"
    return make_step(plan, "check-ranges", f"edge:{plan.name}", name, "ready", settings=settings)


def extend(
    plan: Plan, target: str, list_field: str, children: Iterable[Any], name: str, stage: str, kept: Kept,
    needs: Iterable[str], *, at_most: int | None = None,
) -> Step:  # fmt: skip
    """Children that join one list of a resource, and leave it again when the run is undone."""
    rows = list(children)
    settings: dict[str, Any] = {"list": list_field, "children": kept.keep(rows), "count": len(rows), "lock": [target]}
    if at_most is not None:
        settings["at_most"] = at_most
    undo = {"kind": "shrink-resource", "name": f"undo: {name}", "settings": settings}
    return make_step(plan, "extend-resource", target, name, stage, settings=settings, needs=needs, compensation=undo)


def write_files(
    plan: Plan, snapshot: Snapshot, tags: TagList, additions: dict[str, list[str]], region: str, kept: Kept,
    needs: Iterable[str],
) -> Step:  # fmt: skip
    """The file for the devices' screens, and the one that was there before, in the run's packages."""
    settings = {
        "snapshot": snapshot.hash,
        "tags": tags.document,
        "additions": kept.keep(additions),
        "region": region,
        "document": UPLOAD,
        "before": BEFORE,
    }
    name = f"write {UPLOAD}"
    return make_step(plan, "write-route-file", f"edge:{plan.name}", name, "file", settings=settings, needs=needs)


def device_steps(
    plan: Plan,
    device: EdgeDevice,
    package: dict[str, Any],
    checks: list[dict[str, Any]],
    needs: Iterable[str],
    reads: dict[str, Any] | None = None,
) -> tuple[Step, ...]:
    """Package, a person's word, and a look at the tunnel. ``reads``: what is known only when the package is written."""
    target, where = f"device:{device.name}", f" ({device.site})" if device.site else ""
    document = f"{device.name}.json"
    settings = {"document": document, "content": package, **({"reads": reads} if reads else {})}
    written = make_step(
        plan, "write-package", target, f"write the package of {device.name}", "devices", settings=settings, needs=needs
    )
    question = f"Change {device.name}{where} on its own screen as packages/{document} of this run says, then say done."
    back = f"Put {device.name}{where} back: see undo in packages/{document} of this run. Then say done."
    asked = make_step(
        plan, "wait-person", target, f"{device.name} is changed", "devices",
        settings={"question": question, "role": device.person},
        needs=(written.id,),
        compensation={
            "kind": "wait-person", "name": f"{device.name} is put back",
            "settings": {"question": back, "role": device.person},
        },
    )  # fmt: skip
    seen = make_step(
        plan, "verify-routing", target, f"the tunnel of {device.name} is up", "devices",
        settings={"checks": checks, "site": device.name},
        needs=(asked.id,),
        timeout_seconds=plan.routing.deadline,
    )  # fmt: skip
    return written, asked, seen


def tunnel_checks(device: EdgeDevice, gateway: str | None, connection: str | None) -> list[dict[str, Any]]:
    """What Azure's side can tell of one device's tunnel: up, and carrying traffic."""
    if device.model == "mini-r":
        return [{"check": "vpn-client", "gateway": gateway, "client": device.client or device.name}]
    return [
        {"check": "connection-state", "connection": connection},
        {"check": "tunnel-bytes", "connection": connection},
    ]


def short(resource_id: str) -> str:
    return arm_ids.name_of(resource_id)
