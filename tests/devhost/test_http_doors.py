"""HTTP triggers: routes, keys, requests and responses as the Functions host gives them."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from devhost import AppLoadError

APP = """
def echo(req):
    return func.HttpResponse(json.dumps({
        "method": req.method, "url": req.url, "headers": dict(req.headers), "query": dict(req.params),
        "route": dict(req.route_params), "body": req.get_body().decode(),
    }), mimetype="application/json")

@app.route(route="items/{id:int}", auth_level=func.AuthLevel.ANONYMOUS, methods=["GET", "POST"])
def item(req: func.HttpRequest) -> func.HttpResponse:
    return echo(req)

@app.route(route="items/{name}", auth_level=func.AuthLevel.ANONYMOUS)
async def named(req: func.HttpRequest) -> func.HttpResponse:
    return echo(req)

@app.route(route="items/special", auth_level=func.AuthLevel.ANONYMOUS)
def special(req: func.HttpRequest) -> str:
    return "special"

@app.route(route="files/{*rest}", auth_level=func.AuthLevel.ANONYMOUS)
def files(req: func.HttpRequest) -> func.HttpResponse:
    return echo(req)

@app.route(route="maybe/{id?}", auth_level=func.AuthLevel.ANONYMOUS)
def maybe(req: func.HttpRequest) -> func.HttpResponse:
    return echo(req)

@app.route(auth_level=func.AuthLevel.FUNCTION)
def keyed(req: func.HttpRequest) -> str:
    return "in"

@app.route(auth_level=func.AuthLevel.ADMIN)
def master_only(req: func.HttpRequest) -> str:
    return "in"

@app.route(auth_level=func.AuthLevel.ANONYMOUS)
def gives_dict(req: func.HttpRequest):
    return {"a": 1}

@app.route(auth_level=func.AuthLevel.ANONYMOUS)
def raises(req: func.HttpRequest) -> str:
    raise RuntimeError("secret text")

@app.route(auth_level=func.AuthLevel.ANONYMOUS)
def described(req: func.HttpRequest) -> str:
    return json.dumps({"statusCode": 418, "body": {"tea": True}, "headers": {"X-Pot": "yes"}})

@app.route(auth_level=func.AuthLevel.ANONYMOUS)
def custom(req: func.HttpRequest) -> func.HttpResponse:
    headers = {"X-One": "1", "Set-Cookie": "a=b; Path=/"}
    return func.HttpResponse(b"\\x00\\xff", status_code=201, headers=headers, mimetype="application/octet-stream")

@app.route(auth_level=func.AuthLevel.ANONYMOUS)
def with_context(req: func.HttpRequest, context: func.Context) -> str:
    return context.function_name + " " + str(len(context.invocation_id))
"""


@pytest.fixture
def served(serve: Callable[..., Any]) -> Any:
    return serve(APP)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/api/items/7", {"id": "7"}), ("/api/items/seven", {"name": "seven"}), ("/API/Items/7", {"id": "7"}),
        ("/api/items/a%20b", {"name": "a b"}), ("/api/files/a/b.txt", {"rest": "a/b.txt"}), ("/api/files", {}),
        ("/api/maybe/x", {"id": "x"}), ("/api/maybe", {}),
    ],
)
def test_route_templates_give_their_values(served: Any, path: str, route: dict[str, str]) -> None:
    """Constraints, optional and catch-all parameters, in any case."""
    assert served.http.get(path).json()["route"] == route


def test_literal_route_beats_parameters(served: Any) -> None:
    """The more literal template wins whatever the order of registration."""
    assert served.http.get("/api/items/special").text == "special"


def test_wrong_method_is_not_found(served: Any) -> None:
    """The method is a route constraint, so the next template answers, or nobody."""
    assert served.http.delete("/api/items/7").json()["route"] == {"name": "7"}
    assert served.http.get("/api/nothing").status_code == 404
    assert served.http.get("/items/7").status_code == 404


def test_request_reaches_the_function_as_the_worker_gives_it(served: Any) -> None:
    """Lower-case header names, duplicates joined, empty query values dropped, absolute URL."""
    got = served.http.post(
        "/api/items/7?a=1&b=&a=2", content=b'{"x": 1}', headers=[("X-Many", "1"), ("X-Many", "2")]
    ).json()
    assert got["method"] == "POST"
    assert got["url"] == f"{served.host.url}/api/items/7?a=1&b=&a=2"
    assert got["headers"]["x-many"] == "1,2"
    assert got["query"] == {"a": "1,2"}
    assert got["body"] == '{"x": 1}'


def test_chunked_request_arrives_empty(served: Any) -> None:
    """Without a Content-Length the worker gets no body."""
    assert served.http.post("/api/items/7", content=iter([b"abc"])).json()["body"] == ""


def test_body_over_two_megabytes_reaches_the_app(served: Any) -> None:
    """Refusing it is the app's decision; the host's own limit is Azure's 100 MB."""
    size = 2 * 1024 * 1024 + 1
    assert len(served.http.post("/api/items/7", content=b"x" * size).json()["body"]) == size
    with socket.create_connection(("127.0.0.1", int(served.host.url.rsplit(":", 1)[1])), timeout=5) as wire:
        declared = 100 * 1024 * 1024 + 1
        wire.sendall(f"POST /api/items/7 HTTP/1.1\r\nHost: localhost\r\nContent-Length: {declared}\r\n\r\n".encode())
        assert wire.recv(64).startswith(b"HTTP/1.1 413")


