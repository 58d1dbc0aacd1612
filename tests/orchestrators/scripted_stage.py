"""A scripted world round our orchestrators: runbooks built by hand, what activities answer, who answers questions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain import names
from domain.calls import RunbookSummary, RunRequest
from domain.codec import to_wire
from domain.lanes import Stage as RunbookStage
from domain.lanes import cut, longest_path
from domain.runbook import Lane, Runbook, Step
from domain.summary import compensations, summarise

if TYPE_CHECKING:
    from served_host import Served

ACTIVITIES = (
    names.COMPILE_RUNBOOK, names.READ_LANE, names.MATCH_PLANS, names.READ_RUN_STATUS, names.START_RUN,
    names.BEGIN_STEP, names.POLL_OPERATION, names.VERIFY_STEP, names.RECORD_STEP, names.WRITE_REPORT, names.NOTIFY,
)  # fmt: skip
PHASES = {names.BEGIN_STEP: "begin", names.POLL_OPERATION: "poll", names.VERIFY_STEP: "verify"}

Call = dict[str, Any]


def step(step_id: str, kind: str = "check-machine", **fields: Any) -> Step:
    """A step whose id is padded to 8 characters; its needs are ids as well."""
    given: dict[str, Any] = {"name": step_id, "target": f"target of {step_id}", "stage": "walk", "settings": {}}
    return Step(id=padded(step_id), kind=kind, **(given | fields))


def padded(step_id: str) -> str:
    return step_id.ljust(8, "0")


def runbook(
    *stages: RunbookStage, claims: tuple[str, ...] = ("plan:p",), facts: dict[str, Any] | None = None
) -> Runbook:
    """A runbook of these lanes, and of one more that verifies routing."""
    end = RunbookStage("verify", "verify", (step("verify", "verify-routing"),), (), tuple(one.id for one in stages))
    lanes, steps = cut([*stages, end])
    expected, path = longest_path(steps)
    return Runbook(
        plan="p", mode="failover", plan_hash="1" * 64, snapshot_hash="2" * 64, steps=steps, lanes=lanes, claims=claims,
        expected_seconds=expected, critical_path=path, facts=facts or {},
    )  # fmt: skip


def lane_of(name: str, *steps: Step, needs: tuple[str, ...] = ()) -> RunbookStage:
    return RunbookStage(name, f"the lane {name}", steps, (), needs)


def request(**fields: Any) -> RunRequest:
    given: dict[str, Any] = {
        "run": "run", "plan": "p", "mode": "failover", "plan_hash": "1" * 64, "snapshot_hash": "2" * 64,
        "started_by": "Kim", "approved_by": "Kim", "lineage": "run",
    }  # fmt: skip
    return RunRequest(**(given | fields))


@dataclass
class Person:
    """Answers the first question whose kind and step fit."""

    answer: str
    kind: str | None = None
    step: str | None = None
    by: str = "Kim"
    reason: str = "because"

    def fits(self, wait: dict[str, Any]) -> bool:
        return self.kind in (None, wait.get("kind")) and (self.step is None or wait.get("step") == padded(self.step))


@dataclass
class Stage:
    """The scripted world round our orchestrators. ``calls`` are (phase or activity, step id or "", call) in order."""

    book: Runbook
    answers: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    people: list[Person] = field(default_factory=list)
    matches: list[dict[str, Any]] = field(default_factory=list)
    refusals: tuple[str, ...] = ()
    calls: list[tuple[str, str, Call]] = field(default_factory=list)
    records: dict[str, Call] = field(default_factory=dict)
    reports: list[Call] = field(default_factory=list)
    notices: list[Call] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    served: Served | None = None

    def on(self, phase: str, step_id: str, *answers: Any) -> Stage:
        """What a step's activity answers, one after another; then it succeeds. A function is called, an error raised.

        With ``...`` after it the one answer is given for ever.
        """
        self.answers[phase, padded(step_id)] = list(answers)
        return self

    def act(self, activity: str, call: Call) -> Any:
        if activity in PHASES:
            return self._step_acts(PHASES[activity], call)
        self.calls.append((activity, "", call))
        return getattr(self, f"_{activity}")(call)

    def _step_acts(self, phase: str, call: Call) -> Any:
        step_id = call["step"]["id"]
        self.calls.append((phase, step_id, call))
        scripted = self.answers.get((phase, step_id), [])
        repeats = len(scripted) == 2 and scripted[1] is ...
        answer = (scripted[0] if repeats else scripted.pop(0)) if scripted else None
        if callable(answer):
            answer = answer(self, call)
        if isinstance(answer, Exception):
            raise answer
        return to_wire(answer) if answer is not None else {"status": "succeeded"}

    def _compile_runbook(self, call: Call) -> Any:
        if self.refusals:
            return to_wire(RunbookSummary("", 0, refusals=self.refusals))
        return to_wire(summarise(self.book))

    def _read_lane(self, call: Call) -> Any:
        if call.get("compensate"):
            undo = compensations(self.book, tuple(call["compensate"]))
            lane = Lane(call["lane"], "undo", tuple(one.id for one in undo))
            return {"lane": to_wire(lane), "steps": to_wire(undo)}
        lane = next(one for one in self.book.lanes if one.id == call["lane"])
        steps = {one.id: one for one in self.book.steps}
        return {"lane": to_wire(lane), "steps": [to_wire(steps[one]) for one in lane.steps]}

    def _match_plans(self, call: Call) -> Any:
        return {"matches": self.matches}

    def _read_run_status(self, call: Call) -> Any:
        assert self.served is not None
        record = self.served.host.store.instance(call["run"])
        return {"status": record.status.wire_name if record else None}

    def _start_run(self, call: Call) -> Any:
        assert self.served is not None
        self.served.start_unless_known(call["request"])
        return {}

    def _record_step(self, call: Call) -> Any:
        self.records[call["step"]] = call
        return {}

    def _write_report(self, call: Call) -> Any:
        self.reports.append(call)
        return {"path": "report.json", "outcome": call["outcome"], "achieved_rto_seconds": 1.0}

    def _notify(self, call: Call) -> Any:
        self.notices.append(call)
        if self.people and self.served is not None:
            self.served.expect_question(call["run"])
        return {}

    def phases(self, step_id: str) -> list[str]:
        """The phases that a step's activities were called for, in order."""
        return [phase for phase, one, _ in self.calls if one == padded(step_id)]

    def begun(self) -> list[str]:
        """Steps in the order in which they were first called."""
        return list(dict.fromkeys(one for _, one, _ in self.calls if one))

    def count(self, activity: str) -> int:
        return Counter(name for name, _, _ in self.calls)[activity]
