"""The verify-azure command: a dry run unless told to apply."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.failing import Code, Problem

if TYPE_CHECKING:
    from cli.verify.sequence import Ended
    from cli.verify.steps import Order, Step

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def verify_azure(
    subscription: Annotated[str, typer.Option("--subscription", metavar="ID", help="Where it happens: its id.")],
    location: Annotated[str, typer.Option("--location", metavar="REGION", help="As in an ARM document: westeurope.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Gets the recordings.")] = Path("recordings"),
    apply: Annotated[bool, typer.Option("--apply", help="Do it. Otherwise: say what would be done.")] = False,
    gateway: Annotated[
        str | None, typer.Option("--gateway", metavar="ID", help="An existing VPN gateway, to try a connection on.")
    ] = None,
    protected_item: Annotated[
        str | None, typer.Option("--protected-item", metavar="ID", help="A protected item, its points and jobs: read.")
    ] = None,
) -> None:
    """Try on a real subscription what the simulator guesses, record it without secrets, and take everything away."""
    import secrets

    from cli.terminal import stdout
    from cli.verify import estimate
    from cli.verify.steps import Order, steps

    order = Order(subscription.lower(), location, gateway, protected_item)
    _check(order, out)
    shared_key = secrets.token_urlsafe(24)
    table = steps(order, shared_key)
    if not apply:
        console = stdout()
        for line in estimate.lines(order, table):
            console.print(line, markup=False, soft_wrap=True)
        console.print("\nThis was a dry run: nothing was asked of Azure. --apply does it.", soft_wrap=True)
        return
    _apply(order, table, shared_key, out)


def _check(order: Order, out: Path) -> None:
    """Raises Problem for what cannot be meant."""
    if not GUID.fullmatch(order.subscription):
        raise Problem(f"--subscription: expected an id like 0000b0b0-..., found {order.subscription!r}")
    if not re.fullmatch(r"[a-z0-9]+", order.location):
        raise Problem(f"--location: expected a name like westeurope, found {order.location!r}")
    if out.exists() and not out.is_dir():
        raise Problem(f"{out}: expected a folder for the recordings, found a file")
    _check_id("--gateway", order.gateway, "microsoft.network/virtualnetworkgateways", order.subscription)
    item = "microsoft.recoveryservices/vaults/replicationfabrics/replicationprotectioncontainers"
    _check_id("--protected-item", order.item, f"{item}/replicationprotecteditems", order.subscription)


def _check_id(option: str, given: str | None, kind: str, subscription: str) -> None:
    from domain import arm_ids

    if given is None:
        return
    at = arm_ids.parse(given) if arm_ids.is_arm_id(given) else None
    if at is None or at.type.lower() != kind or at.subscription.lower() != subscription:
        raise Problem(f"{option}: expected the id of a {kind} in that subscription, found {given!r}")


def _apply(order: Order, table: list[Step], shared_key: str, out: Path) -> None:
    import os

    from azure_clients.recorder import RecordingClients, Tape
    from azure_clients.settings import SettingsError, read_settings
    from cli.pausing import pause
    from cli.terminal import stderr
    from cli.verify.sequence import Foreign, Sequence
    from clock import from_environment

    try:
        settings = read_settings({**os.environ, "BRIDGEHEAD_DOCUMENTS": str(out)})
    except SettingsError as error:
        raise Problem("the settings cannot be used", error.problems) from None
    console, tape = stderr(), Tape()
    clients = RecordingClients(settings, tape)
    clock = from_environment()

    def say(text: str) -> None:
        console.print(text, markup=False, soft_wrap=True)

    try:
        ended = Sequence(order, clients, tape, clock, pause, say).run(table)
    except Foreign as foreign:
        raise Problem(str(foreign), ["nothing was deleted"], Code.REFUSED) from None
    _write(order, table, shared_key, tape, settings.arm_endpoint, out)
    _tell(ended, len(table))


def _write(order: Order, table: list[Step], shared_key: str, tape: object, endpoint: str, out: Path) -> None:
    from azure_clients.recorder import Tape
    from cli.terminal import stdout
    from cli.verify.anonymous import Anonymizer, Leak
    from cli.verify.cassettes import write

    assert isinstance(tape, Tape)
    own = {part for step in table if step.path.startswith(order.group) for part in step.path.split("/")}
    anonymizer = Anonymizer(order.subscription, order.id, own, [shared_key])
    try:
        written = write(tape.calls, endpoint, anonymizer, out)
    except Leak as leak:
        raise Problem(f"{leak} would be in the recordings: none is written", code=Code.BUG) from None
    for path in written:
        stdout().print(f"recorded: {path}", markup=False, soft_wrap=True)


def _tell(ended: Ended, planned: int) -> None:
    """The last word, and the exit code."""
    from cli.terminal import stdout

    details = [*ended.differences, *([f"still there: {', '.join(ended.left)}"] if ended.left else [])]
    if ended.interrupted:
        raise Problem(f"stopped after {ended.done} of {planned} steps", details, Code.INTERRUPTED)
    if ended.failure:
        raise Problem(ended.failure, details, Code.ENDED_BADLY)
    if details:
        raise Problem("it went through, with differences", details, Code.ENDED_BADLY)
    stdout().print(f"{ended.done} steps done, nothing is left, Azure does what the simulator says", soft_wrap=True)
