"""One run: compile, claim, decide, walk the lanes, undo if need be, report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from domain import names
from domain.calls import CompileCall, LaneCall, LaneResult, ReportCall, RunbookSummary, RunRequest
from domain.codec import from_wire, to_wire
from domain.decide import run_outcome
from domain.lane_order import lane_to_start
from domain.links.way_back import stays, to_undo
from domain.runbook import UNDO_CHUNK
from orchestrators.approval import Decision, decide_to_go, incident_is_over
from orchestrators.durable import Steps, all_claims, control_of, incident_of, insist, iso
from orchestrators.progress import show, watch_lanes

TERMINAL = ("Completed", "Failed", "Terminated", "Canceled")
CLAIM_TRIES = 4
LOST = "lost"
"""The end of a lane whose orchestration failed or was terminated: what became of its steps is not known."""
NOT_UNDONE = "not everything could be undone: see the report"
UNHURRIED = "build-gateways"
"""The stage that Azure takes half an hour for, and cannot be stopped in."""


@dataclass
class Walk:
    """What the run knows while it walks: lanes ended, ends of steps, the order in which steps ended."""

    request: RunRequest
    summary: RunbookSummary
    started_at: str
    decision: Decision = field(default_factory=Decision)
    lanes: dict[str, str] = field(default_factory=dict)
    steps_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)
    crossed: bool = False
    aborted: bool = False
    why: str = ""
    watches: int = 0
    undone: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Every lane was walked to its end."""
        return len(self.lanes) == len(self.summary.lanes) and all(end == "done" for end in self.lanes.values())


def failover(context: Any) -> Steps:
    """Run a plan.

    1. Compile the pinned plan and snapshot; refused: report and end.
    2. Claim everything the run writes to; another run has it: end ``refused`` before any write, naming the winner.
    3. Decide: approved by whoever started it, after the plan's hold, or by a person; silence means stop.
    4. Walk the lanes, each as soon as those it needs have ended; show progress.
    5. Aborted or stopped before the point of no return: undo what was done, last first.
    6. Report, release the claims, and return the outcome.
    """
    request = from_wire(RunRequest, context.get_input())
    started_at = iso(context)
    show(context, "compiling")
    if request.incident:
        begun = {"plan": request.plan, "run": request.run}
        yield context.call_entity(incident_of(request.incident), "run_begun", begun)
    try:
        call = CompileCall(request.run, request.plan_hash, request.snapshot_hash, request.mode)
        summary = from_wire(RunbookSummary, (yield from insist(context, names.COMPILE_RUNBOOK, call)))
    except Exception as error:
        text = str(error).split("\n", 1)[0]
        summary = RunbookSummary("", 0, refusals=(f"internal error: {text[:300]}",))
    walk = Walk(request, summary, started_at)
    refusal, winner = yield from _reason_to_refuse(context, walk)
    if refusal:
        return (yield from _finish(context, walk, "refused", refusal, winner))
    walk.decision = yield from decide_to_go(context, request, summary)
    if not walk.decision.go:
        outcome = "aborted" if walk.decision.aborted else "refused"
        return (yield from _finish(context, walk, outcome, walk.decision.reason))
    running: dict[str, Any] = {}
    yield from _walk_lanes(context, walk, running)
    if running:
        yield from _undo(context, walk, early=True)
        yield from _walk_lanes(context, walk, running, to_the_end=True)
    yield from _undo(context, walk)
    counted = Counter(walk.ends.values())
    verifies = [one for lane in summary.lanes for one in lane.verifies]
    verified = bool(verifies) and all(walk.ends.get(one) == "succeeded" for one in verifies)
    outcome, reason = run_outcome(
        counted, whole=walk.whole, aborted=walk.aborted, crossed=walk.crossed, verified=verified
    )
    return (yield from _finish(context, walk, outcome, f"{reason}; {walk.why}" if walk.why else reason))


