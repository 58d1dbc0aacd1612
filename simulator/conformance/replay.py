"""Puts one recording to a simulated Azure of its own: seeded, on the recording's time, call by call."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from clock import clock as clocks
from simulator.conformance import beginnings, weather
from simulator.conformance.cassettes import Cassette, Interaction
from simulator.conformance.comparing import Comparison, Pairs
from simulator.conformance.deployments import requests_of
from simulator.conformance.kinds import GUID, Known
from simulator.conformance.moments import Ending, endings, moments, paces, path_of, poll_paths
from simulator.conformance.scope import Operation, Scope, is_poll, operation_of
from simulator.core.web import NOTHING, Request, Response
from simulator.core.world import World
from simulator.door.gateway import Gateway
from simulator.rooms import ROOMS

logger = logging.getLogger("simulator")
AUDIENCE = "https://management.azure.com"
LIFETIME_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one interaction. ``outcome``: agreed, disagreed or out-of-scope; ``poll``: counted apart.

    ``difference`` is the first one, or why the interaction is out of scope.

    ``seeded`` marks an agreement that only shows that what a recording starts from is read back unchanged, ``weather``
    one whose failure was put in because Azure failed by itself.
    """

    file: str
    index: int
    operation: Operation
    outcome: str
    difference: str | None = None
    poll: bool = False
    seeded: bool = False
    weather: bool = False


class _Clock:
    """A clock that is set."""

    speed: clocks.Speed = 1.0

    def __init__(self, start: datetime) -> None:
        self.moment = start

    def now(self) -> datetime:
        return self.moment


def replay(cassette: Cassette) -> list[Verdict]:
    """One verdict for each interaction, in order."""
    return _Replay(cassette).run() if cassette.interactions else []


