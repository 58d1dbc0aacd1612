"""The scenario's people: each hears a question when it is asked and answers it some virtual seconds later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.progress import Question
from cli.rehearsal.script import Person


@dataclass(frozen=True)
class Answer:
    """What somebody will say to a question, and when."""

    due: datetime
    question: Question
    person: Person


class People:
    """Answers by kind of question: the first question of a kind goes to the first such person, the next to the next;
    the last of them answers all that come after."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._waiting: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            self._waiting[person.on].append(person)
        self._pending: dict[str, Answer] = {}
        self._answered: set[str] = set()

    def hear(self, questions: Iterable[Question], now: datetime) -> None:
        """New questions get an answer in time; one that is no longer open is forgotten."""
        open_now = {question.instance: question for question in questions}
        self._pending = {key: answer for key, answer in self._pending.items() if key in open_now}
        self._answered &= set(open_now)
        for key, question in open_now.items():
            if key in self._pending or key in self._answered:
                continue
            person = self._next(question.kind)
            if person:
                self._pending[key] = Answer(now + timedelta(seconds=person.after), question, person)

    def take_due(self, now: datetime) -> list[Answer]:
        due = [answer for answer in self._pending.values() if answer.due <= now]
        for answer in due:
            del self._pending[answer.question.instance]
            self._answered.add(answer.question.instance)
        return due

    @property
    def next_due(self) -> datetime | None:
        return min((answer.due for answer in self._pending.values()), default=None)

    def _next(self, kind: str) -> Person | None:
        able = self._waiting.get(kind, [])
        return able.pop(0) if len(able) > 1 else able[0] if able else None
