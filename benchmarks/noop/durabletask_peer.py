"""The no-op orchestrations on durabletask's in-memory backend. Runs in an environment of its own."""

from __future__ import annotations

import json
import sys
import time

from durabletask import client, task, worker
from durabletask.testing import create_test_backend

PORT = 50077


def nothing(_, n):
    return n


def fan(context, n):
    answers = yield task.when_all([context.call_activity(nothing, input=one) for one in range(n)])
    return len(answers)


def chain(context, n):
    for one in range(n):
        yield context.call_activity(nothing, input=one)
    return n


def seconds(on, orchestrator, n):
    began = time.perf_counter()
    instance = on.schedule_new_orchestration(orchestrator, input=n)
    state = on.wait_for_orchestration_completion(instance, timeout=120)
    assert json.loads(state.serialized_output) == n, state
    return time.perf_counter() - began


def main(n_fan, n_chain):
    backend = create_test_backend(port=PORT)
    address = f"localhost:{PORT}"
    with worker.TaskHubGrpcWorker(host_address=address) as runs:
        runs.add_orchestrator(fan)
        runs.add_orchestrator(chain)
        runs.add_activity(nothing)
        runs.start()
        on = client.TaskHubGrpcClient(host_address=address)
        seconds(on, chain, 3)
        print(json.dumps({"fan": seconds(on, fan, n_fan), "chain": seconds(on, chain, n_chain)}), flush=True)
    backend.stop()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
