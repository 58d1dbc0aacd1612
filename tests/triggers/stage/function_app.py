"""The real doors, entities and questions before orchestrators that play their parts: what a door does is seen alone."""

from datetime import timedelta
from typing import Any

import azure.durable_functions as df

from domain import names
from entities import ENTITIES
from orchestrators.durable import control_of, iso, now, read_event
from orchestrators.questions import Question, ask
from triggers import DOORS, as_function
from triggers.auth import level_for

app = df.DFApp()


def failover(context: Any):
    """``reason`` says the part: ask, watch, badly, raise; anything else completes at once."""
    request = context.get_input()
    run, part = request["run"], request.get("reason", "").split()[:1]
    context.set_custom_status({"phase": "playing", "runbook_hash": "ab" * 32})
    if part == ["raise"]:
        raise ValueError("the play is over")
    if part == ["badly"]:
        return {"run": run, "outcome": "partly_failed"}
    if part == ["watch"]:
        wait = {"run": run, "instance": context.instance_id, "kind": "watch", "options": ["wake"], "event": "watch-1"}
        yield context.call_entity(control_of(run), "open_wait", wait)
        woken = yield context.wait_for_external_event("watch-1")
        return {"run": run, "outcome": "aborted", "heard": read_event(woken)}
    if part == ["ask"]:
        answers = []
        for number in range(len(request["reason"].split()) - 1):
            answer = yield from _ask(context, run, number)
            answers += [answer]
        return {"run": run, "outcome": "completed", "answers": answers}
    if part == ["lanes"]:
        yield context.task_all([
            context.call_sub_orchestrator(names.STEP, {"run": run, "step": step}, f"{run}-{step}")
            for step in ("aaaaaaaa", "bbbbbbbb")
        ])  # fmt: skip
    return {"run": run, "outcome": "completed", "at": iso(context)}


def step(context: Any):
    """Asks what to do with a failed step."""
    given = context.get_input()
    question = Question(
        run=given["run"], instance=context.instance_id, event="ask-1", kind="ask", text=f"{given['step']} failed",
        options=("retry", "skip", "abort"), recommend="retry", until=now(context) + timedelta(hours=1),
        on_silence="the run stops here", step=given["step"],
    )  # fmt: skip
    answer = yield from ask(context, question)
    return answer.answer


def incident(context: Any):
    """Runs until it is told to end."""
    yield context.wait_for_external_event("end")
    return context.get_input()


def _ask(context: Any, run: str, number: int):
    options = ("done", "accept-split-risk", "skip") if number else ("approve", "reject")
    question = Question(
        run=run, instance=context.instance_id, event=f"question-{number}", kind="fence" if number else "approval",
        text=f"question {number}?", options=options, recommend=options[0],
        until=now(context) + timedelta(hours=1), on_silence="it is refused",
    )  # fmt: skip
    answer = yield from ask(context, question)
    return {"answer": answer.answer, "by": answer.by, "reason": answer.reason}


def notify(call: dict):
    """Nobody is told."""
    return {}


for _function in (failover, step, incident):
    app.function_name(_function.__name__)(app.orchestration_trigger("context", _function.__name__)(_function))

for _name, _entity in ENTITIES.items():
    app.function_name(_name)(app.entity_trigger("context", _name)(_entity))

app.function_name(names.NOTIFY)(app.activity_trigger("call", names.NOTIFY)(notify))

for _door in DOORS:
    _level = level_for(_door.access)
    _answer = app.durable_client_input("client")(as_function(_door, _level))
    app.function_name(_door.name)(app.route(_door.route, methods=[_door.method], auth_level=_level)(_answer))