def _reason_to_refuse(context: Any, walk: Walk) -> Steps:
    """(reason, winner): the runbook does not compile, is another than the adopted one, or something is held."""
    request, summary = walk.request, walk.summary
    if summary.refusals:
        return "; ".join(summary.refusals)[:2000], None
    if request.runbook_hash and request.runbook_hash != summary.runbook_hash:
        return "the plan now compiles to another runbook than the adopted run's; start a new run instead", None
    wanted = {"run": request.run, "resources": list(summary.claims)}
    for _ in range(CLAIM_TRIES):
        answer = yield context.call_entity(all_claims(), "claim", wanted)
        if answer["granted"]:
            return "", None
        winner = answer["winner"]
        status = yield from _status_of(context, winner)
        if status not in (None, *TERMINAL):
            contested = ", ".join(answer["contested"])
            return f"the run {winner} holds {contested}", winner
        # Its steps may live on although it has ended: platform termination does not reach children.
        given = {"by": "the platform", "reason": f"the run had ended when {request.run} began", "at": iso(context)}
        yield context.call_entity(control_of(winner), "abort", given)
        yield context.call_entity(all_claims(), "release", {"run": winner})
    return "the claims could not be settled; try again", None


def _status_of(context: Any, run: str) -> Steps:
    """A run's runtime status, None when there is no such run. A status that cannot be read breaks no claim."""
    try:
        answer = yield from insist(context, names.READ_RUN_STATUS, {"run": run})
    except Exception:
        return "unknown"
    return answer.get("status")


def _walk_lanes(context: Any, walk: Walk, running: dict[str, Any], *, to_the_end: bool = False) -> Steps:
    """Start lanes as their turn comes; end when none runs and none can start.

    An abort does not keep the old way waiting for gateways that Azure is making: those lanes are left in ``running``.
    """
    while True:
        yield from _start_lanes(context, walk, running)
        unhurried = walk.aborted and all(lane.startswith(UNHURRIED) for lane in running)
        if not running or (unhurried and not to_the_end):
            return
        flags = yield from watch_lanes(context, walk, running)
        walk.crossed = bool(flags["point_of_no_return"])
        walk.aborted = walk.aborted or bool(flags["aborting"])
        for lane_id in [one for one, task in running.items() if task.is_completed]:
            _note_lane(walk, lane_id, running.pop(lane_id).result)


def _start_lanes(context: Any, walk: Walk, running: dict[str, Any]) -> Steps:
    while not walk.aborted and not walk.why:
        lane = lane_to_start(walk.summary.lanes, walk.lanes, running)
        if lane is None:
            return
        if lane.irreversible and not walk.crossed and not walk.decision.by_person:
            over = yield from incident_is_over(context, walk.request)
            if over:
                walk.why = "the incident was over before the point of no return"
                return
        referred = [*lane.upstream, *(one for need in lane.needs for one in walk.steps_of.get(need, ()))]
        upstream = {one: walk.ends[one] for one in referred if one in walk.ends}
        call = LaneCall(
            walk.request.run,
            walk.request.lineage,
            walk.summary.runbook_hash,
            lane.id,
            upstream,
            consents=dict.fromkeys(walk.request.consents, walk.request.started_by),
        )
        running[lane.id] = context.call_sub_orchestrator(
            names.LANE, to_wire(call), names.lane_instance(walk.request.run, lane.id)
        )


def _note_lane(walk: Walk, lane_id: str, result: Any) -> None:
    """A lane whose orchestration itself failed or was terminated stops the run."""
    if not isinstance(result, dict):
        walk.lanes[lane_id] = LOST
        walk.ends[f"lane:{lane_id}"] = "failed"
        walk.why = f"the lane {lane_id} ended badly; adopt the run to go on"
        return
    lane = from_wire(LaneResult, result)
    walk.lanes[lane_id] = lane.ended
    walk.steps_of[lane_id] = tuple(lane.statuses)
    walk.ends.update(lane.statuses)
    if lane.ended == "aborted":
        walk.aborted = True


