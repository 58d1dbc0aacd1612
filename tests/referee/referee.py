"""Microsoft's own worker library, driven without a host: index an app folder, then run functions of it.

Reads one JSON request a line, ``{"folder": path, "runs": [{"function", "inputs": {parameter: [text, type]}}]}``, and
answers each with one line, ``{"functions": {name: trigger type} | null, "error": text | null, "runs": [...]}``, where a
run is ``{"ok": bool, "result": text | null, "error": text | null}``. Its internals are no public API, so the version is
pinned; the folder that holds it is the first on PYTHONPATH (see ``test_referee.py``).
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
import uuid
from typing import Any


class StandIn:
    """In place of a protobuf message: keeps what it is given."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


class StandInProtos:
    """In place of the generated protobuf module."""

    class BindingInfo(StandIn):
        inout, out, undefined = 2, 1, 0

    RpcFunctionMetadata = RpcRetryOptions = StatusResult = StandIn


def main() -> None:
    handle_event = importlib.import_module("azure_functions_runtime.handle_event")
    handle_event.protos = StandInProtos
    handle_event.load_binding_registry()
    importlib.import_module("azure_functions_runtime.utils.threadpool").start_threadpool_executor()
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(answer(handle_event, request["folder"], request.get("runs", []))) + "\n")
        answers.flush()


def answer(handle_event: Any, folder: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    os.chdir(folder)
    sys.path.insert(0, folder)
    sys.modules.pop("function_app", None)
    importlib.invalidate_caches()
    try:
        handle_event.load_function_metadata(folder, caller_info="referee")
    except BaseException as error:  # noqa: BLE001 - whatever an app raises on import is the answer
        return {"functions": None, "error": f"{type(error).__name__}: {error}", "runs": []}
    finally:
        sys.path.remove(folder)
    found = {one.name: triggers(one) for one in handle_event._metadata_result}
    return {"functions": found, "error": None, "runs": [run(one) for one in runs]}


def triggers(metadata: Any) -> str:
    types = [json.loads(raw)["type"] for raw in metadata.raw_bindings]
    return next(kind for kind in types if kind.endswith("Trigger"))


def run(one: dict[str, Any]) -> dict[str, Any]:
    native = importlib.import_module("azure_functions_runtime.native_invocation")
    datum = importlib.import_module("azure_functions_runtime.bindings.datumdef").Datum
    function_id = str(uuid.uuid5(uuid.NAMESPACE_OID, one["function"]))
    inputs = [(name, datum(value=text, type=kind)) for name, (text, kind) in one["inputs"].items()]
    ok, result, _, error, _ = asyncio.run(native.invocation_request_native("referee", function_id, inputs, {}))
    return {"ok": ok, "result": result.value if result is not None else None, "error": error}


if __name__ == "__main__":
    main()
