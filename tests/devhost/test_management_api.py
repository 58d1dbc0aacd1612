"""The two mounts of the management API: the unmodified SDK client and curl."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import azure.durable_functions as df
import httpx
import pytest
from azure.durable_functions.models.OrchestrationRuntimeStatus import OrchestrationRuntimeStatus

from devhost.history import Status

APP = """
@app.orchestration_trigger(context_name="context")
def adds(context):
    context.set_custom_status({"step": "adding"})
    return (yield context.call_activity("add_one", context.get_input()))

@app.orchestration_trigger(context_name="context")
def waits(context):
    return (yield context.wait_for_external_event("go"))

@app.orchestration_trigger(context_name="context")
def breaks(context):
    raise ValueError("no")

@app.activity_trigger(input_name="x")
def add_one(x):
    return (x or 0) + 1

@app.entity_trigger(context_name="context")
def box(context):
    context.set_state(context.get_input())

@app.route(route="start/{name}", auth_level=func.AuthLevel.ANONYMOUS)
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client):
    run = await client.start_new(req.route_params["name"], req.params.get("id"), int(req.params.get("n", 0)))
    if req.params.get("wait"):
        return await client.wait_for_completion_or_create_check_status_response(req, run, 5000, 10)
    return client.create_check_status_response(req, run)
"""
HOOKS = "/runtime/webhooks/durabletask"


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve(APP)


def test_check_status_links_work_as_they_are(served: Any) -> None:
    """The links of a started run carry their own key and need nothing else."""
    answer = httpx.post(f"{served.host.url}/api/start/waits")
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "10")
    links = answer.json()
    assert httpx.get(links["statusQueryGetUri"]).status_code == 202
    raised = httpx.post(links["sendEventPostUri"].replace("{eventName}", "go"), json={"a": 1})
    assert (raised.status_code, raised.content) == (202, b"")
    served.wait(links["id"])
    status = httpx.get(links["statusQueryGetUri"])
    assert (status.status_code, status.json()["output"]) == (200, {"a": 1})
    assert httpx.delete(links["purgeHistoryDeleteUri"]).json() == {"instancesDeleted": 1}
    assert httpx.get(links["statusQueryGetUri"]).status_code == 404


def test_waiting_door_gives_the_output(served: Any) -> None:
    """The SDK's wait helper polls through the RPC mount and returns the result itself."""
    assert httpx.post(f"{served.host.url}/api/start/adds?n=4&wait=1", timeout=10).json() == 5


def test_status_body_has_the_extensions_keys_in_order(served: Any) -> None:
    """Times in whole seconds; the Python client's input is a string of JSON."""
    run = served.start("adds", 4)
    served.wait(run)
    body = served.http.get(f"{HOOKS}/instances/{run}").json()
    assert list(body) == [
        "name", "instanceId", "runtimeStatus", "input", "customStatus", "output", "createdTime", "lastUpdatedTime",
    ]
    assert (body["input"], body["output"], body["runtimeStatus"]) == ("4", 5, "Completed")
    assert body["createdTime"] == "2026-03-14T02:00:00Z"
    assert served.http.get(f"{HOOKS}/instances/{run}?showInput=false").json()["input"] is None


def test_sdk_client_reads_status_with_history(served: Any) -> None:
    """``get_status`` knows status, custom status, output and the history for people."""
    run = served.start("adds", 4)
    served.wait(run)
    status = served.ask(served.client.get_status(run, show_history=True, show_history_output=True, show_input=True))
    assert status.runtime_status is OrchestrationRuntimeStatus.Completed
    assert (status.name, status.output, status.input_) == ("adds", 5, "4")
    kinds = [(e["EventType"], e.get("FunctionName")) for e in status.historyEvents]
    assert kinds == [("ExecutionStarted", "adds"), ("TaskCompleted", "add_one"), ("ExecutionCompleted", None)]
    assert status.historyEvents[1]["Result"] == 5


def test_missing_instance_has_a_falsy_status(served: Any) -> None:
    """404 with an empty body, which the SDK turns into an empty status."""
    assert not served.ask(served.client.get_status("nobody"))


def test_failed_instance_is_200_or_500_on_request(served: Any) -> None:
    """``returnInternalServerErrorOnFailure`` decides."""
    run = served.start("breaks")
    served.wait(run)
    url = f"{HOOKS}/instances/{run}"
    assert served.http.get(url).status_code == 200
    assert served.http.get(f"{url}?returnInternalServerErrorOnFailure=true").status_code == 500


def test_lists_filter_by_status_prefix_time_and_page(served: Any) -> None:
    """All filters of the SDK's client, and continuation tokens."""
    for name in ("a1", "a2", "b1"):
        served.start("waits", None, name)
    served.wait(served.start("adds", 1, "c1"))
    served.settle()
    everyone = served.ask(served.client.get_status_all())
    assert sorted(status.instance_id for status in everyone) == ["a1", "a2", "b1", "c1"]
    now = served.time_line.now()
    found = served.ask(
        served.client.get_status_by(
            now - timedelta(hours=1), now + timedelta(hours=1), [OrchestrationRuntimeStatus.Completed]
        )
    )
    assert [status.instance_id for status in found] == ["c1"]
    page = served.http.get(f"{HOOKS}/instances?instanceIdPrefix=a&top=1")
    assert [status["instanceId"] for status in page.json()] == ["a1"]
    token = {"x-ms-continuation-token": page.headers["x-ms-continuation-token"]}
    rest = served.http.get(f"{HOOKS}/instances?instanceIdPrefix=a&top=1", headers=token)
    assert [status["instanceId"] for status in rest.json()] == ["a2"]
    assert "x-ms-continuation-token" not in rest.headers


