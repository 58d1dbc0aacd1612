"""Doors that act on a run under way: answer what it asks, stop it, hold it, let it go on.

An answer is an event to the instance that waits, under the name it waits for; stopping and holding are operations of
the run's control entity, which every step reads before each begin and poll. The platform's own suspend and terminate
do not reach children and are not used (rule 10).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import azure.functions as func

import clock
from domain import names
from triggers import rules
from triggers.bodies import TextField, read_fields
from triggers.door import Visit
from triggers.problems import FieldError, Problem, json_response
from triggers.run_views import control_view, find_run, waits_in

Wait = dict[str, Any]

CONTROL_BODY: dict[str, TextField] = {"by": rules.BY, "reason": rules.REASON}

ANSWERS: dict[str, tuple[str, ...]] = {
    "approve": ("approve", "done", "accept-split-risk"),
    "reject": ("reject",),
    "retry": ("retry",),
    "skip": ("skip",),
}
"""What each door may answer. Without ``answer`` it is the first that the question offers, but never a risk: whoever
accepts that says so by name."""

ONLY_BY_NAME = ("accept-split-risk",)
EVERY_STEP = "*"


def body_of(word: str) -> dict[str, TextField]:
    """The request body of one action's door."""
    if word not in ANSWERS:
        return CONTROL_BODY
    reason = rules.REASON_NEEDED if word == "skip" else rules.REASON
    answer = TextField("the answer, where the question offers several", choices=ANSWERS[word])
    return {"by": rules.BY, "reason": reason, "step": rules.STEP, "answer": answer}


def answering(word: str) -> Callable[[Visit], Awaitable[func.HttpResponse]]:
    """The handler of ``approve``, ``reject``, ``retry`` or ``skip``."""

    async def answer(visit: Visit) -> func.HttpResponse:
        given = read_fields(visit.req, body_of(word))
        run, state = await _run_under_way(visit, word)
        chosen = _choose(state, word, given)
        if any(text in ONLY_BY_NAME for _, text in chosen):
            visit.caller.must_have_name(given.get("by"))
        said = _said(visit, given)
        for wait, text in chosen:
            if not await visit.durable.raise_event(wait["instance"], wait["event"], {"answer": text, **said}):
                raise Problem("conflict", f"{_title(wait)} waits no more")
        answered = {_identity(wait) for wait, _ in chosen}
        state, applied = await visit.durable.entity_when(
            names.CONTROL_ENTITY, run, lambda state: not answered & set(map(_identity, waits_in(state)))
        )
        return _applied(run, word, said, state, applied, answered=[_title(wait) for wait, _ in chosen])

    return answer


async def abort(visit: Visit) -> func.HttpResponse:
    """Stop the run: what is not yet begun is not begun. Abort twice is abort once."""
    return await _control(visit, "abort", lambda state: bool(state.get("aborting")), tell="abort")


async def pause(visit: Visit) -> func.HttpResponse:
    """Begin nothing new until resume. What Azure already works on goes on."""
    return await _control(visit, "pause", lambda state: bool(state.get("paused")), tell="wake")


async def resume(visit: Visit) -> func.HttpResponse:
    """Go on after a pause."""
    return await _control(visit, "resume", lambda state: not state.get("paused"), tell="wake")


async def _control(
    visit: Visit, word: str, settled: Callable[[dict[str, Any]], bool], tell: str
) -> func.HttpResponse:
    """Change the control entity, see it changed, then wake whoever waits. A pause leaves people's questions alone."""
    given = read_fields(visit.req, CONTROL_BODY)
    run, state = await _run_under_way(visit, word)
    if word == "resume" and not state.get("paused"):
        raise Problem("conflict", f"run {run} is not paused")
    if word == "pause" and state.get("aborting"):
        raise Problem("conflict", f"run {run} is being aborted: there is nothing to pause")
    said = _said(visit, given)
    await visit.durable.signal(names.CONTROL_ENTITY, run, word, said)
    state, applied = await visit.durable.entity_when(names.CONTROL_ENTITY, run, settled)
    for wait in waits_in(state):
        if word != "pause" or not wait.get("question"):
            await visit.durable.raise_event(wait["instance"], wait["event"], {"answer": tell, **said})
    return _applied(run, word, said, state, applied)


