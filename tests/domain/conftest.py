"""Company B's plan and estate to change and compile, and a small builder of arbitrary estates."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.compile import compile_runbook
from domain.findings import Refused
from domain.plans.reading import Plan, parse_plan
from domain.runbook import Runbook
from domain.snapshot import snapshot_of

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(Path(__file__).parent))  # tests are no packages; what they share lies beside them
_PLAN: dict[str, Any] = yaml.safe_load((ROOT / "plans" / "company-b.yaml").read_text())
_ESTATE: list[dict[str, Any]] = json.loads((ROOT / "estates" / "company-b.json").read_text())


def _company_b(machines: int) -> list[dict[str, Any]]:
    from simulator.company_b import company_b

    return company_b(machines)


class Case:
    """One plan and one estate, to be spoilt and compiled."""

    def __init__(self, machines: int = 9) -> None:
        self.plan: dict[str, Any] = copy.deepcopy(_PLAN)
        self.estate: list[dict[str, Any]] = copy.deepcopy(_ESTATE) if machines == 9 else _company_b(machines)

    def document(self, name: str, kind: str = "") -> dict[str, Any]:
        """The estate's one document of that name (and type, by its last word)."""
        found = [one for one in self.estate if one["name"] == name and one["type"].endswith(kind)]
        assert len(found) == 1, (name, len(found))
        return found[0]

    def copy_of(self, name: str, kind: str, new: str, **properties: Any) -> dict[str, Any]:
        """A further document like one that is there, with some properties changed, added to the estate."""
        made = copy.deepcopy(self.document(name, kind))
        made |= {"name": new, "id": made["id"].rsplit("/", 1)[0] + f"/{new}"}
        made["properties"] |= properties
        self.estate.append(made)
        return made

    def parsed(self) -> Plan:
        return parse_plan(yaml.safe_dump(self.plan))

    def compile(self, mode: str = "failover") -> Runbook:
        return compile_runbook(self.parsed(), snapshot_of(self.estate), mode)

    def refusals(self) -> list[str]:
        """Why it is refused; an AssertionError when it is not."""
        try:
            self.compile()
        except Refused as refused:
            return refused.reasons
        raise AssertionError("it compiles")


@pytest.fixture
def case() -> Case:
    return Case()


@pytest.fixture
def make_case() -> Callable[..., Case]:
    return Case


@pytest.fixture(scope="module")
def make_case_once() -> Callable[..., Case]:
    """For stories that are told once a file."""
    return Case