class _Replay:
    def __init__(self, cassette: Cassette) -> None:
        self._name = cassette.name
        self._calls = cassette.interactions
        self._scope = Scope(self._calls)
        self._times = moments(self._calls)
        self._endings = endings(self._calls, self._times)
        self._known = Known(self._calls)
        self._known.forget(_given_out(self._calls))
        self._pairs = Pairs()
        self._comparison = Comparison(self._known, self._pairs)
        self._beginning = beginnings.infer(self._calls, self._scope)
        self._clock = _Clock(self._times[0])
        self._world = World(self._beginning.at_start, ROOMS, clock=self._clock)
        for (action, resource), seconds in paces(self._calls, self._times, self._endings).items():
            self._world.pin(action, resource, seconds)
        self._gateway = Gateway(self._world)
        self._bearer = f"Bearer {self._gateway.identity.issue(AUDIENCE, int(time.time()) + LIFETIME_SECONDS)}"
        self._origin: dict[str, int] = {}
        self._urls: dict[str, str] = {}
        self._written: set[str] = set()

    def run(self) -> list[Verdict]:
        return [self._judge(call) for call in self._calls]

    def _judge(self, call: Interaction) -> Verdict:
        for path in poll_paths(call):
            self._origin.setdefault(path, call.index)
        self._clock.moment = self._times[call.index]
        operation, poll = self._named(call)
        outside = self._out_of_scope(call) is not None
        if outside:
            self._deploy(call)
            self._take_over(call)
        for document in self._beginning.on_the_way.get(call.index, ()):
            self._world.advance()
            self._world.adopt(document)
        if outside:
            return Verdict(self._name, call.index, operation, "out-of-scope", self._out_of_scope(call), poll)
        failed = weather.strike(self._world, call)
        before = len(self._world.operations)
        response = self._answer(call)
        self._end_as_recorded(call, before)
        difference = self._comparison.difference(call, response)
        self._remember(call, response)
        seeded = call.method == "GET" and not poll and not self._touched(call)
        outcome = "agreed" if difference is None else "disagreed"
        return Verdict(self._name, call.index, operation, outcome, difference, poll, seeded, failed)

    def _deploy(self, call: Interaction) -> None:
        """What a deployment's template holds is there as soon as the deployment was accepted."""
        for request in requests_of(call, self._bearer):
            before = len(self._world.operations)
            try:
                self._gateway.handle(request)
                for operation in self._world.operations.all()[before:]:
                    self._world.operations.reschedule(operation, 0.0)
                self._world.advance()
            except Exception:
                logger.exception("%s of a template broke the simulator", request.path)

    def _take_over(self, call: Interaction) -> None:
        """What is deleted out of scope is gone; what a request that nobody can read made is as its answer shows it."""
        if call.method == "DELETE" and call.ok:
            self._world.advance()
            self._world.documents.delete(call.path)
        if self._scope.out(call) == "request body not recorded" and "id" in call.body and "type" in call.body:
            self._world.advance()
            self._world.adopt(call.body)

    def _answer(self, call: Interaction) -> Response:
        """The simulator's answer; if it breaks, that is one."""
        try:
            return self._gateway.handle(self._request(call))
        except Exception as error:  # noqa: BLE001 - whatever breaks the simulator must not end the replay
            broken = {"code": f"SimulatorBroke ({type(error).__name__}: {error})", "message": ""}
            return Response(500, {"error": broken})

    def _named(self, call: Interaction) -> tuple[Operation, bool]:
        """What a call is; a poll goes by the operation that it asks about. The answer it ends with is no poll."""
        origin = self._origin.get(call.key)
        if origin is not None and origin != call.index and call.method == "GET":
            began = operation_of(self._calls[origin])
            if call.status == 200 and isinstance(call.body, dict) and "status" not in call.body:
                return Operation(began.resource_type, f"{began.name} (result)"), False
            return began, True
        if is_poll(call):
            return operation_of(call), True
        return operation_of(call), self._repeats(call)

    def _repeats(self, call: Interaction) -> bool:
        """A client that waits reads a resource again and again: a poll, unless the answer tells something new."""
        before = self._calls[call.index - 1] if call.index else call
        same = before is not call and call.method == "GET" == before.method and call.key == before.key
        return same and (call.status, call.body) == (before.status, before.body)

    def _out_of_scope(self, call: Interaction) -> str | None:
        origin = self._origin.get(call.key)
        if origin is not None and origin != call.index and call.method == "GET":
            return self._scope.out(self._calls[origin])
        return self._scope.out(call)

    def _request(self, call: Interaction) -> Request:
        url = self._urls.get(call.key)
        path, query = call.path, dict(call.query)
        if url is not None and call.method == "GET":
            split = urlsplit(url)
            path, query = unquote(split.path), dict(parse_qsl(split.query, keep_blank_values=True))
        else:
            path = self._pairs.translate(path)
        body = b"" if call.sent is NOTHING else self._pairs.translate(_encoded(call.sent)).encode()
        return Request(
            method=call.method,
            path=path,
            query=query,
            headers={**_kept(call.sent_headers), "authorization": self._bearer},
            body=body,
            url=path,
        )

    def _end_as_recorded(self, call: Interaction, before: int) -> None:
        """Operations that a call began end when the recording's did, and fail if Azure let them fail."""
        ending = self._endings.get(call.index, Ending())
        if ending.at is None:
            return
        for operation in self._world.operations.all()[before:]:
            seconds = (ending.at - self._world.now).total_seconds()
            self._world.operations.reschedule(operation, max(0.0, seconds))
            if "queued_until" in operation.data:
                operation.data["queued_until"] = ending.started or ending.at
            weather.fail(operation, ending.error)

    def _remember(self, call: Interaction, response: Response) -> None:
        """Poll URLs go on as the simulator gave them out; what was written is no longer merely a seed."""
        ours = {name.lower(): value for name, value in response.headers.items()}
        for name in ("azure-asyncoperation", "location"):
            if name in call.headers and name in ours:
                self._urls.setdefault(path_of(call.headers[name]), ours[name])
        if call.writes and call.ok:
            self._written.add(call.key)

    def _touched(self, call: Interaction) -> bool:
        """Whether anything that a reading shows was written by the recording before it."""
        return any(call.key.startswith(one) or one.startswith(call.key) for one in self._written)


def _given_out(calls: Sequence[Interaction]) -> set[str]:
    """Guids that an answer's headers or body named before any request did: Azure's own."""
    asked: set[str] = set()
    given: set[str] = set()
    for call in calls:
        from_request = call.path + (json.dumps(call.sent) if call.sent is not NOTHING else "")
        asked |= _guids(from_request) - given
        answered = " ".join(call.headers.get(name, "") for name in ("azure-asyncoperation", "location"))
        given |= _guids(answered + (json.dumps(call.body) if call.body is not NOTHING else "")) - asked
    return given


def _guids(text: str) -> set[str]:
    return {found.lower() for found in GUID.findall(text)}


def _encoded(sent: Any) -> str:
    return sent if isinstance(sent, str) else json.dumps(sent)


def _kept(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in ("if-match", "if-none-match", "content-type")}
