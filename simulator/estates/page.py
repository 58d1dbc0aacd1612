"""The drawings of docs/topologies.md, put between its markers: each estate as it is, and as its plan leaves it."""

from __future__ import annotations

import re
from pathlib import Path

from domain.compile import compile_runbook
from domain.plans.reading import parse_plan
from domain.snapshot import snapshot_of
from simulator.estates.after import after
from simulator.estates.drawing import drawing
from simulator.estates.place import Document
from simulator.estates.table import ESTATES

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "topologies.md"
_BLOCK = re.compile(r"(<!-- (?P<moment>before|after): (?P<name>[a-z-]+) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


def left_by_its_plan(name: str) -> list[Document]:
    """The estate as a calm failover by plans/NAME.yaml leaves it."""
    documents = ESTATES[name]()
    plan = parse_plan((ROOT / "plans" / f"{name}.yaml").read_text(encoding="utf-8"))
    return after(documents, compile_runbook(plan, snapshot_of(documents), "failover"))


def filled(page: str) -> str:
    """The page with every drawing as it is now."""

    def block(found: re.Match[str]) -> str:
        name = found["name"]
        documents = ESTATES[name]() if found["moment"] == "before" else left_by_its_plan(name)
        return f"{found[1]}```mermaid\n{drawing(documents)}\n```\n{found['end']}"

    return _BLOCK.sub(block, page)
