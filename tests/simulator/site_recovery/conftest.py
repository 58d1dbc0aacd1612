"""A simulated Azure in a thread of this process, the real SDK clients pointed at it, and time in the test's hand."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from azure.core.credentials import AccessToken
from azure.core.rest import HttpRequest
from azure.mgmt.recoveryservicessiterecovery import SiteRecoveryManagementClient

import clock
from simulator import compute, network, site_recovery
from simulator.company_b import company_b
from simulator.server import SimulatorOptions, prepare
from simulator.site_recovery.company_b_items import DR_GROUP, RECOVERY_GROUP, SOURCE_GROUP, VAULT, item_id

SUBSCRIPTION = "0000b0b0-0000-4000-8000-00000000b0b0"
START = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
ITEM = ("rg-companyb-dr", "rsv-companyb", "asr-eastasia", "asr-container-eastasia")
PLAN = ("rg-companyb-dr", "rsv-companyb", "rp-companyb")


class Azure:
    """One simulated Azure: ``site`` and ``machines`` are SDK clients, ``wait`` lets virtual seconds pass."""

    def __init__(self, folder: Path, scenario: dict[str, Any], estate: list[dict[str, Any]]) -> None:
        files = {"estate": folder / "estate.json", "scenario": folder / "scenario.yaml", "clock": folder / "clock.json"}
        files["estate"].write_text(json.dumps(estate))
        files["scenario"].write_text(yaml.safe_dump({"seed": 7, **scenario}))
        clock.create(files["clock"], speed="max", start=START)
        options = SimulatorOptions(files["estate"], files["scenario"], files["clock"], folder / "state")
        rooms = (network.ROOM, compute.ROOM, site_recovery.ROOM)
        self.running = prepare(options, rooms)
        self.world = self.running.world
        self._clock = clock.VirtualClock(files["clock"])
        self._thread = threading.Thread(target=self.running.server.run, args=([self.running.socket],), daemon=True)
        self._thread.start()
        while not self.running.server.started:
            time.sleep(0.005)
        self.told = self.running.told
        self.site = self._client(SiteRecoveryManagementClient)
        self._machines: Any = None

    def _client(self, kind: Callable[..., Any]) -> Any:
        endpoint, bundle = self.told["endpoint"], self.told["ca_bundle"]
        return kind(
            self,
            SUBSCRIPTION,
            endpoint,
            credential_scopes=[f"{endpoint}/.default"],
            connection_verify=bundle,
            retry_total=0,
        )

    @property
    def machines(self) -> Any:
        """The compute client, which only some tests need and the product does not."""
        if self._machines is None:
            compute_sdk = pytest.importorskip("azure.mgmt.compute", reason="azure-mgmt-compute is not installed")
            self._machines = self._client(compute_sdk.ComputeManagementClient)
        return self._machines

    def get_token(self, *_: str, **__: object) -> AccessToken:
        answer = requests.get(
            self.told["identity_endpoint"],
            {"resource": self.told["endpoint"], "api-version": "2019-08-01"},
            headers={"X-IDENTITY-HEADER": self.told["identity_header"]},
            verify=self.told["ca_bundle"],
            timeout=10,
        ).json()
        return AccessToken(answer["access_token"], int(answer["expires_on"]))

    def wait(self, seconds: float) -> None:
        self._clock.advance(timedelta(seconds=seconds))

    def send(self, method: str, url: str, body: Any = None) -> Any:
        """Any call through the client's own pipeline."""
        if url.startswith("/"):
            url = f"{self.told['endpoint']}{url}" + ("" if "api-version" in url else "?api-version=2025-08-01")
        return self.site.send_request(HttpRequest(method, url, json=body))

    def item(self, name: str, side: str = "eastasia") -> Any:
        place = (ITEM[0], ITEM[1], f"asr-{side}", f"asr-container-{side}")
        return self.site.replication_protected_items.get(*place, name)

    def begin(self, verb: str, name: str, *body: Any) -> Any:
        """``begin_<verb>`` of an item with polling off; the raw response of its acceptance."""
        return self.raw(getattr(self.site.replication_protected_items, f"begin_{verb}"), *ITEM, name, *body)

    def raw(self, call: Callable[..., Any], *arguments: Any) -> Any:
        seen: list[Any] = []
        call(*arguments, polling=False, raw_response_hook=lambda answer: seen.append(answer.http_response))
        return seen[0]

    def fail_over(self, name: str, source: str = "Required") -> Any:
        settings = {
            "failoverDirection": "PrimaryToRecovery",
            "sourceSiteOperations": source,
            "providerSpecificDetails": {"instanceType": "A2A"},
        }
        return self.begin("unplanned_failover", name, {"properties": settings})

    def status(self, accepted: Any) -> dict[str, Any]:
        answer = self.send("GET", accepted.headers["Azure-AsyncOperation"])
        assert answer.status_code == 200
        return answer.json()  # type: ignore[no-any-return]

    def events(self, kind: str) -> list[dict[str, Any]]:
        self.send("GET", VAULT)
        return self.world.log.of(kind)

    @property
    def violations(self) -> list[str]:
        return [event["rule"] for event in self.events("invariant.violated")]

    def stop(self) -> None:
        self.site.close()
        if self._machines is not None:
            self._machines.close()
        self.running.server.should_exit = self.running.server.force_exit = True
        self._thread.join(timeout=10)
        self.running.close()


MakeAzure = Callable[..., Azure]
Change = Callable[[list[dict[str, Any]]], None]


@pytest.fixture
def make_azure(tmp_path: Path) -> Iterator[MakeAzure]:
    """``make_azure(scenario, virtual_machines)``: a simulated Azure with Company B in it."""
    made: list[Azure] = []

    def make(
        scenario: dict[str, Any] | None = None, *, change: Callable[[list[dict[str, Any]]], None] | None = None
    ) -> Azure:
        estate = company_b()
        if change:
            change(estate)
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Azure(folder, scenario or {}, estate))
        return made[-1]

    yield make
    for azure in made:
        azure.stop()


@pytest.fixture
def azure(make_azure: MakeAzure) -> Azure:
    return make_azure()


@pytest.fixture
def groups() -> dict[str, str]:
    return {"source": SOURCE_GROUP, "recovery": RECOVERY_GROUP, "dr": DR_GROUP, "item": item_id("dc1")}
