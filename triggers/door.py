"""What a door is, and the frame around each: admit the caller, run the handler, answer every error as a problem.

A handler parses, starts or signals; it takes no decisions. It raises ``Problem`` for what it refuses. Whatever else it
raises is a bug: logged here and answered 500, or 503 at the alert door, because Azure repeats an alert only after a
503 (sources: Alerts).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import azure.functions as func

from triggers.auth import Access, Caller, admit
from triggers.bodies import TextField, check_text
from triggers.durable import Durable
from triggers.problems import Problem, invalid, problem_response

logger = logging.getLogger("bridgehead.doors")


@dataclass(frozen=True)
class Visit:
    """One request as a handler sees it."""

    req: func.HttpRequest
    durable: Durable
    caller: Caller

    def query(self, name: str, rule: TextField) -> str | None:
        """A checked query parameter; None when absent. Raises Problem."""
        value: str | None = self.req.params.get(name)
        if not value:
            return None
        wrong = check_text(value, rule)
        if wrong:
            raise invalid(f"query:{name}", wrong)
        return value


Handler = Callable[[Visit], Awaitable[func.HttpResponse]]


@dataclass(frozen=True)
class Answer:
    """One documented answer: ``schema`` names a component of the OpenAPI document."""

    description: str
    schema: str


@dataclass(frozen=True)
class Door:
    """One HTTP function.

    name     the function's name; also the OpenAPI operation id
    body     the fields of a JSON request body; None when none is read
    request  the OpenAPI component of the request body where it is no flat object of texts
    answers  documented answers besides the problems, which ``problems`` lists by kind
    on_bug   the problem that an unexpected error is answered with
    """

    name: str
    method: str
    route: str
    access: Access
    handler: Handler
    summary: str
    answers: Mapping[int, Answer]
    problems: tuple[str, ...] = ()
    body: Mapping[str, TextField] | None = None
    request: str | None = None
    query: Mapping[str, TextField] = field(default_factory=dict)
    headers: Mapping[str, TextField] = field(default_factory=dict)
    on_bug: str = "internal"


def as_function(door: Door, level: func.AuthLevel) -> Callable[..., Awaitable[func.HttpResponse]]:
    """The bare function that the worker calls, with annotations that it accepts (sources: Durable Functions)."""

    async def answer(req: Any, client: Any) -> Any:
        return await _answer(door, level, req, client)

    answer.__name__ = answer.__qualname__ = door.name
    answer.__doc__ = door.summary
    answer.__annotations__ = {"req": func.HttpRequest, "client": str, "return": func.HttpResponse}
    return answer


async def _answer(door: Door, level: func.AuthLevel, req: func.HttpRequest, client: Any) -> func.HttpResponse:
    try:
        visit = Visit(req, Durable(client), admit(req, door.access, level))
        return await door.handler(visit)
    except Problem as problem:
        if problem.status >= 500:
            logger.warning("%s: %s", door.name, problem.detail, exc_info=problem.__cause__)
        return problem_response(problem)
    except Exception:
        logger.exception("%s failed", door.name)
        return problem_response(Problem(door.on_bug, f"{door.name} failed; the log says why"))
