"""Commands about a run: start one, watch it, answer it, stop it. They speak to a host's HTTP doors and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.arguments import By, JsonOption, Mode, ModeOption, Reason, Run, Step, Url

if TYPE_CHECKING:
    from cli.host_client import Host

Answer = Annotated[
    str | None,
    typer.Option("--answer", help="Where the question offers several: approve, done, accept-split-risk, reject, stop."),
]


def start(
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The name of a published plan.")],
    mode: ModeOption = Mode.failover,
    reason: Reason = "",
    key: Annotated[
        str | None,
        typer.Option("--key", help="Idempotency key: the same key never starts a second run. Default: a new one."),
    ] = None,
    accept_split_risk: Annotated[
        bool,
        typer.Option("--accept-split-risk", help="Consent beforehand to go on where an old path cannot be fenced."),
    ] = False,
    by: By = None,
    follow: Annotated[bool, typer.Option("--watch", help="Then watch it, as the watch command does.")] = False,
    url: Url = None,
    json: JsonOption = False,
) -> None:
    """Start a run of a published plan. Starting it by hand is also its approval."""
    import uuid

    from cli.terminal import print_json, stdout

    body: dict[str, Any] = {"plan": plan, "mode": mode.value, "reason": reason, "by": _who(by)}
    body["idempotencyKey"] = key or uuid.uuid4().hex
    if accept_split_risk:
        body["consents"] = ["accept-split-risk"]
    host = _host(url)
    started = host.post("failovers", {name: value for name, value in body.items() if value})
    if json and not follow:
        print_json(started)
    elif not json:
        stdout().print(f"run {started['run']}", soft_wrap=True)
    if follow:
        watch(started["run"], url, json)


def status(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="Default: a list of all runs.")] = None,
    url: Url = None,
    all_runs: Annotated[bool, typer.Option("--all", help="List every run, not only the newest fifty.")] = False,
    json: JsonOption = False,
) -> None:
    """Print how a run stands, or list the runs."""
    from cli.run_view import show_list, show_run
    from cli.terminal import print_json, stderr, stdout

    host = _host(url)
    found = host.run(run) if run else host.runs(every=all_runs)
    if json:
        print_json(found)
    elif run:
        show_run(found, stdout())
    else:
        show_list(found["failovers"], stdout())
        if found["continuation"]:
            stderr().print("older runs are not listed: --all lists them")


def watch(run: Run, url: Url = None, json: JsonOption = False) -> None:
    """Follow a run until it ends. Exit code 0 only if it ended as its mode should."""
    from cli.failing import Code
    from cli.watching import follow

    ended = follow(_host(url), run, as_json=json)
    if ended.outcome != "completed":
        raise typer.Exit(Code.ENDED_BADLY)


def approve(
    run: Run, step: Step = None, answer: Answer = None, by: By = None, reason: Reason = "", url: Url = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Say yes to what a run asks: that it may start, that something was done by hand, or (named) the split risk."""
    _answer(run, "approve", url, json, by=_who(by), step=step, answer=answer, reason=reason)


def reject(
    run: Run, step: Step = None, answer: Answer = None, by: By = None, reason: Reason = "", url: Url = None,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Say no to what a run asks."""
    _answer(run, "reject", url, json, by=_who(by), step=step, answer=answer, reason=reason)


def retry(
    run: Run, step: Step = None, by: By = None, reason: Reason = "", url: Url = None, json: JsonOption = False
) -> None:
    """Let a step that failed try again."""
    _answer(run, "retry", url, json, by=_who(by), step=step, reason=reason)


def skip(
    run: Run,
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the report.")],
    step: Step = None,
    by: By = None,
    url: Url = None,
    json: JsonOption = False,
) -> None:
    """Go on without a step that failed. Needs a reason."""
    _answer(run, "skip", url, json, by=_who(by), step=step, reason=reason)


def abort(run: Run, reason: Reason = "", by: By = None, url: Url = None, json: JsonOption = False) -> None:
    """Stop a run: nothing new begins; before the point of no return everything is put back."""
    _answer(run, "abort", url, json, by=_who(by), reason=reason)


def pause(run: Run, reason: Reason = "", by: By = None, url: Url = None, json: JsonOption = False) -> None:
    """Begin nothing new until resume. What Azure already works on goes on."""
    _answer(run, "pause", url, json, by=_who(by), reason=reason)


def resume(run: Run, reason: Reason = "", by: By = None, url: Url = None, json: JsonOption = False) -> None:
    """Go on after a pause."""
    _answer(run, "resume", url, json, by=_who(by), reason=reason)


def adopt(run: Run, reason: Reason = "", by: By = None, url: Url = None, json: JsonOption = False) -> None:
    """Take over a run that ended badly: a new run attaches to everything already done."""
    _answer(run, "adopt", url, json, by=_who(by), reason=reason)


def _answer(run: str, word: str, url: str | None, json: bool, **body: str | None) -> None:
    from cli.terminal import print_json, stdout

    said = _host(url).answer(run, word, {name: value for name, value in body.items() if value})
    if json:
        print_json(said)
        return
    answered = f" ({', '.join(said['answered'])})" if said.get("answered") else ""
    if said.get("run") != run:
        stdout().print(f"run {said['run']} adopts {run}", soft_wrap=True)
    elif said.get("applied", True):
        stdout().print(f"{word}: done{answered}", soft_wrap=True)
    else:
        stdout().print(f"{word}: taken, not yet seen to hold{answered}", soft_wrap=True)


def _host(url: str | None) -> Host:
    from cli.host_client import connect

    return connect(url)


def _who(by: str | None) -> str | None:
    """The name that an answer carries where no sign-in says a better one."""
    import getpass

    if by:
        return by
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return None
