"""The table of doors: every HTTP function of the app, who may use it, and what it answers.

``function_app`` registers it, ``triggers.openapi`` describes it, the tests walk it; there is no door beside it.
"""

from __future__ import annotations

import azure.functions as func

from triggers import action_doors, auth, automation_doors, plan_doors, run_views, starting
from triggers.auth import Access
from triggers.door import Answer, Door, Handler, Visit

_RUN_PROBLEMS = ("unknown", "conflict", "unavailable")
_BODY_PROBLEMS = ("not-json", "invalid", "too-large")

_ACTED = {
    200: Answer("it holds: the control entity was read back", "Applied"),
    202: Answer("taken, and not yet seen to hold", "Applied"),
}
_SWITCHED = {
    200: Answer("it holds", "Switch"),
    202: Answer("taken, and not yet seen to hold", "Switch"),
}


async def _receive_alert(visit: Visit) -> func.HttpResponse:
    """Take one alert in. Answers 202 (accepted, an update, or ignored), 400, 413 or 503.

    Reading alerts needs words and tables that no other door needs: they load with the first alert.
    """
    from triggers.alert_door import receive_alert

    return await receive_alert(visit)


def _action(word: str, access: Access, handler: Handler, summary: str) -> Door:
    return Door(
        name=f"{word}_failover",
        method="POST",
        route=f"failovers/{{id}}/{word}",
        access=access,
        handler=handler,
        summary=summary,
        answers=_ACTED,
        problems=(*_BODY_PROBLEMS, *_RUN_PROBLEMS),
        body=action_doors.body_of(word),
    )


_ACTIONS = (
    _action("approve", auth.APPROVERS, action_doors.answering("approve"), "Say yes to what the run asks"),
    _action("reject", auth.APPROVERS, action_doors.answering("reject"), "Say no to what the run asks"),
    _action("retry", auth.COMMANDERS, action_doors.answering("retry"), "Let a failed step try again"),
    _action("skip", auth.COMMANDERS, action_doors.answering("skip"), "Leave a failed step out, with a reason"),
    _action("abort", auth.COMMANDERS_AND_APPROVERS, action_doors.abort, "Stop the run"),
    _action("pause", auth.COMMANDERS, action_doors.pause, "Begin nothing new until resume"),
    _action("resume", auth.COMMANDERS, action_doors.resume, "Go on after a pause"),
)

_RUN_DOORS = (
    Door(
        name="start_failover",
        method="POST",
        route="failovers",
        access=auth.COMMANDERS,
        handler=starting.start_failover,
        summary="Start a run of a published plan, once per idempotency key",
        answers={
            200: Answer("the key is known: what is recorded of its run, which is not started again", "Run"),
            202: Answer("recorded and started; Location leads to it", "Started"),
        },
        problems=(*_BODY_PROBLEMS, "conflict", "unavailable"),
        body=starting.START_BODY,
        headers=starting.START_HEADERS,
    ),
    Door(
        name="list_failovers",
        method="GET",
        route="failovers",
        access=auth.EVERYBODY,
        handler=run_views.list_failovers,
        summary="Runs, newest first, a page at a time",
        answers={200: Answer("a page of runs, and what asks for the next", "Runs")},
        problems=("invalid", "unavailable"),
        query=run_views.LIST_QUERY,
    ),
    Door(
        name="read_failover",
        method="GET",
        route="failovers/{id}",
        access=auth.EVERYBODY,
        handler=run_views.read_failover,
        summary="One run: its status, its live table of steps and questions, its report",
        answers={200: Answer("the run", "RunInFull")},
        problems=("unknown", "unavailable"),
    ),
    Door(
        name="adopt_failover",
        method="POST",
        route="failovers/{id}/adopt",
        access=auth.COMMANDERS,
        handler=starting.adopt_failover,
        summary="Take over a run that ended badly, on the same runbook",
        answers={202: Answer("recorded and started; Location leads to it", "Started")},
        problems=(*_BODY_PROBLEMS, *_RUN_PROBLEMS),
        body=starting.ADOPT_BODY,
    ),
)

_OTHER_DOORS = (
    Door(
        name="receive_service_health_alert",
        method="POST",
        route="alerts/service-health",
        access=auth.MACHINES_ONLY,
        handler=_receive_alert,
        summary="Take in a Service Health alert, in the common or the legacy schema",
        answers={202: Answer("durably accepted, an update of its incident, or ignored for a reason", "AlertTaken")},
        problems=("not-json", "not-an-alert", "too-large", "unavailable"),
        request="Alert",
        on_bug="unavailable",
    ),
    Door(
        name="list_plans",
        method="GET",
        route="plans",
        access=auth.EVERYBODY,
        handler=plan_doors.list_plans,
        summary="Published plans",
        answers={200: Answer("the plans", "Plans")},
        problems=("unavailable",),
    ),
    Door(
        name="read_runbook",
        method="GET",
        route="plans/{name}/runbook",
        access=auth.EVERYBODY,
        handler=plan_doors.read_runbook,
        summary="What a published plan would do, compiled now",
        answers={200: Answer("the runbook and its hash", "Runbook")},
        problems=("invalid", "unknown", "conflict", "unavailable"),
        query=plan_doors.RUNBOOK_QUERY,
    ),
    Door(
        name="suspend_automation",
        method="POST",
        route="automation/suspend",
        access=auth.COMMANDERS,
        handler=automation_doors.suspend,
        summary="The kill switch: no alert starts a run by itself",
        answers=_SWITCHED,
        problems=(*_BODY_PROBLEMS, "unavailable"),
        body=automation_doors.SWITCH_BODY,
    ),
    Door(
        name="resume_automation",
        method="POST",
        route="automation/resume",
        access=auth.COMMANDERS,
        handler=automation_doors.resume,
        summary="Let alerts start runs of plans that opted in again",
        answers=_SWITCHED,
        problems=(*_BODY_PROBLEMS, "unavailable"),
        body=automation_doors.SWITCH_BODY,
    ),
)

DOORS: tuple[Door, ...] = (*_OTHER_DOORS, *_RUN_DOORS, *_ACTIONS)
