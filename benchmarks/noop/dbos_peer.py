"""The no-op workflows on DBOS with SQLite. Runs in an environment of its own.

Side by side are steps of one asynchronous workflow, gathered: what activities of one orchestration are. A workflow for
each would also write the beginning and the end of a thousand workflows.
"""

from __future__ import annotations

import asyncio
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


@DBOS.step()
async def nothing_async(n):
    return n


@DBOS.workflow()
async def fan(n):
    return len(await asyncio.gather(*[nothing_async(number) for number in range(n)]))


@DBOS.workflow()
def chain(n):
    for number in range(n):
        nothing(number)
    return n


def seconds(workflow, n):
    began = time.perf_counter()
    answer = workflow(n)
    assert (asyncio.run(answer) if asyncio.iscoroutine(answer) else answer) == n
    return time.perf_counter() - began


def main(n_fan, n_chain):
    DBOS.launch()
    seconds(chain, 3)
    print(json.dumps({"fan": seconds(fan, n_fan), "chain": seconds(chain, n_chain)}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
