"""Arbitrary crashes, copies, lost answers and late jobs: Azure never accepts an operation twice.

The real protocol runs against a model of Azure that is worse than Azure: it accepts every request it gets, even while
an earlier one is at work. Whatever is accepted twice is the protocol's fault alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities import intents
from activities.intents import Standing
from activities.work import Work
from azure_clients.answers import Answer
from azure_clients.errors import Refused, Throttled, Unanswered
from domain.calls import StepCall
from domain.outcomes import Operation, Outcome
from domain.runbook import Step

START = datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)
VAULT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.RecoveryServices/vaults/v"
ITEM = f"{VAULT}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/dc1"
STEP = Step("abcd1234", "fail over dc1", "failover-item", ITEM, "group")
LATEST_SECONDS = 60
"""How late a job may show in the model: twice what was ever seen."""


class Killed(BaseException):
    """kill -9."""


@dataclass
class Job:
    name: str
    accepted: datetime
    visible: datetime
    ends: datetime
    fails: bool


@dataclass
class World:
    """Time, the document store, and an Azure that accepts whatever arrives."""

    chance: random.Random
    now: datetime = START
    documents: dict[str, bytes] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    twice: int = 0
    interrupt: Callable[[str], None] = lambda _: None
    calm: bool = False

    def happens(self, share: float) -> bool:
        """Whether a misfortune strikes now; none does once the storm is over."""
        return not self.calm and self.chance.random() < share

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def accept(self) -> Job:
        if any(not (job.fails and job.ends <= self.now) for job in self.jobs):
            self.twice += 1
        late = self.chance.choice([0, 0, 5, 30, LATEST_SECONDS])
        fails = len(self.jobs) < 2 and self.happens(0.2)
        lasts = timedelta(seconds=self.chance.choice([100, 150]))
        job = Job(f"job-{len(self.jobs)}", self.now, self.now + timedelta(seconds=late), self.now + lasts, fails)
        self.jobs.append(job)
        return job

    def seen(self) -> list[Job]:
        return [job for job in self.jobs if job.visible <= self.now]


class Store:
    """Documents whose every call may be interrupted before and after, and whose answer may be lost."""

    def __init__(self, world: World) -> None:
        self._world = world

    def _lossy(self, what: str) -> None:
        self._world.interrupt(what)
        if self._world.happens(0.03):
            raise Unanswered(f"{what}: the store did not answer")

    def read(self, name: str) -> tuple[bytes, str] | None:
        self._lossy("read")
        found = self._world.documents.get(name)
        return (found, "etag") if found is not None else None

    def create(self, name: str, content: bytes, **_: Any) -> bool:
        self._lossy("before create")
        fresh = name not in self._world.documents
        if fresh:
            self._world.documents[name] = content
        self._lossy("after create")
        return fresh

    def write(self, name: str, content: bytes, **_: Any) -> str:
        self._lossy("before write")
        self._world.documents[name] = content
        self._lossy("after write")
        return "etag"

    def list(self, prefix: str) -> list[str]:
        self._lossy("list")
        return sorted(name for name in self._world.documents if name.startswith(prefix))


class ModelWork(Work):
    """The step's work in the model's time."""

    def __init__(self, world: World, call: StepCall) -> None:
        super().__init__(call, with_clients=object(), with_documents=Store(world))  # type: ignore[arg-type]
        self._world = world

    @property
    def now(self) -> datetime:
        return self._world.now


class Failover:
    """The guarded operation on the model."""

    def __init__(self, world: World) -> None:
        self._world = world

    def read(self) -> Standing:
        self._world.interrupt("read item")
        if self._world.happens(0.05):
            raise Unanswered("reading the item")
        for job in self._world.seen():
            if job.ends <= self._world.now and not job.fails:
                return Standing("done", "failed over")
            if job.ends > self._world.now:
                return Standing("running", "failing over", job=f"{VAULT}/replicationJobs/{job.name}")
        return Standing("ready")

    def is_ours(self, job: dict[str, Any]) -> bool:
        return bool(job["name"])

    def send(self) -> Answer:
        self._world.interrupt("before send")
        fate = (
            "yes"
            if self._world.calm
            else self._world.chance.choice(["yes", "yes", "lost", "503 yes", "503 no", "cut no", "busy", "throttled"])
        )
        if fate == "busy":
            raise Refused("another operation", code="AnotherOperationInProgress")
        if fate == "throttled":
            raise Throttled("too many", code="TooManyRequests")
        job = self._world.accept() if fate in ("yes", "lost", "503 yes") else None
        self._world.interrupt("after send")
        if fate != "yes" or job is None:
            raise Unanswered("perhaps")
        headers = {"azure-asyncoperation": f"https://h{VAULT}/replicationOperationStatus/{job.name}?h=1"}
        return Answer(202, None, headers)


class WallTime:
    """Stands for the ``time`` module: in the model real time and virtual time are the same."""

    def __init__(self, world: World) -> None:
        self._world = world

    def monotonic(self) -> float:
        return (self._world.now - START).total_seconds()


def jobs_since(world: World) -> Callable[..., list[dict[str, Any]]]:
    def listed(_: Any, __: str, since: datetime) -> list[dict[str, Any]]:
        world.interrupt("list jobs")
        if world.happens(0.05):
            raise Unanswered("listing jobs")
        seen = [job for job in world.seen() if job.accepted >= since - timedelta(seconds=60)]
        return [{"name": job.name} for job in reversed(seen)]

    return listed


@dataclass
class Orchestrator:
    """What domain.decide does with a step, for as long as it takes; calls may be killed, repeated and run twice."""

    world: World
    attempt: int = 1
    intent_at: datetime = START
    operation: Operation | None = None
    done: bool = False

    def turn(self) -> None:
        outcome = self._deliver()
        self.world.pass_time(self.world.chance.choice([3, 10, 30]))
        self._follow(outcome)

    def call(self) -> StepCall:
        return StepCall(
            "r", "r", STEP, self.attempt, self.intent_at.isoformat(), self.world.now.isoformat(), self.operation
        )

    def _deliver(self) -> Outcome:
        """At least once: a killed activity is run again, by a host that took a while to come back."""
        call = self.call()
        while True:
            try:
                return self._run(call)
            except Killed:
                self.world.pass_time(self.world.chance.choice([1, 20, 200]))

    def _run(self, call: StepCall) -> Outcome:
        work = ModelWork(self.world, call)
        try:
            if call.operation is None:
                return intents.begin(work, Failover(self.world))
            if call.operation.kind == "settling":
                return intents.settle(work, Failover(self.world))
            return self._poll_job(work)
        except Unanswered as failure:
            return failure.outcome() if call.operation is None else Outcome("running", operation=call.operation)

    def _poll_job(self, work: ModelWork) -> Outcome:
        operation = work.call.operation
        assert operation is not None
        job = next(one for one in self.world.jobs if str(operation.job).endswith(one.name))
        if job.ends > self.world.now or job.visible > self.world.now:
            return Outcome("running", operation=operation)
        if not job.fails:
            return Outcome("succeeded")
        intents.ended_badly(work, "150001")
        return Outcome("retryable", code="NotAccepted")

    def _follow(self, outcome: Outcome) -> None:
        if outcome.status == "succeeded":
            self.done = True
        elif outcome.status == "running":
            self.operation = outcome.operation
        else:
            begin_again = self.operation is None or outcome.code == "NotAccepted"
            if begin_again:
                self.attempt, self.intent_at, self.operation = self.attempt + 1, self.world.now, None


def interruptions(orchestrator: Orchestrator) -> Callable[[str], None]:
    """At any call: die; or stall while a second copy of the same activity runs, and perhaps the whole orchestration."""
    world, depth = orchestrator.world, [0]

    def interrupt(what: str) -> None:
        if world.happens(0.02):
            raise Killed
        if depth[0] or not world.happens(0.03):
            return
        depth[0] += 1
        try:
            _somebody_else_runs(orchestrator, what)
        finally:
            depth[0] -= 1

    return interrupt


def _somebody_else_runs(orchestrator: Orchestrator, what: str) -> None:
    """A request on its way arrives within half a minute; anything else may be held up for as long as it likes."""
    other = replace(orchestrator)
    until = other.world.now + timedelta(seconds=25)
    for _ in range(other.world.chance.choice([1, 1, 2, 12])):
        if other.done or ("send" in what and other.world.now > until):
            break
        other.turn()


@settings(max_examples=600)
@given(seed=st.integers(0, 2**32))
def test_azure_never_accepts_twice(seed: int) -> None:
    """Whatever is killed, repeated, lost or late, at most one operation is at work; and in the end the item is over."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        world = World(random.Random(seed))
        monkeypatch.setattr(intents.site_recovery, "jobs_since", jobs_since(world))
        monkeypatch.setattr(intents, "time", WallTime(world))
        orchestrator = Orchestrator(world)
        world.interrupt = interruptions(orchestrator)
        for turn in range(160):
            world.calm = turn >= 60
            if not orchestrator.done:
                orchestrator.turn()
        assert world.twice == 0
        assert orchestrator.done
