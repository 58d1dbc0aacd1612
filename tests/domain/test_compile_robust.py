"""compile is pure and total: the same everywhere, and for any estate a runbook or reasons."""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.compile import compile_runbook
from domain.findings import Refused
from domain.plans.reading import parse_plan
from domain.snapshot import SnapshotError, snapshot_of

ROOT = Path(__file__).parents[2]
PLAN = yaml.safe_load((ROOT / "plans" / "company-b.yaml").read_text())
ESTATE: list[dict[str, Any]] = json.loads((ROOT / "estates" / "company-b.json").read_text())
SCRIPT = """
import json, random, sys
from domain.compile import compile_runbook
from domain.plans.reading import parse_plan
from domain.snapshot import snapshot_of
estate = json.load(open("estates/company-b.json"))
random.Random(int(sys.argv[1])).shuffle(estate)
print(compile_runbook(parse_plan(open("plans/company-b.yaml").read()), snapshot_of(estate), "failover").hash)
"""


def test_the_same_runbook_in_every_process_and_from_every_order_of_documents() -> None:
    """No set, no dictionary of another order, no randomised hash decides anything."""
    hashes = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, seed], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
        ).stdout
        for seed in ("0", "1", "4242")
    }  # fmt: skip
    assert len(hashes) == 1


def test_compiling_twice_changes_neither_plan_nor_snapshot() -> None:
    """Pure: what goes in comes out of it as it was."""
    plan, snapshot = parse_plan(json.dumps(PLAN)), snapshot_of(ESTATE)
    before = json.dumps(snapshot.documents, sort_keys=True)
    first, second = (compile_runbook(plan, snapshot, "failover") for _ in range(2))
    assert (first, first.hash) == (second, second.hash)
    assert json.dumps(snapshot.documents, sort_keys=True) == before


def test_ids_in_another_spelling_make_the_same_steps(case: Any) -> None:
    """ARM's cases differ from answer to answer; steps, and with them intents, must not."""
    straight = case.compile()
    for one in case.estate:
        one["id"] = (
            one["id"].replace("/resourceGroups/", "/resourcegroups/").replace("Microsoft.Network", "microsoft.network")
        )
    assert [step.id for step in case.compile().steps] == [step.id for step in straight.steps]


GARBAGE = st.sampled_from(
    [None, "", "x", 0, 7, -1, True, [], {}, [None], [[]], [{}], {"id": None}, {"id": "x"}, {"id": {}}, "10.0.0.0/8"]
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path, *(deeper for key, child in children for deeper in _paths(child, (*path, key)))]


PATHS = _paths(ESTATE)[1:]


@settings(max_examples=70)
@given(st.lists(st.tuples(st.sampled_from(PATHS), GARBAGE | st.just("remove")), min_size=1, max_size=3))
def test_a_spoilt_estate_is_refused_or_compiled_never_a_stack_trace(spoilt: list[tuple[tuple[Any, ...], Any]]) -> None:
    """Whatever stands anywhere in a document, or is missing."""
    estate = copy.deepcopy(ESTATE)
    for path, value in spoilt:
        _put(estate, path, value)
    plan = parse_plan(json.dumps(PLAN))
    try:
        runbook = compile_runbook(plan, snapshot_of(estate), "failover")
    except (SnapshotError, Refused) as refused:
        outcome: Any = refused.reasons
    else:
        outcome = runbook.steps
    assert outcome


def _put(holder: Any, path: tuple[Any, ...], value: Any) -> None:
    try:
        for part in path[:-1]:
            holder = holder[part]
        if value == "remove":
            del holder[path[-1]]
        else:
            holder[path[-1]] = value
    except (KeyError, IndexError, TypeError):
        return


@settings(max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 40))
def test_an_estate_with_documents_missing_is_refused_or_compiled(seed: int, missing: int) -> None:
    """A capture that left things out says which; what it did not need, it does not miss."""
    chance = random.Random(seed)
    estate = chance.sample(ESTATE, max(0, len(ESTATE) - missing))
    reasons: list[str] = []
    try:
        compile_runbook(parse_plan(json.dumps(PLAN)), snapshot_of(estate), "failover")
    except Refused as refused:
        reasons = refused.reasons
    assert all(" expected " in reason for reason in reasons)
