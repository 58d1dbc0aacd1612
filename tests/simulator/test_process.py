"""The simulator as the command line starts it: a process of its own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from clock import create
from simulator.company_b import company_b
from simulator.server import read_estate

PROGRAM = """
import sys
from pathlib import Path
from simulator.server import SimulatorOptions, serve
folder = Path(sys.argv[1])
serve(SimulatorOptions(folder / "estate.json", None, folder / "clock.json", folder / "state", seed=3))
"""


def test_a_process_tells_where_it_is_and_stops_when_told(tmp_path: Path, root: Path) -> None:
    """simulator.json appears, the endpoint answers, SIGTERM ends it and it leaves the clock."""
    (tmp_path / "estate.json").write_text(json.dumps(company_b()))
    create(tmp_path / "clock.json", speed="max")
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=root)
    try:
        told = tmp_path / "state" / "simulator.json"
        deadline = time.monotonic() + 20
        while not told.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        content = json.loads(told.read_text())
        assert content["pid"] == process.pid
        answer = requests.get(f"{content['endpoint']}/_simulator/verdict", verify=content["ca_bundle"], timeout=10)
        assert answer.json()["violations"] == []
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    assert json.loads((tmp_path / "clock.json").read_text())["participants"] == {}


def test_the_shipped_estate_is_what_the_builder_makes(root: Path) -> None:
    """estates/company-b.json is generated: python -m simulator.company_b."""
    assert read_estate(root / "estates" / "company-b.json") == company_b()


@pytest.mark.parametrize("content", ["{}", '[{"id": "x"}]', '["x"]'])
def test_a_file_that_is_no_estate_is_refused_by_name(tmp_path: Path, content: str) -> None:
    """Before anything starts."""
    (tmp_path / "estate.json").write_text(content)
    with pytest.raises(ValueError, match=r"estate\.json"):
        read_estate(tmp_path / "estate.json")


def test_an_estate_grows_by_thirds_and_holds_no_secret() -> None:
    """Three hundred machines are three tiers of a hundred; a connection has no key in it."""
    documents = company_b(300)
    machines = [one for one in documents if one["type"] == "Microsoft.Compute/virtualMachines"]
    assert len(machines) == 300
    connection = next(one for one in documents if one["type"] == "Microsoft.Network/connections")
    assert "sharedKey" not in connection["properties"]
