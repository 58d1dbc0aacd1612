"""The no-op app on the embedded host, started and asked over HTTP as any client does."""

from __future__ import annotations

import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from devhost import HostOptions  # noqa: E402
from devhost.main import Host  # noqa: E402


def call(url: str, key: str, body: Any = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{url}?code={key}", data, {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return json.loads(answer.read())


def seconds(host: Host, name: str, n: int) -> float:
    base, key = f"{host.url}/runtime/webhooks/durabletask", host.keys.system
    began = time.perf_counter()
    instance = call(f"{base}/orchestrators/{name}", key, {"n": n})["id"]
    while (seen := call(f"{base}/instances/{instance}", key))["runtimeStatus"] in ("Pending", "Running"):
        time.sleep(0.01)
    if seen["runtimeStatus"] != "Completed":
        raise SystemExit(f"{name}: {seen}")
    return time.perf_counter() - began


def main(fan: int, chain: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        host = Host(HostOptions(HERE / "app", Path(folder) / "host.db")).start()
        seconds(host, "chain", 3)
        print(json.dumps({"fan": seconds(host, "fan", fan), "chain": seconds(host, "chain", chain)}))
        host.stop()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
