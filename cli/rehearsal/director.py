"""Playing a scenario until the run ends: the alert at its second, answers when due, kills where they strike."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cli.board import Display, Frame
from cli.failing import Code, Problem
from cli.progress import BAD, NOTABLE, Happening, Progress, differences
from cli.reading import read_progress
from cli.rehearsal.alert import payload
from cli.rehearsal.hands import orders_of
from cli.rehearsal.people import Answer, People
from cli.rehearsal.script import Alert, Kill, Script
from cli.rehearsal.sights import sights_of, told_by_azure
from cli.rehearsal.stage import Stage
from domain.names import run_for_incident
from domain.runbook import Step

LONGEST_RUN = timedelta(hours=12)
LONGEST_START = timedelta(minutes=10)
STALLED_WALL_SECONDS = 120.0
AGAIN = timedelta(seconds=5)
"""How long people and commanders wait before they try a host again that did not answer."""
ALERT_RETRY_SECONDS = (5, 20, 5, 40, 5)
"""An action group's waits between deliveries that were answered 503 (Azure Monitor documentation, action groups)."""

DOOR_OF_ANSWER = {"done": "approve", "accept-split-risk": "approve"}


@dataclass
class Director:
    """Plays ``script`` for ``plan`` in ``mode`` on ``stage``."""

    stage: Stage
    script: Script
    plan: str
    mode: str
    subscription: str
    watch: Sequence[str] = ()
    hands: Mapping[str, Step] = field(default_factory=dict)
    run: str = ""
    told: list[Happening] = field(default_factory=list)
    _agenda: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    _kills_by_events: list[int] = field(default_factory=list)
    _was_quiet: bool = False
    _nothing_new: bool = False
    _alert_sent_at: datetime | None = None

    def play(self, display: Display) -> Progress:
        """Until the run has ended. Raises Problem when it never starts, never ends, or a process dies by itself."""
        self._plan_ahead()
        self.people = People(self.script.people)
        progress = Progress(self.run, self.plan, self.mode)
        last_change, last_now = time.monotonic(), self.stage.time.now()
        while not progress.has_ended:
            self.stage.nudge_azure()
            self._mind_the_processes()
            now = self.stage.time.now()
            self._check_patience(progress, now)
            self._act(now)
            before, progress = progress, self._look(progress)
            self.told += differences(before, progress, now) + told_by_azure(self.stage.azure.look(), self.watch)
            self._answer(progress, now)
            if now != last_now:
                last_change, last_now = time.monotonic(), now
            if time.monotonic() - last_change > STALLED_WALL_SECONDS:
                raise Problem("the rehearsal stands still", self.stage.last_words(), Code.ENDED_BADLY)
            display.show(Frame(progress, now, self._take_told(), sights_of(self.stage.azure, self.watch)))
            if not progress.has_ended:
                self._rest(now)
        return progress

    def _check_patience(self, progress: Progress, now: datetime) -> None:
        """Nothing is waited for in vain. Raises Problem."""
        started = self._alert_sent_at
        if started and not progress.phase and now > started + LONGEST_START:
            raise Problem(
                f"the alert started no run of {self.plan} within 10 virtual minutes",
                ["do its region and services match the plan's primary.region and trigger.services?"],
                Code.ENDED_BADLY,
            )
        if now > self.stage.time.start + LONGEST_RUN:
            said = f"phase: {progress.phase or 'no run was started'}"
            raise Problem("the run did not end within 12 virtual hours", [said], Code.ENDED_BADLY)

    def _mind_the_processes(self) -> None:
        """A host that the scenario has killed comes back; whoever died by itself ends the rehearsal.

        Who is dead is asked before Azure's log is read, which tells of a kill before it strikes.
        """
        dead = self.stage.dead()
        self.told += told_by_azure(self.stage.azure.look(), self.watch)
        if dead and self.stage.revive(dead):
            self._tell("the host was killed by the scenario, and is back", BAD)

    def _rest(self, now: datetime) -> None:
        """One quiet rest may hide what the host finished since the last look; a second one in a row hides nothing."""
        quiet = self.stage.time.rest(self._next_moment(now), self._strikes)
        self._nothing_new = quiet and self._was_quiet
        self._was_quiet = quiet

    def _plan_ahead(self) -> None:
        second = self.stage.time.moment
        alert = self.script.alert
        if alert and self.mode == "failover":
            self.run = run_for_incident(self.plan, alert.tracking_id)
            self._agenda.append((second(alert.at), lambda: self._send(alert)))
        else:
            self._agenda.append((second(0), self._start))
        for kill in self.script.kills:
            self._plan_kill(kill)

    def _plan_kill(self, kill: Kill) -> None:
        if kill.at is not None:
            self._agenda.append((self.stage.time.moment(kill.at), self._kill))
        elif kill.events is not None:
            self._kills_by_events.append(kill.events)

    def _act(self, now: datetime) -> None:
        due = sorted((entry for entry in self._agenda if entry[0] <= now), key=lambda entry: entry[0])
        self._agenda = [entry for entry in self._agenda if entry[0] > now]
        for _, action in due:
            action()
        struck = self._strikes()
        if struck:
            self._kills_by_events.remove(min(self._kills_by_events))
            self._kill()
        if due or struck:
            self._nothing_new = self._was_quiet = False

    def _strikes(self) -> bool:
        """Whether a kill is due that waits for Azure's log to have grown so long."""
        if not self._kills_by_events:
            return False
        self.told += told_by_azure(self.stage.azure.look(), self.watch)
        return self.stage.azure.count >= min(self._kills_by_events)

    def _send(self, alert: Alert, tries: int = 0) -> None:
        now = self.stage.time.now()
        body = payload(alert, impact=self.stage.time.start, fired=now, subscription=self.subscription)
        self._tell(f"Service Health alert {alert.tracking_id} ({alert.schema_} schema) arrives", NOTABLE)
        for _ in range(1 + alert.duplicates):
            try:
                answer = self.stage.host.post("alerts/service-health", body)
            except Problem as refused:
                if refused.code is not Code.UNREACHABLE or tries >= len(ALERT_RETRY_SECONDS):
                    raise
                again = now + timedelta(seconds=ALERT_RETRY_SECONDS[tries])
                self._agenda.append((again, lambda: self._send(alert, tries + 1)))
                return
            self._alert_sent_at = now
            if answer.get("ignored"):
                raise Problem(f"the alert was ignored: {answer['ignored']}", code=Code.ENDED_BADLY)

    def _start(self) -> None:
        """Again a little later when the host was killed meanwhile: the idempotency key makes it one run."""
        body = {
            "plan": self.plan,
            "mode": self.mode,
            "reason": f"rehearsal {self.script.name}",
            "idempotencyKey": "rehearsal",
        }
        try:
            self.run = self.stage.host.post("failovers", body)["run"]
        except Problem as refused:
            if not self._was_killed(refused):
                raise
            self._agenda.append((self.stage.time.now() + AGAIN, self._start))
            return
        self._tell(f"run {self.run} started")

    def _kill(self) -> None:
        self._tell("kill -9 of the host", BAD)
        self.stage.kill_host()
        self._tell("the host is back")

    def _answer(self, progress: Progress, now: datetime) -> None:
        self.people.hear(progress.questions, now)
        for answer in self.people.take_due(now):
            self._say(answer)

    def _say(self, answer: Answer) -> None:
        self._was_quiet = False
        asked = self.hands.get(answer.question.step or "")
        if asked and answer.person.answer == "done":
            for order in orders_of(asked, self.stage.azure_documents):
                self.stage.change_device(order)
        word, body = spoken(answer)
        self._tell(
            f"{answer.person.by}: {answer.person.answer}"
            + (f" ({answer.person.reason})" if answer.person.reason else ""),
            NOTABLE,
        )
        try:
            self.stage.host.answer(self.run, word, body)
        except Problem as refused:
            if self._was_killed(refused):
                self._agenda.append((self.stage.time.now() + AGAIN, lambda: self._say(answer)))
                return
            if refused.code is Code.UNREACHABLE:
                raise
            self._tell(f"not taken: {refused.message}", BAD)

    def _was_killed(self, refused: Problem) -> bool:
        """Whether there was no answer because the host died while it was asked."""
        return refused.code is Code.UNREACHABLE and self.stage.host_died()

    def _look(self, before: Progress) -> Progress:
        if not self.run or self._nothing_new:
            return before
        try:
            return read_progress(self.stage.host.run(self.run), before)
        except Problem as unknown:
            if unknown.code is Code.REFUSED and not before.phase:
                return before
            if self._was_killed(unknown):
                return before
            raise

    def _next_moment(self, now: datetime) -> datetime:
        due = [entry[0] for entry in self._agenda]
        if self.people.next_due:
            due.append(self.people.next_due)
        return min(due, default=now + timedelta(hours=1))

    def _tell(self, text: str, style: str = "") -> None:
        self.told.append(Happening(self.stage.time.now(), text, style))

    def _take_told(self) -> list[Happening]:
        taken, self.told = self.told, []
        return taken


def spoken(answer: Answer) -> tuple[str, dict[str, Any]]:
    """The door and the body of a person's answer."""
    person, question = answer.person, answer.question
    body: dict[str, Any] = {"by": person.by, "reason": person.reason or f"rehearsal: {person.answer}"}
    if person.answer == "abort":
        return "abort", body
    if question.step:
        body["step"] = question.step
    door = DOOR_OF_ANSWER.get(person.answer, person.answer)
    return door, {**body, "answer": person.answer}
