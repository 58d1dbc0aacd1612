"""``bridgehead addresses`` offline: the table, the JSON, the exit codes."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.company_b import company_b

TYPE = "replicationProtectedItems"


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """Company B's estate with two items that would come up elsewhere."""
    documents = copy.deepcopy(company_b())
    items = [one for one in documents if one["type"].endswith(TYPE)]
    for item, address in ((items[0], "10.1.3.99"), (items[3], None)):
        nic = item["properties"]["providerSpecificDetails"]["vmNics"][0]
        nic["ipConfigs"][0]["recoveryStaticIPAddress"] = address
    path = tmp_path / "estate.json"
    path.write_text(json.dumps(documents))
    return path


def test_all_well_is_exit_code_0(bridgehead: Any, plan: Path, estate: Path) -> None:
    """A row for each address, from the estate beside the plan or from the one that is named."""
    done = bridgehead("addresses", plan)
    assert done.exit_code == 0, done.output
    assert "9 addresses, 0 of them not as they should be" in done.stdout
    assert bridgehead("addresses", plan, "--estate", estate).stdout == done.stdout


def test_differences_are_exit_code_1_with_expected_and_found(bridgehead: Any, plan: Path, changed: Path) -> None:
    """The one that is another, and the one that would be any."""
    done = bridgehead("addresses", plan, "--snapshot", changed)
    assert done.exit_code == 1
    assert "target 10.1.3.99 is not 10.1.3.4" in done.stdout
    assert "no static target address" in done.stdout
    assert "2 of them not as they should be; --assign writes what can be written" in done.stdout


def test_one_json_document_says_the_same(bridgehead: Any, plan: Path, changed: Path) -> None:
    """Nothing else is on standard output."""
    done = bridgehead("addresses", plan, "--snapshot", changed, "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["plan"], told["ok"], len(told["addresses"])) == ("company-b", False, 9)
    first = told["addresses"][0]
    assert (first["machine"], first["expected"], first["found"], first["assignable"]) == (
        "dc1",
        "10.1.3.4",
        "10.1.3.99",
        True,
    )


def test_what_cannot_be_read_is_exit_code_2(bridgehead: Any, plan: Path, tmp_path: Path) -> None:
    """No such file, and an estate that lacks the plan's machines."""
    assert bridgehead("addresses", tmp_path / "none.yaml").exit_code == 2
    empty = tmp_path / "empty.json"
    empty.write_text("[]")
    done = bridgehead("addresses", plan, "--snapshot", empty)
    assert done.exit_code == 2
    assert "cannot be read from the snapshot" in done.stderr
