"""Estates: files equal their code, hold no secret, and refer to nothing that is not there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from domain.plans.reading import parse_plan
from domain.redaction import redact
from simulator.core import ids
from simulator.core.world import World
from simulator.estates.__main__ import main, written
from simulator.estates.drawing import drawing
from simulator.estates.networks import Half, peer, virtual_network
from simulator.estates.page import PAGE, filled
from simulator.estates.place import Document, Owner
from simulator.estates.reading import Picture
from simulator.estates.table import ESTATES
from simulator.rooms import ROOMS

ROOT = Path(__file__).parents[3]
NAMES = sorted(ESTATES)


class _Clock:
    def now(self) -> datetime:
        return datetime(2026, 3, 14, 2, 0, tzinfo=timezone.utc)


OWNER = Owner.named("test", "00000000-0000-4000-8000-000000000001")


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_what_the_builder_makes(name: str) -> None:
    """``python -m simulator.estates`` writes it."""
    assert (ROOT / "estates" / f"{name}.json").read_text(encoding="utf-8") == written(ESTATES[name]())


def test_every_estate_has_a_plan_of_its_name_and_a_section_of_a_page() -> None:
    """The fleets have a page of their own."""
    page = PAGE.read_text(encoding="utf-8")
    fleets = (PAGE.parent / "edge.md").read_text(encoding="utf-8")
    for name in NAMES:
        assert parse_plan((ROOT / "plans" / f"{name}.yaml").read_text(encoding="utf-8")).name == name
        drawn = f"<!-- before: {name} -->" in page and f"<!-- after: {name} -->" in page
        assert drawn or f"plans/{name}.yaml" in fleets, name
    assert set(re.findall(r"<!-- (?:before|after): (\S+) -->", page)) <= set(NAMES)


def test_the_drawings_of_the_page_are_made_of_the_documents() -> None:
    """docs/topologies.md, before and after."""
    page = PAGE.read_text(encoding="utf-8")
    assert filled(page) == page


def test_writing_all_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command writes estates and page where they stand."""
    (tmp_path / "estates").mkdir()
    page = tmp_path / "topologies.md"
    page.write_text("<!-- before: company-a -->\n<!-- end -->\n", encoding="utf-8")
    monkeypatch.setattr("simulator.estates.__main__.ROOT", tmp_path)
    monkeypatch.setattr("simulator.estates.__main__.PAGE", page)
    main(["company-a"])
    assert json.loads((tmp_path / "estates" / "company-a.json").read_text()) == ESTATES["company-a"]()
    assert "```mermaid\nflowchart LR\n" in page.read_text()


@pytest.mark.parametrize("name", NAMES)
def test_an_estate_holds_no_secret(name: str) -> None:
    """Nothing in it would have to be taken out when it is read."""
    assert redact(ESTATES[name]())[1] == []


@pytest.mark.parametrize("name", NAMES)
def test_whatever_an_estate_refers_to_is_in_it(name: str) -> None:
    """Every ARM id below ``properties`` is that of a document, of a part of one, or of something out of scope."""
    documents = ESTATES[name]()
    known = {ids.key(one["id"]) for one in _all_parts(documents)}
    assert len(known) > len(documents)
    referred = {ids.key(found) for document in documents for found in _ids(document.get("properties"))}
    missing = {one for one in referred - known if not re.search(_OUT_OF_SCOPE, one)}
    assert missing == set()


_OUT_OF_SCOPE = "|".join(
    (
        "/microsoft.compute/disks/",
        "/microsoft.storage/storageaccounts/",
        "/replicationrecoveryservicesproviders/",
        "/replicationjobs/none$",
    )
)


@pytest.mark.parametrize("name", NAMES)
def test_the_simulator_starts_from_an_estate_and_draws_it_the_same(name: str) -> None:
    """Loaded, its subnets and peerings are documents of their own; it is still the same network."""
    world = World(ESTATES[name](), ROOMS, clock=_Clock())
    assert drawing(world.documents.all()) == drawing(ESTATES[name]())


@pytest.mark.parametrize("name", NAMES)
def test_what_an_estate_calls_connected_is_up_in_the_simulator(name: str) -> None:
    """No tunnel falls at the start, and nowhere are there two ways home."""
    world = World(ESTATES[name](), ROOMS, clock=_Clock())
    world.advance()
    violations = [event for event in world.log.events if event["kind"] in ("invariant.violated", "split.started")]
    assert violations == []


def test_half_a_link_is_drawn_as_half() -> None:
    """One connection of two, or one half of a peering, joins nothing."""
    documents = [one for one in ESTATES["company-a"]() if one["name"] != "cn-azure-source"]
    assert 'vnet_azure -.-x|"half a site-to-site VPN"| rg_companya_eastasia_vnet_source' in drawing(documents)
    place = OWNER.at("rg", "eastasia")
    one, other = (virtual_network(place, name, f"10.{n}.0.0/16", {}) for n, name in enumerate("ab"))
    peer(Half(one), Half(other))
    assert [link.whole for link in Picture([one, other]).links()] == [True]
    del other["properties"]["virtualNetworkPeerings"][0]
    one["properties"]["virtualNetworkPeerings"][0]["properties"]["peeringState"] = "Disconnected"
    assert [link.whole for link in Picture([one, other]).links()] == [False]


def test_security_groups_and_route_tables_show_who_uses_them() -> None:
    """As Azure does; so do public addresses."""
    by_name = {one["name"]: one for one in ESTATES["hub-and-spoke"]()}
    guarded = by_name["nsg-web-eastasia"]["properties"]["subnets"]
    assert [one["id"] for one in guarded] == [by_name["vnet-web-eastasia"]["properties"]["subnets"][0]["id"]]
    configuration = by_name["pip-vgw-hub-eastasia"]["properties"]["ipConfiguration"]["id"]
    assert configuration == f"{by_name['vgw-hub-eastasia']['id']}/ipConfigurations/default"


def _all_parts(value: Any) -> Iterator[Document]:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and ("name" in value or "properties" in value):
            yield value
        for inner in value.values():
            yield from _all_parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _all_parts(inner)


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, str) and re.match(r"/subscriptions/", value, re.IGNORECASE):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _ids(inner)
