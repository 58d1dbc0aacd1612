"""What the pages in docs/ show: every plan compiles as one, every command runs, every payload is really sent."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from azure_clients.owner_http import signature
from domain.plans.reading import parse_plan, plan_schema

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, flags=re.DOTALL)


def commands(page: str) -> list[str]:
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def test_the_plan_that_the_page_shows_is_a_plan() -> None:
    """A reader who copies it gets no error, from the command or from the editor."""
    (shown,) = blocks("plans.md", "yaml")
    assert parse_plan(shown).name == "orders"
    jsonschema.validate(yaml.safe_load(shown), plan_schema())


def test_the_published_schema_is_the_one_that_the_command_prints() -> None:
    """An editor that reads docs/plan.schema.json knows every field of today's plan."""
    assert json.loads((DOCS / "plan.schema.json").read_text(encoding="utf-8")) == plan_schema()


@pytest.mark.parametrize("command", [*commands("plans.md"), *commands("topologies.md")])
def test_each_command_of_the_pages_on_plans_and_networks_succeeds(command: str, tmp_path: Path) -> None:
    """From the repository's folder; what a command leaves goes elsewhere."""
    arguments = shlex.split(command)[1:]
    more = {"rehearse": ["--report", tmp_path], "publish": ["--documents", tmp_path]}.get(arguments[0], [])
    done = subprocess.run(
        [sys.executable, "-m", "cli", *arguments, *map(str, more)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_signature_that_the_page_computes_is_the_one_that_is_sent() -> None:
    """An owner's automation written from the page accepts our webhook."""
    (source,) = blocks("on-premises.md", "python")
    names: dict[str, Any] = {}
    exec(source, names)
    body = b'{"action":"block-peer"}'
    assert names["signature"](b"secret", "1700000000", body) == signature("secret", 1700000000, body)


def test_the_payloads_that_the_page_shows_are_json_of_the_stated_shape() -> None:
    """The looking glass and the automation of the page are those of the simulated datacenter."""
    glass, reach, block, prefer, prepare = map(json.loads, blocks("on-premises.md", "json"))
    assert set(glass["routes"][0]) == {"prefix", "neighbor", "asn", "nextHop", "asPath", "best"}
    assert set(glass["peers"][0]) == {"neighbor", "asn", "state", "blocked"}
    assert set(reach["reach"]) == {"address", "port", "reachable", "neighbor", "detail"}
    always = {"action", "site", "run", "step", "idempotencyKey"}
    assert set(block) == {*always, "peer"}
    assert set(prefer) == {*always, "peer", "over", "prefixes"}
    assert set(prepare) == {*always, "peers", "prefixes", "routes"}


@pytest.mark.parametrize("page", sorted(path.name for path in DOCS.glob("*.md")))
def test_every_file_that_a_page_names_exists(page: str) -> None:
    """Paths in back quotes and links are read as such."""
    text = (DOCS / page).read_text(encoding="utf-8")
    rooms = "|".join(["domain", "docs", "simulator", "devhost", "plans", "estates", "scenarios", "cli", "triggers"])
    named = re.findall(rf"`((?:{rooms})/[\w./-]+\.\w+)`", text)
    named += [f"docs/{link}" for link in re.findall(r"\]\(([\w./-]+\.\w+)\)", text)]
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_part_that_the_page_on_links_shows_is_part_of_a_plan() -> None:
    """A reader copies one block after another: each fits into a plan, for the command and for the editor."""
    whole = yaml.safe_load((ROOT / "plans" / "company-b.yaml").read_text(encoding="utf-8"))
    shown = [yaml.safe_load(block) for block in blocks("links.md", "yaml")]
    assert len(shown) >= 6
    for part in shown:
        sites = {name: {**site, **part.get("sites", {}).get(name, {})} for name, site in whole["sites"].items()}
        plan = {**whole, **part, "sites": sites}
        jsonschema.validate(plan, plan_schema())
        assert parse_plan(yaml.safe_dump(plan)).name == "company-b"
