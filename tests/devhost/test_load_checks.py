"""Loading an app is as strict as in Azure: one bad function and none of the app is there."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devhost import AppLoadError
from devhost.app_loader import load_app

CORPUS: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parents[1] / "referee" / "corpus.toml").read_text()
)
PREAMBLE = "import azure.functions as func\nimport azure.durable_functions as df\napp = df.DFApp()\n"


@pytest.mark.parametrize("name", list(CORPUS))
def test_small_app_is_loaded_or_refused_by_name(name: str, tmp_path: Path) -> None:
    """The corpus on which the referee agrees, with the reasons this host gives."""
    case = CORPUS[name]
    future = "from __future__ import annotations\n" if case.get("future") else ""
    (tmp_path / "function_app.py").write_text(future + PREAMBLE + case["source"])
    if "refused" not in case:
        assert load_app(tmp_path).all()
        return
    with pytest.raises(AppLoadError) as refused:
        load_app(tmp_path)
    assert case["refused"] in str(refused.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('@app.queue_trigger(arg_name="m", queue_name="q", connection="c")\ndef one(m): ...', "'queueTrigger'"),
        (
            ('@app.route(route="a")\n@app.queue_output(arg_name="m", queue_name="q", connection="c")\n'
            "def one(req: func.HttpRequest, m: func.Out[str]) -> str: ..."),
            "binding type 'queue' is not served",
        ),
        (
            ('@app.timer_trigger(arg_name="t", schedule="0 0 * * * *")\n'
            '@app.retry(strategy="fixed_delay", max_retry_count="2", delay_interval="00:00:01")\ndef one(t): ...'),
            "retry policies are not served",
        ),
    ],
)
def test_what_this_host_does_not_serve_is_refused_by_name(
    app_folder: Callable[..., Path], source: str, words: str
) -> None:
    """Azure has it, Bridgehead does not use it: loading says so instead of ignoring it."""
    with pytest.raises(AppLoadError) as refused:
        load_app(app_folder(source))
    assert words in str(refused.value)


def test_durable_names_come_from_the_decorator(app_folder: Callable[..., Path]) -> None:
    """The wire name if given, else the function's; compared without case."""
    source = """
    @app.activity_trigger(input_name="x", activity="Wire_Name")
    def one(x): ...
    @app.activity_trigger(input_name="x")
    def Two(x): ...
    """
    app = load_app(app_folder(source))
    assert sorted(app.activities) == ["two", "wire_name"]
    assert app.require_activity("WIRE_NAME").name == "one"


def test_disabled_function_is_not_served(app_folder: Callable[..., Path], monkeypatch: Any) -> None:
    """``AzureWebJobs.NAME.Disabled`` takes a function out."""
    monkeypatch.setenv("AzureWebJobs.one.Disabled", "true")
    source = """
    @app.activity_trigger(input_name="x")
    def one(x): ...
    @app.activity_trigger(input_name="x")
    def two(x): ...
    """
    assert list(load_app(app_folder(source)).activities) == ["two"]


def test_missing_folder_and_bad_host_json_are_errors(tmp_path: Path, serve: Callable[..., Any]) -> None:
    """The message names the file."""
    with pytest.raises(AppLoadError, match=r"holds no function_app\.py"):
        load_app(tmp_path)
    (tmp_path / "host.json").write_text("{")
    with pytest.raises(AppLoadError, match=r"host\.json is not JSON"):
        serve(tmp_path)


def test_local_settings_reach_the_app(serve: Callable[..., Any], app_folder: Any, monkeypatch: Any) -> None:
    """Values become environment variables; what is set already stays."""
    folder = app_folder(
        """
        @app.route(route="settings", auth_level=func.AuthLevel.ANONYMOUS)
        def settings(req: func.HttpRequest) -> str:
            return os.environ["FROM_FILE"] + os.environ["FROM_SHELL"]
        """
    )
    (folder / "local.settings.json").write_text('{"Values": {"FROM_FILE": "a", "FROM_SHELL": "b"}}')
    monkeypatch.setenv("FROM_SHELL", "c")
    assert serve(folder).http.get("/api/settings").text == "ac"


@pytest.mark.parametrize(
    ("durable", "words"), [({"maxConcurrentActivityFunctions": 0}, "maxConcurrentActivityFunctions must be")]
)
def test_bad_setting_is_refused(serve: Callable[..., Any], durable: dict[str, Any], words: str) -> None:
    """Numbers that make no sense stop the host."""
    source = '@app.activity_trigger(input_name="x")\ndef one(x): ...'
    with pytest.raises(AppLoadError, match=words):
        serve(source, host_json={"version": "2.0", "extensions": {"durableTask": durable}})
