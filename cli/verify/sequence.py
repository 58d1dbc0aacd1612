"""Runs the table against Azure, and takes away whatever it made, however it ends.

The resource group is ours only if we made it (Azure said 201) or if it bears our tag; nothing else is ever deleted. A
failed step or Ctrl-C ends the sequence and begins the clean-up; what cannot be taken away is told by name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from cli.verify.steps import NETWORKS, TAG, Order, Step
from clock import Clock

if TYPE_CHECKING:
    from azure_clients.recorder import RecordingClients, Tape

POLL_SECONDS = 10.0
"""Where Azure advises nothing. Recorded advice for networks: 10 s."""
LONGEST = timedelta(minutes=15)
"""One operation; then the sequence gives up on it."""
CLEANING_TRIES = 6


class Failed(Exception):
    """The sequence cannot go on; the message says why and is safe to show."""


class Foreign(Exception):
    """The resource group is somebody else's: nothing was touched."""


@dataclass
class Ended:
    """How it went. ``left`` names what is still there; ``differences`` what Azure does and the simulator does not."""

    done: int = 0
    failure: str | None = None
    interrupted: bool = False
    differences: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


@dataclass
class Sequence:
    """One run. ``pause`` waits seconds, ``say`` tells a person what goes on."""

    order: Order
    clients: RecordingClients
    tape: Tape
    clock: Clock
    pause: Callable[[float], None]
    say: Callable[[str], None]
    _made: dict[str, None] = field(default_factory=dict)

    def run(self, table: list[Step]) -> Ended:
        """Everything, with the clean-up. Raises Foreign before anything was touched."""
        from azure_clients.errors import CallFailed

        ended = Ended()
        try:
            self._clear_own_leftovers()
            self._make_group()
            for step in table:
                self._run(step, ended)
        except (Failed, CallFailed) as failure:
            ended.failure = str(failure)
        except KeyboardInterrupt:
            ended.interrupted = True
        finally:
            self._clean(ended)
        return ended

    def _clear_own_leftovers(self) -> None:
        """What an interrupted run left behind goes first, unrecorded, so that a recording begins with nothing."""
        status, group = self._read_group()
        if status == 404:
            return
        if not self._is_ours(group):
            raise Foreign(f"resource group {self.order.group_name} exists and has no tag {TAG}={self.order.id}")
        self._made[self.order.group] = None
        self.say(f"{self.order.group_name} is left from an earlier run: deleting it first")
        self._call("DELETE", self.order.group)

    def _make_group(self) -> None:
        self.tape.part = NETWORKS
        self._read_group()
        self.say(f"make resource group {self.order.group_name}")
        self._made[self.order.group] = None
        body = {"location": self.order.location, "tags": self.order.tags}
        status, _ = self._call("PUT", self.order.group, body)
        if status != 201:
            self._made.clear()
            raise Foreign(f"resource group {self.order.group_name} was made by somebody else at this moment")

    def _run(self, step: Step, ended: Ended) -> None:
        self.tape.part = step.part
        self.say(step.what)
        if step.method == "PUT":
            self._made[step.path] = None
        status, body = self._call(step.method, step.path, step.body)
        if status not in step.expect:
            raise Failed(f"{step.what}: expected HTTP {' or '.join(map(str, step.expect))}, Azure answered {status}")
        if step.method == "DELETE":
            self._made.pop(step.path, None)
        if step.shows is not None:
            where, expected = step.shows
            saw = _at(body, where)
            if str(saw).lower() != expected.lower():
                if step.essential:
                    raise Failed(f"{step.what}: {where} is {saw}, it must be {expected}")
                ended.differences.append(f"{step.what}: {where} is {saw}, the simulator says {expected}")
        ended.done += 1

    def _call(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
        """One call and, if it began something, the wait for its end."""
        from azure_clients.verifying import poll_once, send

        answer, operation = send(
            self.clients, self.order.subscription, method, path, body, self.clock.now().isoformat()
        )
        until, wait = self.clock.now() + LONGEST, answer.retry_after
        while operation is not None:
            self.pause(wait or POLL_SECONDS)
            polled = poll_once(self.clients, operation)
            if polled.state == "failed":
                raise Failed(polled.reason)
            if polled.state != "running":
                break
            if self.clock.now() >= until:
                raise Failed(f"{method} {path.rsplit('/', 1)[-1]}: not done after {LONGEST}")
            wait = polled.poll_after or polled.advised
        return answer.status, answer.document

    def _read_group(self) -> tuple[int, dict[str, Any]]:
        return self._call("GET", self.order.group)

    def _is_ours(self, group: dict[str, Any]) -> bool:
        return bool((group.get("tags") or {}).get(TAG) == self.order.id)

    def _clean(self, ended: Ended) -> None:
        """Delete the group and read that it is gone. Ctrl-C once more gives up."""
        if not self._made:
            return
        try:
            if self._cleaned():
                return
        except KeyboardInterrupt:
            ended.interrupted = True
        ended.left = [path.rsplit("/", 1)[-1] for path in self._made]
        self.say(f"still there, as far as is known: {', '.join(ended.left)}; delete it with")
        self.say(f"az group delete --subscription {self.order.subscription} --name {self.order.group_name} --yes")

    def _cleaned(self) -> bool:
        from azure_clients.errors import CallFailed

        self.tape.part = NETWORKS
        self.say(f"delete resource group {self.order.group_name} with all that is in it")
        for attempt in range(CLEANING_TRIES):
            try:
                return self._gone()
            except (Failed, CallFailed) as failure:
                self.say(f"not deleted yet: {failure}")
                self.pause(getattr(failure, "retry_after", None) or 5.0 * 2**attempt)
        return False

    def _gone(self) -> bool:
        status, group = self._read_group()
        if status != 404 and not self._is_ours(group):
            raise Failed(f"{self.order.group_name} lost its tag {TAG}={self.order.id}: it is not deleted")
        if status != 404:
            self._call("DELETE", self.order.group)
            status, _ = self._read_group()
        return status == 404


def _at(body: Any, where: str) -> Any:
    for name in where.split("."):
        body = body.get(name) if isinstance(body, dict) else None
    return body