async def _run_under_way(visit: Visit, word: str) -> tuple[str, dict[str, Any]]:
    """The run and its control state. Raises Problem: 404 for no such run, 409 for one that has ended."""
    run = rules.checked_run(visit.req.route_params.get("id"))
    instance = await visit.durable.instance(run)
    if instance is None or instance.name.lower() != names.FAILOVER or instance.has_ended:
        found = await find_run(visit.durable, run)
        if found is None:
            raise Problem("unknown", f"no run is called {run}")
        if not found.has_ended:
            raise Problem("conflict", f"run {run} is recorded but not under way: nothing to {word}")
        ended = found.outcome or found.runtime_status or "some time ago"
        raise Problem("conflict", f"run {run} has ended ({ended}): nothing to {word}")
    return run, await visit.durable.entity(names.CONTROL_ENTITY, run)


def _choose(state: dict[str, Any], word: str, given: dict[str, Any]) -> list[tuple[Wait, str]]:
    """The waits that are meant, each with its answer. Raises Problem (409) naming why there is none, or too many."""
    waits = [wait for wait in waits_in(state) if wait.get("question") and _options(wait)]
    if not waits:
        raise Problem("conflict", f"nothing waits for an answer: nothing to {word}")
    step = given.get("step")
    named = [wait for wait in waits if step in (None, EVERY_STEP) or _is_step(wait, str(step))]
    if not named:
        raise Problem("conflict", f"no open question is of step {step}; open are: {_titles(waits)}")
    fitting = [(wait, text) for wait in named if (text := _answer_to(wait, word, given.get("answer")))]
    if not fitting:
        wanted = given.get("answer") or word
        offered = "; ".join(f"{_title(wait)} offers {', '.join(_options(wait)) or 'nothing'}" for wait in named)
        raise Problem("conflict", f"no open question takes '{wanted}': {offered}")
    if len(fitting) > 1 and step != EVERY_STEP:
        titles = _titles([wait for wait, _ in fitting])
        errors = [FieldError("step", f"is needed: one of {titles}, or '{EVERY_STEP}' for all")]
        raise Problem("conflict", f"{len(fitting)} questions are open; say which step is meant: {titles}", errors)
    return fitting


def _answer_to(wait: Wait, word: str, wanted: str | None) -> str | None:
    options = _options(wait)
    if wanted:
        return wanted if wanted in options else None
    return next((text for text in ANSWERS[word] if text in options and text not in ONLY_BY_NAME), None)


def _options(wait: Wait) -> tuple[str, ...]:
    """The answers that a wait takes; none when it only waits for a pause to end."""
    options = wait.get("options")
    return tuple(map(str, options)) if isinstance(options, list) else ()


def _is_step(wait: Wait, step: str) -> bool:
    instance = str(wait.get("instance"))
    return step in (instance, wait.get("step")) or instance.endswith(f"-{step}")


def _identity(wait: Wait) -> tuple[str, str]:
    """Each wait of an instance has its own event name; two instances may use the same."""
    return str(wait.get("instance")), str(wait.get("event"))


def _title(wait: Wait) -> str:
    return str(wait.get("step") or wait.get("kind") or wait.get("instance"))


def _titles(waits: list[Wait]) -> str:
    return ", ".join(_title(wait) for wait in waits[:10]) + (" ..." if len(waits) > 10 else "")


def _said(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    by = visit.caller.named(given.get("by"))
    return {"by": by, "reason": given.get("reason", ""), "at": clock.from_environment().now().isoformat()}


def _applied(
    run: str, word: str, said: dict[str, Any], state: dict[str, Any], applied: bool, answered: list[str] | None = None
) -> func.HttpResponse:
    """200 once it is seen to hold; 202 when it was taken and is not seen to hold yet."""
    body = {"run": run, "action": word, "by": said["by"], "applied": applied, "control": control_view(state)}
    if answered is not None:
        body["answered"] = answered
    return json_response(body, 200 if applied else 202)
