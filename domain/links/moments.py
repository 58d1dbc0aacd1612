"""When the new links come: before the failover, between two groups, or after the last, each as its plan says."""

from __future__ import annotations

from domain.findings import Findings
from domain.links.mirror import in_order
from domain.links.resolving import ResolvedLink
from domain.plans.links import Link
from domain.plans.reading import Plan, nearest
from domain.steps import step_id
from domain.workload import Workload


def check_moments(plan: Plan, workload: Workload, findings: Findings) -> None:
    """Groups that a link stands between must be there, and in that order."""
    names = [group.name for group in workload.groups]
    for index, link in enumerate(plan.links):
        for field, named in (("comesAfter", link.comes_after), ("comesBefore", link.comes_before)):
            path = f"links[{index}].{field}"
            if named is None:
                continue
            if plan.workload.drive == "plan":
                findings.refuse(path, repr(named), "nothing: with drive: plan Site Recovery walks the groups by itself")
            elif named not in names:
                findings.refuse(path, repr(named), "the name of a group", nearest(named, names))
        after, before = link.comes_after, link.comes_before
        if after in names and before in names and names.index(before) <= names.index(after):
            findings.refuse(
                f"links[{index}].comesBefore",
                f"{before!r}, which is not after {after!r}",
                "a later group than comesAfter",
            )


def stage_of(link: Link) -> str:
    """The stage in which a link's new halves are made: one for each moment that a plan names."""
    if link.comes_after or link.comes_before:
        parts = [f"after-{link.comes_after}" if link.comes_after else "", f"before-{link.comes_before or ''}"]
        return "connect-" + "-".join(part for part in parts if part and part != "before-")
    return "connect" if link.comes == "after-failover" else "connect-first"


def first_need(link: Link, gates: dict[str, str]) -> tuple[str, ...]:
    """The gate (group -> its last step) that a link's new halves wait for."""
    if link.comes_after:
        return (gates[link.comes_after],) if link.comes_after in gates else ()
    if link.comes_before or link.comes == "before-failover":
        return ()
    last = list(gates.values())[-1:]
    return tuple(last)


def group_waits(plan: Plan, workload: Workload, links: list[ResolvedLink]) -> dict[str, tuple[str, ...]]:
    """Group name -> steps of new links that it begins after; ``all`` for a plan that is handed over whole."""
    waits: dict[str, tuple[str, ...]] = {}
    for found in links:
        group = gated_group(plan, workload, found)
        if group:
            waits[group] = (*waits.get(group, ()), *connect_ids(plan, found))
    return waits


def gated_group(plan: Plan, workload: Workload, found: ResolvedLink) -> str | None:
    """The group that waits for a link's new halves; ``all`` for a plan that is handed over whole."""
    first = "all" if plan.workload.drive == "plan" else next((group.name for group in workload.groups), "all")
    early = found.link.comes == "before-failover" and not found.link.comes_after
    return found.link.comes_before or (first if early else None)


def connect_ids(plan: Plan, found: ResolvedLink) -> tuple[str, ...]:
    """The ids that the steps of a link's new halves have, or those of its preference."""
    if found.prefer:
        target = f"site:{found.site}:{found.link.name}"
        return (step_id(preference_kind(plan, found), target, "connect"),)
    return tuple(
        step_id("connect-peering" if half.is_peering else "connect-connection", half.id, "connect")
        for half in in_order(found.comes)
    )


def preference_kind(plan: Plan, found: ResolvedLink) -> str:
    """How a site's preference is moved: by its automation, or by a person."""
    return "prefer-peer" if plan.sites[found.site].automation else "prefer-by-person"
