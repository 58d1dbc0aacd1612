"""Microsoft's worker library as referee: what it rejects the embedded host rejects, and it runs our app.

The library is for Python 3.13 and later and lives in a folder of its own, named by BRIDGEHEAD_REFEREE::

    python -m pip install --no-deps --ignore-requires-python --target .referee \\
        azure-functions-runtime==1.3.0 azurefunctions-extensions-base==1.2.0
    BRIDGEHEAD_REFEREE=.referee python -m pytest tests/referee

BRIDGEHEAD_REFEREE_APP names another app folder than the repository's to be indexed and run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from devhost.app_loader import LoadedApp, load_app
from devhost.errors import AppLoadError

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
REFEREE = os.environ.get("BRIDGEHEAD_REFEREE")
APP = Path(os.environ.get("BRIDGEHEAD_REFEREE_APP", ROOT))
INSTALL = (
    "python -m pip install --no-deps --ignore-requires-python --target .referee azure-functions-runtime==1.3.0 "
    "azurefunctions-extensions-base==1.2.0, then set BRIDGEHEAD_REFEREE=.referee"
)
PREAMBLE = "import azure.functions as func\nimport azure.durable_functions as df\napp = df.DFApp()\n"
CORPUS: dict[str, dict[str, Any]] = tomllib.loads((HERE / "corpus.toml").read_text())
AT = "2026-03-14T02:00:00.000000Z"
STARTED = [
    {"EventType": 12, "EventId": -1, "IsPlayed": False, "Timestamp": AT},
    {"EventType": 0, "EventId": -1, "IsPlayed": False, "Timestamp": AT, "Name": "F", "Version": None, "Input": None},
]

pytestmark = pytest.mark.referee


def app_source(case: dict[str, Any]) -> str:
    return ("from __future__ import annotations\n" if case.get("future") else "") + PREAMBLE + case["source"]


def devhost_verdict(folder: Path) -> dict[str, str] | None:
    """What the embedded host makes of the folder: its functions, or None."""
    try:
        return {function.name: function.kind for function in loaded(folder).all()}
    except AppLoadError:
        return None


def loaded(folder: Path) -> LoadedApp:
    """The app as the embedded host loads it; the process is left as it was."""
    before, path = Path.cwd(), list(sys.path)
    try:
        return load_app(folder)
    finally:
        os.chdir(before)
        sys.path[:] = path
        sys.modules.pop("function_app", None)


@pytest.fixture(scope="session")
def referee() -> Iterator[Callable[..., dict[str, Any]]]:
    """One referee process for the whole session; a folder is asked of it by ``referee(folder, runs)``."""
    if not REFEREE or not (Path(REFEREE) / "azure_functions_runtime").is_dir():
        pytest.skip(f"Microsoft's worker library is not here: {INSTALL}")
    process = subprocess.Popen(
        [sys.executable, str(HERE / "referee.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(REFEREE).resolve()), str(ROOT)])},
    )

    def ask(folder: Path, runs: list[dict[str, Any]] | None = None) -> dict[str, Any]:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps({"folder": str(folder), "runs": runs or []}) + "\n")
        process.stdin.flush()
        return dict(json.loads(process.stdout.readline()))

    yield ask
    assert process.stdin
    assert process.stdout
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


@pytest.mark.parametrize("name", list(CORPUS))
def test_referee_and_devhost_agree(name: str, referee: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    """Both load the same functions, or both load none."""
    case = CORPUS[name]
    (tmp_path / "function_app.py").write_text(app_source(case))
    official = referee(tmp_path)
    assert (official["error"] is None) == ("refused" not in case), official["error"]
    assert devhost_verdict(tmp_path) == official["functions"]


def test_referee_indexes_the_whole_app_as_devhost_does(referee: Callable[..., dict[str, Any]]) -> None:
    """Every function of the repository's app comes back."""
    if not (APP / "function_app.py").exists():
        pytest.skip(f"there is no {APP}/function_app.py")
    official = referee(APP)
    assert official["error"] is None
    assert official["functions"] == devhost_verdict(APP)


def test_referee_runs_an_activity_an_orchestrator_and_an_entity_of_the_app(
    referee: Callable[..., dict[str, Any]],
) -> None:
    """Each kind passes through the real worker's converters and the SDK's handles."""
    if not (APP / "function_app.py").exists():
        pytest.skip(f"there is no {APP}/function_app.py")
    kinds = referee(APP)["functions"]

    def first(kind: str) -> str:
        return next(name for name, found in sorted(kinds.items()) if found == kind)

    trigger = {"history": STARTED, "input": None, "instanceId": "i", "isReplaying": False, "parentInstanceId": None}
    trigger |= {"upperSchemaVersion": 1, "upperSchemaVersionNew": 2}
    entity = {
        "self": {"name": "n", "key": "k"}, "exists": False, "state": None,
        "batch": [{"name": "read", "input": '"null"', "isSignal": False}],
    }
    activities = {f.name: f.parameter for f in loaded(APP).activities.values()}
    activity = min(activities)
    runs = [
        {"function": first("orchestrationTrigger"), "inputs": {"context": [json.dumps(trigger), "json"]}},
        {"function": first("entityTrigger"), "inputs": {"context": [json.dumps(entity), "json"]}},
        {"function": activity, "inputs": {activities[activity]: ["null", "string"]}},
    ]
    orchestrated, entered, acted = referee(APP, runs)["runs"]
    assert '"actions"' in (orchestrated["result"] or orchestrated["error"])
    assert json.loads(entered["result"])["results"]
    assert acted["ok"] or "not loaded" not in acted["error"], "it may refuse null, but must be called"


def test_referee_runs_the_three_kinds_with_their_results(
    referee: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    """An activity's result, an orchestrator's first actions and an entity's new state, as the contract gives them."""
    source = PREAMBLE + (
        '@app.activity_trigger(input_name="x")\ndef double(x: dict): return {"twice": 2 * x["n"]}\n'
        '@app.orchestration_trigger(context_name="context")\n'
        'def calls(context): return (yield context.call_activity("double", {"n": context.get_input()}))\n'
        '@app.entity_trigger(context_name="context")\n'
        "def counter(context): context.set_state(context.get_state(lambda: 0) + context.get_input())\n"
    )
    (tmp_path / "function_app.py").write_text(source)
    trigger = {"history": STARTED, "input": "21", "instanceId": "i", "isReplaying": False, "parentInstanceId": None}
    trigger |= {"upperSchemaVersion": 1, "upperSchemaVersionNew": 3}
    entity = {
        "self": {"name": "counter", "key": "k"}, "exists": True, "state": "1",
        "batch": [{"name": "add", "input": '"2"', "isSignal": True}],
    }
    runs = [
        {"function": "double", "inputs": {"x": ['{"n": 21}', "string"]}},
        {"function": "calls", "inputs": {"context": [json.dumps(trigger), "json"]}},
        {"function": "counter", "inputs": {"context": [json.dumps(entity), "json"]}},
    ]
    activity, orchestrator, counted = referee(tmp_path, runs)["runs"]
    assert json.loads(activity["result"]) == {"twice": 42}
    assert json.loads(orchestrator["result"])["actions"] == [
        [{"actionType": 0, "functionName": "double", "input": '{"n": 21}'}]
    ]
    assert json.loads(counted["result"])["entityState"] == "3"
