"""Compiling a plan with ``edge``: a service's failover, or a move of the whole fleet to the target region.

Everything is counted before anything is written: the list of service tags and the route table are in the snapshot.
The order is firewall, route table, devices: a route that comes before its rule drops what it carries, a device that
is changed before both sends its traffic into nothing.
"""

from __future__ import annotations

from typing import Any

from domain import arm_ids, regions
from domain.claims import claim_names
from domain.edge.firewall import Opening, opening, read_firewall
from domain.edge.model import Edge, EdgeDevice
from domain.edge.packages import service_package
from domain.edge.ranges import ServiceTag, TagList, read_tags, tags_in
from domain.edge.region import move_stages
from domain.edge.routes import ROUTE_LIMIT, TABLE_TYPE, Choice, choose, table_of
from domain.edge.steps import Kept, check_ranges, device_steps, extend, short, tunnel_checks, write_files
from domain.findings import Findings
from domain.finishing import runbook_of
from domain.lanes import Stage, cut
from domain.plans.reading import Plan
from domain.runbook import Runbook, Step
from domain.sizes import check_sizes
from domain.snapshot import Document, Snapshot, region_name
from domain.topology import CONNECTION_TYPE, GATEWAY_TYPE

DEVICE_TYPE = "Microsoft.DataBoxEdge/dataBoxEdgeDevices"


def compile_edge(plan: Plan, snapshot: Snapshot, findings: Findings) -> Runbook:
    """The runbook of a fleet. Raises Refused with every reason."""
    edge = plan.edge
    assert edge is not None
    _check_services_of(plan, edge, findings)
    tags = read_tags(edge, findings)
    used = tags_in(edge, tags, plan.recovery.region, findings) if tags else ()
    kept = Kept()
    document = findings.resolve("edge.routeTable", TABLE_TYPE, edge.route_table)
    choice: Choice | None = None
    if edge.situation == "service-failover" and document and used:
        choice = choose(edge, table_of(document), used, plan.recovery.region, findings)
    if edge.situation == "region-failover" or (choice and choice.how == "move-region"):
        stages, claimed = move_stages(plan, snapshot, tags, used, kept, findings)
    else:
        stages, claimed = _service_stages(plan, snapshot, tags, used, choice, document, kept, findings)
    findings.check()
    lanes, steps = cut(stages)
    check_sizes(steps, findings)
    return runbook_of(
        plan,
        snapshot,
        lanes,
        steps,
        claims=claim_names(claimed),
        facts=_facts(plan, edge, tags, choice, document, steps),
        documents=kept.documents,
        findings=findings,
    )


def _service_stages(
    plan: Plan,
    snapshot: Snapshot,
    tags: TagList | None,
    used: tuple[ServiceTag, ...],
    choice: Choice | None,
    table: Document | None,
    kept: Kept,
    findings: Findings,
) -> tuple[list[Stage], list[str]]:
    edge = plan.edge
    assert edge is not None
    firewall = read_firewall(edge, findings)
    ends = _ends(plan, edge, findings)
    if not (tags and choice and table and firewall):
        return [], []
    opened = opening(edge, firewall, choice, used, plan.recovery.region, findings)
    if opened is None:
        return [], []
    ready = check_ranges(plan, tags, used, table["id"], len(choice.routes), kept)
    through = _open(plan, opened, kept, ready.id)
    name = f"route {', '.join(edge.services)} of {plan.recovery.region} by {short(table['id'])}"
    routed = extend(
        plan, table["id"], "routes", choice.routes, name, "routes", kept, (through.id,), at_most=ROUTE_LIMIT
    )
    additions = {tag.service: list(tag.prefixes) for tag in used}
    files = write_files(plan, snapshot, tags, additions, plan.primary.region, kept, (routed.id,))
    devices: list[Step] = []
    for device in edge.all_devices:
        package = service_package(edge, device, plan.primary.region, plan.recovery.region)
        devices += device_steps(plan, device, package, tunnel_checks(device, *ends[device.name]), (files.id,))
    stages = [
        Stage("ready", "check ranges and table", (ready,)),
        Stage("firewall", "let the new ranges through", (through,), (), ("ready",)),
        Stage("routes", "route the new ranges", (routed,), (), ("firewall",)),
        Stage("file", "write the file for the devices", (files,), (), ("routes",)),
        Stage("devices", "change the devices", tuple(devices), (), ("file",)),
    ]
    return stages, [firewall["id"], table["id"]]


