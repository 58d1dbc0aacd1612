"""The no-op workflows on DBOS with SQLite. Runs in an environment of its own."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time

from dbos import DBOS

folder = tempfile.TemporaryDirectory()
DBOS(config={"name": "noop", "system_database_url": f"sqlite:///{folder.name}/dbos.sqlite", "log_level": "ERROR",
             "run_admin_server": False})  # fmt: skip


@DBOS.step()
def nothing(n):
    return n


@DBOS.workflow()
def one(n):
    return nothing(n)


@DBOS.workflow()
def fan(n):
    return len([handle.get_result() for handle in [DBOS.start_workflow(one, number) for number in range(n)]])


@DBOS.workflow()
def chain(n):
    for number in range(n):
        nothing(number)
    return n


def seconds(workflow, n):
    began = time.perf_counter()
    assert workflow(n) == n
    return time.perf_counter() - began


def main(n_fan, n_chain):
    DBOS.launch()
    seconds(chain, 3)
    print(json.dumps({"fan": seconds(fan, n_fan), "chain": seconds(chain, n_chain)}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
