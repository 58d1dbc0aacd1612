"""Names of a plan that the snapshot does not hold, told even while the plan's own shape is still wrong.

What compiles is checked by ``domain.compile``; this reads the raw file, so that every mistake is heard of at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain.findings import Findings
from domain.plans.errors import PlanError
from domain.routing_steps import WORKSPACE_TYPE
from domain.snapshot import Snapshot
from domain.topology import CONNECTION_TYPE, GATEWAY_TYPE, LOCAL_GATEWAY_TYPE
from domain.workload import PLAN_TYPE, VAULT_TYPE

LINK_NAMES = (("connect.gateway", GATEWAY_TYPE), ("connect.localNetworkGateway", LOCAL_GATEWAY_TYPE))
PLAN_NAMES = (
    ("workload.vault", VAULT_TYPE),
    ("workload.recoveryPlan", PLAN_TYPE),
    ("routing.workspace", WORKSPACE_TYPE),
)


def unknown_names(data: Any, snapshot: Snapshot) -> list[PlanError]:
    """Every reference of a raw plan (as YAML gives it) that means nothing, or too much, in the snapshot."""
    findings = Findings(snapshot)
    for path, resource_type, reference in _references(data):
        findings.resolve(path, resource_type, reference)
    return findings.errors


def _references(data: Any) -> Iterator[tuple[str, str, str]]:
    links = data.get("links") if isinstance(data, dict) else None
    for index, link in enumerate(links if isinstance(links, list) else []):
        for field, resource_type in (("disconnect", CONNECTION_TYPE), *LINK_NAMES):
            yield from _text(link, field, f"links[{index}].{field}", resource_type)
    for field, resource_type in PLAN_NAMES:
        yield from _text(data, field, field, resource_type)


def _text(value: Any, field: str, path: str, resource_type: str) -> Iterator[tuple[str, str, str]]:
    for part in field.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, str) and value:
        yield path, resource_type, value