def _open(plan: Plan, opened: Opening, kept: Kept, ready: str) -> Step:
    name = f"{short(opened.target)} lets the ranges of {plan.recovery.region} through"
    return extend(plan, opened.target, opened.field, opened.children, name, "firewall", kept, (ready,))


def _ends(plan: Plan, edge: Edge, findings: Findings) -> dict[str, tuple[str | None, str | None]]:
    """For each device the gateway and the connection by which it comes, as the snapshot has them."""
    gateway = home_gateway(plan, edge, findings)
    found: dict[str, tuple[str | None, str | None]] = {}
    for index, device in enumerate(edge.all_devices):
        connection = None
        if device.connection is not None:
            connection = findings.resolve(f"edge.devices[{index}].connection", CONNECTION_TYPE, device.connection)
        found[device.name] = (gateway["id"] if gateway else None, connection["id"] if connection else None)
    return found


def home_gateway(plan: Plan, edge: Edge, findings: Findings) -> Document | None:
    """The fleet's gateway in the home region: the one that the plan names, else the only one there."""
    if edge.gateway is not None:
        return findings.resolve("edge.gateway.like", GATEWAY_TYPE, edge.gateway.like)
    if all(device.model == "pro-r" for device in edge.all_devices):
        return None
    here = [
        one
        for one in findings.snapshot.of_type(GATEWAY_TYPE)
        if region_name(one.get("location")) == plan.primary.region
    ]
    if len(here) != 1:
        found = f"nothing, and {len(here)} gateways in {plan.primary.region}"
        findings.refuse("edge.gateway", found, "the gateway that the Mini R devices are clients of (like: NAME)")
        return None
    return here[0]


def _check_services_of(plan: Plan, edge: Edge, findings: Findings) -> None:
    """The edge service's own region and the devices' backups, which a lost region takes along."""
    moving = edge.situation == "region-failover" or edge.on_limit == "move-region"
    served: list[str] = []
    bare: list[str] = []
    for device in edge.all_devices:
        if _service_region(plan, device, findings) == plan.primary.region:
            served.append(device.name)
        if moving:
            _check_backup(plan, device, bare, findings)
    home = regions.display_name(plan.primary.region)
    if moving and served:
        findings.warn(
            f"the Azure Stack Edge service of {_some(served)} is in {home}: while that region is away, the devices are "
            "managed on their own screens only"
        )
    if bare:
        findings.warn(f"{_some(bare)}: known to have no backup; a device that fails on the way cannot be restored")


def _service_region(plan: Plan, device: EdgeDevice, findings: Findings) -> str | None:
    if device.service_region is not None:
        return device.service_region
    known = findings.snapshot.named(DEVICE_TYPE, device.name)
    return region_name(known[0].get("location")) if known else plan.primary.region


def _check_backup(plan: Plan, device: EdgeDevice, bare: list[str], findings: Findings) -> None:
    path, backup = f"edge.devices.{device.name}.backup", device.backup
    if backup is None:
        findings.refuse(
            path, "nothing", "when and where the device was backed up", "backup: none says knowingly that it has none"
        )
    elif backup == "none":
        bare.append(device.name)
    elif backup.location == plan.primary.region:
        findings.refuse(path, f"a backup in {backup.location}", "one outside the region that fails")


def _some(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _facts(
    plan: Plan, edge: Edge, tags: TagList | None, choice: Choice | None, table: Document | None, steps: tuple[Step, ...]
) -> dict[str, Any]:
    counted = {"existing_routes": choice.existing, "added_routes": len(choice.routes)} if choice else {}
    if choice and choice.how == "move-region":
        counted.pop("added_routes")
    return {
        "primary_region": plan.primary.region,
        "recovery_region": plan.recovery.region,
        "rto_seconds": plan.objectives.rto,
        "rpo_seconds": plan.objectives.rpo,
        "automatic": plan.trigger.automatic,
        "hold_seconds": plan.trigger.hold,
        "decide_within_seconds": plan.trigger.decide_within,
        "groups": [],
        "edge": {
            "situation": edge.situation,
            "how": choice.how if choice else "move-region",
            "why": choice.why if choice else f"{regions.display_name(plan.primary.region)} fails as a whole",
            "services": list(edge.services),
            "change_number": tags.change_number if tags else None,
            "route_table": arm_ids.name_of(table["id"]) if table else None,
            **counted,
            "devices": {
                step.settings["site"]: step.id
                for step in steps
                if step.kind == "verify-routing" and step.stage == "devices"
            },
        },
    }
