"""The addresses command: will each machine come up with the address it should have; and, told to, see to it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.arguments import JsonOption, PlanFile, SnapshotOption
from cli.failing import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from azure_clients.factory import Clients
    from domain.address_check import Row
    from domain.plans.reading import Plan
    from domain.snapshot import Document, Snapshot

    Check = Callable[[Mapping[str, Document]], tuple[Row, ...]]


def addresses(
    plan: PlanFile,
    snapshot: SnapshotOption = None,
    live: Annotated[
        bool, typer.Option("--live", help="Read the items from Azure now, and ask it whether each address is free.")
    ] = False,
    assign: Annotated[
        bool, typer.Option("--assign", help="Write the wanted static addresses into the replicated items (in Azure).")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Check that each machine will come up with its own address. Exit code 0: all well, 1: differences."""
    from cli.files import need_snapshot, read_plan, read_snapshot

    parsed = read_plan(plan, snapshot)
    known = read_snapshot(need_snapshot(plan, snapshot))
    items, targets, known = _workload(plan, parsed, known)
    clients = _clients() if live or assign else None
    keep = parsed.workload.addresses == "keep"
    if clients is not None:
        items = _fresh(clients, items)

    def check(documents: Mapping[str, Document]) -> tuple[Row, ...]:
        from domain.address_check import check_addresses

        first = check_addresses(documents.values(), known, keep=keep, pairs=targets)
        if clients is None:
            return first
        said = _unavailable(clients, first)
        return check_addresses(documents.values(), known, keep=keep, pairs=targets, unavailable=said)

    rows = check(items)
    results: dict[str, str] = {}
    if assign and clients is not None:
        _show(rows, json=json, title="before")
        results = _assign(clients, items, rows, json=json)
        rows = check(_fresh(clients, items))
    _tell(parsed.name, rows, results, json=json, asked=assign)


def _workload(path: Path, plan: Plan, snapshot: Snapshot) -> tuple[dict[str, Document], dict[str, str], Snapshot]:
    """The plan's items by id, the target of each source network, and the snapshot with what the run will make."""
    from domain.findings import Findings
    from domain.links.networks import read_networks
    from domain.workload import read_workload

    findings = Findings(snapshot)
    if not plan.workload.vault:
        raise Problem(f"{path}: the plan has no workload", ["expected a plan that fails machines over"])
    networks = read_networks(plan, findings)
    items: dict[str, Document] = {}
    workload = read_workload(plan, findings)
    for item in workload.items if workload else ():
        document = findings.snapshot.get(item.id)
        if document is not None:
            items[item.id] = document
    unread = [str(error) for error in findings.errors if "does not hold" in str(error)]
    if unread or not items:
        raise Problem(f"{path}: its machines cannot be read from the snapshot", unread or ["it names no item"])
    return items, dict(networks.pairs), findings.snapshot


def _clients() -> Clients:
    import os

    from azure_clients.factory import Clients
    from azure_clients.settings import SettingsError, read_settings

    try:
        return Clients(read_settings({"BRIDGEHEAD_DOCUMENTS": ".", **os.environ}))
    except SettingsError as error:
        raise Problem("the settings cannot be used", error.problems) from None


def _fresh(clients: Clients, items: Mapping[str, Document]) -> dict[str, Document]:
    """The items as Azure has them now. Raises Problem for one that cannot be read."""
    from azure_clients import site_recovery
    from azure_clients.errors import CallFailed
    from domain import arm_ids

    found = {}
    for item_id in items:
        name = arm_ids.name_of(item_id)
        try:
            document = site_recovery.read_item(clients, item_id)
        except CallFailed as failure:
            raise Problem(f"{name} cannot be read: {failure.reason}", code=Code.UNREACHABLE) from None
        if document is None:
            raise Problem(f"{name} is not protected any more", ["capture the snapshot again"])
        found[item_id] = document
    return found