def test_purge_by_time_takes_finished_instances_only(served: Any) -> None:
    """``createdTimeFrom`` is required; nothing found is a 404 and counts as none."""
    served.start("waits", None, "open")
    served.wait(served.start("adds", 1, "done"))
    now = served.time_line.now()
    purge = served.client.purge_instance_history_by
    statuses = [OrchestrationRuntimeStatus.Completed]
    assert served.ask(purge(now - timedelta(hours=1), now + timedelta(hours=1), statuses)).instances_deleted == 1
    assert served.ask(purge(now - timedelta(hours=1), now + timedelta(hours=1), statuses)).instances_deleted == 0
    assert served.http.delete(f"{HOOKS}/instances").status_code == 400
    assert served.record("open").status in (Status.PENDING, Status.RUNNING)


def test_unknown_orchestrator_is_a_clean_error(served: Any) -> None:
    """400 with the extension's words, raised as such by the SDK."""
    with pytest.raises(Exception, match=r"The function 'nobody' doesn't exist.*'adds', 'breaks', 'waits'"):
        served.start("nobody")


@pytest.mark.parametrize("bad", ["@x", "x" * 257, "a%23b", "a%5Cb"])
def test_bad_instance_id_is_refused(served: Any, bad: str) -> None:
    """Too long, or with characters that break addresses."""
    assert served.http.post(f"{HOOKS}/orchestrators/adds/{bad}").status_code == 400


def test_raise_event_checks_in_the_extensions_order(served: Any) -> None:
    """404, 410, content type, JSON."""
    served.wait(served.start("adds", 1, "done"))
    served.start("waits", None, "open")

    def status(run: str, **request: Any) -> int:
        return int(served.http.post(f"{HOOKS}/instances/{run}/raiseEvent/go", **request).status_code)

    assert status("nobody", content="x") == 404
    assert status("done", content="x") == 410
    assert status("open", content="1", headers={"content-type": "text/plain"}) == 400
    assert status("open", content="{", headers={"content-type": "application/json"}) == 400
    assert status("open", json=1) == 202


def test_start_with_bad_json_or_with_waiting(served: Any) -> None:
    """Bad JSON is a 400; with timeout and pollingInterval the answer is the output."""
    assert served.http.post(f"{HOOKS}/orchestrators/adds", content="{").json() == {"Message": "Invalid JSON content"}
    url = f"{HOOKS}/orchestrators/adds?timeout=5&pollingInterval=0.01"
    assert served.http.post(url, content='"4"').json() == 5


def test_bad_bytes_numbers_and_oversized_bodies_are_refused(served: Any) -> None:
    """A caller's mistake is a 4xx, never a 500, and nothing large is held in memory."""
    start = f"{HOOKS}/orchestrators/adds"
    assert served.http.post(start, content=b"\xff").status_code == 400
    assert served.http.post(start, content=b'"' + b"x" * 2_000_000 + b'"').status_code == 400
    assert served.http.post(f"{start}?timeout=soon&pollingInterval=1").status_code == 400
    assert served.http.get(f"{HOOKS}/instances?top=many").status_code == 400
    assert served.http.get(f"{HOOKS}/instances?createdTimeFrom=yesterday").status_code == 400


def test_public_mount_wants_the_system_key(served: Any) -> None:
    """401 without; the function key does not do."""
    url = f"{served.host.url}{HOOKS}/instances"
    assert httpx.get(url).status_code == 401
    assert httpx.get(url, headers={"x-functions-key": served.host.keys.function}).status_code == 401
    assert httpx.get(url, params={"code": served.host.keys.system}).status_code == 200


def test_loopback_mount_wants_no_key_but_refuses_browsers(served: Any) -> None:
    """A web page must not reach it, neither by another name nor from another origin."""
    url = f"{served.host.url}/durabletask/instances"
    assert httpx.get(url).status_code == 200
    assert httpx.get(url, headers={"host": "evil.example"}).status_code == 403
    assert httpx.get(url, headers={"origin": "https://evil.example"}).status_code == 403


def test_routes_are_case_insensitive_and_unknown_ones_missing(served: Any) -> None:
    """As the extension's router."""
    assert served.http.get(f"{HOOKS}/Instances/").status_code == 200
    assert served.http.get(f"{HOOKS}/nothing").status_code == 404


def test_unserved_operation_is_a_501_that_names_itself(served: Any) -> None:
    """What the extension has and this host has not is refused by name."""
    answer = served.http.post(f"{HOOKS}/instances/a/makePrimary")
    assert answer.status_code == 501
    assert "makePrimary" in answer.json()["Message"]


def test_entities_are_listed_read_and_deleted_by_curl(served: Any) -> None:
    """A JSON body that is not a string cannot be read by the SDK's get_input, as in Azure; a doubled string can."""
    assert served.http.post(f"{HOOKS}/entities/Box/k?op=set", content='"5"').status_code == 202
    served.settle()
    assert served.http.get(f"{HOOKS}/entities/box/k").json() == 5
    assert served.http.get(f"{HOOKS}/entities/box/other").status_code == 404
    assert [e["entityId"] for e in served.http.get(f"{HOOKS}/entities/box").json()] == [{"name": "box", "key": "k"}]
    with pytest.raises(Exception, match="400"):
        served.ask(served.client.signal_entity(df.EntityId("nobody", "k"), "set", 1))