def _undo(context: Any, walk: Walk, *, early: bool = False) -> Steps:
    """Before the point of no return everything done is undone, the last thing first.

    ``early``: what was done after the networks were made, which do not go before the gateways in them.
    """
    control = control_of(walk.request.run)
    lost = LOST in walk.lanes.values()
    if lost:
        # Steps of a lane that was terminated may live on: the abort stops them, or finds that one has crossed already.
        given = {"by": "the run itself", "reason": walk.why, "at": iso(context)}
        yield context.call_entity(control, "abort", given)
    flags = yield context.call_entity(control, "read", {})
    walk.crossed = bool(flags["point_of_no_return"])
    walk.aborted = walk.aborted or (bool(flags["aborting"]) and not lost)
    if walk.crossed and walk.whole and walk.aborted:
        walk.why = "the abort came when everything had been done"
    if walk.crossed or (walk.whole and not walk.aborted):
        return
    summary, other = walk.summary, "unknown" if lost else "not-run"
    done = [one for one in to_undo(summary.undoes, summary.spoiled, walk.ends, other) if one not in walk.undone]
    if early:
        made = {step for lane, steps in walk.steps_of.items() if lane.startswith("build") for step in steps}
        done = list(takewhile(lambda step: step not in made, done))
    if done:
        show(context, "undoing", total=walk.summary.steps)
    for start in range(0, len(done), UNDO_CHUNK):
        yield from _compensate(context, walk, len(walk.undone), tuple(done[start : start + UNDO_CHUNK]))
    if not early:
        left = [*walk.left, *stays(summary.lasting, walk.ends, other)]
        walk.why += f"; left for a person: {'; '.join(left)}" if left else ""
        walk.why = walk.why.strip("; ")


def _compensate(context: Any, walk: Walk, number: int, undoes: tuple[str, ...]) -> Steps:
    request = walk.request
    call = LaneCall(request.run, request.lineage, walk.summary.runbook_hash, "compensate", compensate=undoes)
    instance = names.lane_instance(request.run, f"compensate.{number}")
    walk.undone += undoes
    try:
        result = yield context.call_sub_orchestrator(names.LANE, to_wire(call), instance)
        lane = from_wire(LaneResult, result)
        walk.left += lane.left
        ended = "stopped" if lane.left else lane.ended
    except Exception:
        ended = LOST
    if ended != "done" and NOT_UNDONE not in walk.why:
        walk.why = f"{walk.why}; {NOT_UNDONE}".strip("; ")


def _finish(context: Any, walk: Walk, outcome: str, reason: str, winner: str | None = None) -> Steps:
    request = walk.request
    flags = yield context.call_entity(control_of(request.run), "read", {})
    show(context, "reporting", outcome=outcome, reason=reason)
    call = ReportCall(
        run=request.run,
        request=request,
        outcome=outcome,
        reason=reason,
        started_at=walk.started_at,
        decided_at=walk.decision.at,
        ended_at=iso(context),
        approved_by=walk.decision.by or None,
        runbook_hash=walk.summary.runbook_hash,
        winner=winner,
        decisions=(*walk.decision.decisions, *flags["decisions"]),
    )
    summary: dict[str, Any] = {}
    try:
        summary = yield from insist(context, names.WRITE_REPORT, call)
    except Exception:
        reason = f"{reason}; the report could not be written"
    yield context.call_entity(all_claims(), "release", {"run": request.run})
    show(context, "ended", outcome=outcome, reason=reason, rto=summary.get("achieved_rto_seconds"))
    answer = {"run": request.run, "outcome": outcome, "reason": reason, "report": summary.get("path"), "winner": winner}
    return answer | {"achieved_rto_seconds": summary.get("achieved_rto_seconds")}