def test_response_carries_status_headers_cookie_and_bytes(served: Any) -> None:
    """What the function says is what the caller gets."""
    answer = served.http.get("/api/custom")
    assert (answer.status_code, answer.content) == (201, b"\x00\xff")
    assert (answer.headers["x-one"], answer.headers["content-type"]) == ("1", "application/octet-stream")
    assert answer.headers["set-cookie"] == "a=b; Path=/"


def test_text_that_describes_a_response_is_one(served: Any) -> None:
    """A JSON object with a body is read as status, headers and body."""
    answer = served.http.get("/api/described")
    assert (answer.status_code, answer.json(), answer.headers["x-pot"]) == (418, {"tea": True}, "yes")


@pytest.mark.parametrize("door", ["raises", "gives_dict"])
def test_failing_function_is_an_empty_500(served: Any, door: str, caplog: Any) -> None:
    """Neither the answer nor the log quotes the exception's text."""
    answer = served.http.get(f"/api/{door}")
    assert (answer.status_code, answer.content) == (500, b"")
    assert "secret text" not in caplog.text


def test_context_tells_the_function_and_the_call(served: Any) -> None:
    """A parameter named context receives the invocation."""
    assert served.http.get("/api/with_context").text == "with_context 36"


def test_keys_open_their_doors_only(served: Any) -> None:
    """Function and master keys for functions, master for admin, by header or by query."""
    keys = served.host.keys

    def status(door: str, key: str | None, *, by: str = "header") -> int:
        if by == "query":
            return httpx.get(f"{served.host.url}/api/{door}?code={key}").status_code
        headers = {"x-functions-key": key} if key else {}
        return httpx.get(f"{served.host.url}/api/{door}", headers=headers).status_code

    assert [status("keyed", key) for key in (None, "wrong", keys.system)] == [401, 401, 401]
    assert [status("keyed", key) for key in (keys.function, keys.master)] == [200, 200]
    assert status("keyed", keys.function, by="query") == 200
    assert [status("master_only", key) for key in (keys.function, keys.master)] == [401, 200]


def test_keys_file_is_private_and_kept(serve: Callable[..., Any], app_folder: Any) -> None:
    """Made once beside the database, readable by its owner alone."""
    folder = app_folder(APP)
    first = serve(folder)
    assert stat.S_IMODE(first.host.keys.path.stat().st_mode) == 0o600
    first.host.stop()
    assert serve(folder).host.keys == first.host.keys


def test_route_prefix_comes_from_host_json(serve: Callable[..., Any]) -> None:
    """It may be empty."""
    served = serve(APP, host_json={"version": "2.0", "extensions": {"http": {"routePrefix": ""}}})
    assert served.http.get("/items/7").json()["route"] == {"id": "7"}


def test_unserved_route_constraint_is_refused_by_name(serve: Callable[..., Any]) -> None:
    """A template that this host cannot read stops the app from loading."""
    with pytest.raises(AppLoadError, match="'datetime' is not served"):
        serve('@app.route(route="a/{when:datetime}")\ndef a(req: func.HttpRequest) -> str: return ""')


def test_host_listens_on_loopback_only_and_says_where(serve: Callable[..., Any], tmp_path: Path) -> None:
    """The state file appears once the host answers."""
    served = serve(APP, state_file=tmp_path / "state.json")
    state = json.loads((tmp_path / "state.json").read_text())
    assert state["url"] == served.host.url
    assert state["url"].startswith("http://127.0.0.1:")
    assert json.loads(Path(state["keys_file"]).read_text())["masterKey"] == served.host.keys.master


def test_admin_api_beyond_manual_runs_is_refused_by_name(served: Any) -> None:
    """501, not a silent 404."""
    assert served.http.get("/admin/host/status").status_code == 501