def _unavailable(clients: Clients, rows: tuple[Row, ...]) -> dict[tuple[str, str], str]:
    """What Azure says of the addresses that the snapshot finds free (CheckIPAddressAvailability)."""
    from azure_clients.answers import call
    from azure_clients.errors import CallFailed
    from domain import arm_ids

    said: dict[tuple[str, str], str] = {}
    for row in rows:
        key = (arm_ids.key(row.network), row.expected)
        if not row.expected or not row.configuration or key in said or any("taken" in one for one in row.problems):
            continue
        at = arm_ids.parse(row.network)
        networks = clients.network(at.subscription).virtual_networks
        doing = f"asking whether {row.expected} is free in {at.name}"
        try:
            answer = call(
                doing,
                networks.check_ip_address_availability,
                at.resource_group,
                at.name,
                ip_address=row.expected,
            ).document
        except CallFailed as failure:
            said[key] = f"{row.expected}: not known whether it is free: {failure.reason}"
            continue
        if not answer.get("available"):
            free = ", ".join((answer.get("availableIPAddresses") or [])[:3]) or "none"
            said[key] = f"{row.expected} is taken, says Azure; next free: {free}"
    return said


def _assign(clients: Clients, items: Mapping[str, Document], rows: tuple[Row, ...], *, json: bool) -> dict[str, str]:
    """Write each item that differs, one after the other. Item id -> ``assigned``, or why not."""
    from domain import arm_ids

    results: dict[str, str] = {}
    for item_id, document in items.items():
        mine = [row for row in rows if row.item == item_id and row.assignable]
        if not mine:
            continue
        shown = ", ".join(f"{row.nic or row.nic_id}: {row.found or 'any'} -> {row.expected}" for row in mine)
        _say(f"{arm_ids.name_of(item_id)}: {shown}", json=json)
        results[item_id] = _write(clients, document, mine)
        _say(f"{arm_ids.name_of(item_id)}: {results[item_id]}", json=json)
    return results


def _write(clients: Clients, item: Document, rows: list[Row]) -> str:
    """One PATCH and its job; what came of it, in words."""
    from azure_clients import site_recovery
    from azure_clients.errors import CallFailed
    from cli.pausing import pause
    from clock import from_environment
    from domain.address_check import changes_of

    try:
        answer = site_recovery.begin_update_item(clients, item["id"], changes_of(item, rows))
    except CallFailed as failure:
        return f"not assigned: {failure.reason}"
    operation = site_recovery.accepted(answer, item["id"], from_environment().now().isoformat(), 1)
    for _ in range(POLLS):
        polled = site_recovery.poll_job(clients, operation)
        if polled.state == "succeeded":
            return "assigned"
        if polled.state == "failed":
            return f"not assigned: {polled.reason}"
        pause(POLL_SECONDS)
    return f"not known whether it was assigned: no end after {POLLS * POLL_SECONDS:g} s"


POLLS, POLL_SECONDS = 60, 10.0


def _say(text: str, *, json: bool) -> None:
    """Progress; beside a JSON document it goes to standard error."""
    from cli.terminal import stderr, stdout

    (stderr() if json else stdout()).print(text, markup=False, soft_wrap=True)


def _show(rows: tuple[Row, ...], *, json: bool, title: str = "") -> None:
    from rich.table import Table

    from cli.terminal import stderr, stdout

    table = Table(title=title or None, box=None, pad_edge=False)
    for name in ("machine", "interface", "subnet", "expected", "found", "finding"):
        table.add_column(name, overflow="fold")
    for row in rows:
        said = "; ".join(row.problems) or "ok"
        table.add_row(row.machine, row.nic, row.subnet, row.expected or "-", row.found or "-", said)
    (stderr() if json else stdout()).print(table)


def _tell(plan: str, rows: tuple[Row, ...], results: Mapping[str, str], *, json: bool, asked: bool) -> None:
    """The findings, and the exit code."""
    from cli.terminal import print_json, stdout
    from domain import arm_ids

    wrong = [row for row in rows if not row.ok]
    if json:
        told = {arm_ids.name_of(item): result for item, result in results.items()}
        found = [{**asdict(row), "ok": row.ok} for row in rows]
        print_json({"plan": plan, "ok": not wrong, "addresses": found, "assigned": told})
    else:
        _show(rows, json=False, title="after" if asked else "")
        line = f"{len(rows)} addresses, {len(wrong)} of them not as they should be"
        if wrong and not asked and any(row.assignable for row in wrong):
            line += "; --assign writes what can be written"
        stdout().print(line, soft_wrap=True)
    if wrong:
        raise typer.Exit(Code.ENDED_BADLY)
