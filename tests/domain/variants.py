"""The estates and plans of the repository, to be changed and compiled."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import yaml

from domain.compile import compile_runbook
from domain.findings import Refused
from domain.plans.reading import parse_plan
from domain.runbook import Runbook, Step
from domain.snapshot import snapshot_of

ROOT = Path(__file__).parents[2]


class Topology:
    """One of docs/topologies.md: its plan and its estate, to be varied."""

    def __init__(self, name: str) -> None:
        self.plan: dict[str, Any] = yaml.safe_load((ROOT / "plans" / f"{name}.yaml").read_text())
        self.estate: list[dict[str, Any]] = json.loads((ROOT / "estates" / f"{name}.json").read_text())

    def document(self, name: str, kind: str = "") -> dict[str, Any]:
        """The estate's one document of that name (and type, by its end)."""
        found = [one for one in self.estate if one["name"] == name and one["type"].endswith(kind)]
        assert len(found) == 1, (name, [one["id"] for one in found])
        return found[0]

    def remove(self, name: str, kind: str = "") -> None:
        self.estate.remove(self.document(name, kind))

    def copy_of(self, name: str, kind: str, new: str, **properties: Any) -> dict[str, Any]:
        """A further document like one that is there, with some properties changed."""
        made = copy.deepcopy(self.document(name, kind))
        made |= {"name": new, "id": made["id"].rsplit("/", 1)[0] + f"/{new}"}
        made["properties"] |= properties
        self.estate.append(made)
        return made

    def only(self, *items: str) -> None:
        """Only these items fail over, in one group."""
        vault = self.plan["workload"]["vault"]
        self.plan["workload"] = {"vault": vault, "groups": [{"name": "all", "items": list(items)}]}

    def link(self, number: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.plan["links"][number]
        return found

    def compile(self) -> Runbook:
        return compile_runbook(parse_plan(yaml.safe_dump(self.plan)), snapshot_of(self.estate), "failover")

    def steps(self, kind: str) -> list[Step]:
        return [step for step in self.compile().steps if step.kind == kind]

    def refusals(self) -> list[str]:
        """Why it is refused; an AssertionError when it is not."""
        try:
            self.compile()
        except Refused as refused:
            return refused.reasons
        raise AssertionError("it compiles")


def refused(topology: Topology, *messages: str) -> None:
    """It is refused with exactly these messages."""
    assert topology.refusals() == list(messages)
