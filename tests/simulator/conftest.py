"""A simulated Azure per test, in this process, on a virtual clock at ``max``, and the real SDK clients against it."""

from __future__ import annotations

import asyncio
import functools
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from simulator.company_b import company_b
from simulator.server import Running, SimulatorOptions, prepare

SUBSCRIPTION = "0000b0b0-0000-4000-8000-00000000b0b0"
GROUPS = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
RECOVERY = "rg-companyb-southeastasia"
START = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)


class SimulatedAzure:
    """A running simulator, its doors, and SDK clients set up by the settings that a client process would get."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.endpoint: str = running.told["endpoint"]
        self.ca_bundle: str = running.told["ca_bundle"]
        self.environment: dict[str, str] = running.told["environment"]
        self.session = requests.Session()
        self.session.verify = self.ca_bundle
        self._token = ""

    @property
    def world(self) -> Any:
        return self.running.world

    def control(self, path: str, body: Any = None) -> Any:
        method = "GET" if body is None else "POST"
        answer = self.session.request(method, f"{self.endpoint}/_simulator/{path}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.control("advance", {"seconds": seconds})

    def events(self, kind: str) -> list[dict[str, Any]]:
        return list(self.control(f"log?kind={kind}")["events"])

    def verdict(self) -> dict[str, Any]:
        return dict(self.control("verdict"))

    def fault(self, **fault: Any) -> None:
        self.control("faults", fault)

    def secret(self, name: str) -> str:
        return str(self.world.secrets.value("kv-companyb-dr", name))

    def _pipeline(self) -> dict[str, Any]:
        return {"connection_verify": self.ca_bundle, "retry_total": 0, "connection_timeout": 5, "read_timeout": 20}

    @functools.cache  # noqa: B019 - both end with their test
    def credential(self) -> Any:
        from azure.identity import ManagedIdentityCredential

        return ManagedIdentityCredential(connection_verify=self.ca_bundle)

    @functools.cache  # noqa: B019 - the same
    def network(self, subscription: str = SUBSCRIPTION) -> Any:
        """One client for each subscription: every further one would sign in and shake hands again."""
        from azure.mgmt.network import NetworkManagementClient

        return NetworkManagementClient(
            self.credential(),
            subscription,
            base_url=self.endpoint,
            credential_scopes=[f"{self.endpoint}/.default"],
            **self._pipeline(),
        )

    def secrets(self, **options: Any) -> Any:
        from azure.keyvault.secrets import SecretClient

        return SecretClient(f"{self.endpoint}/vaults/kv-companyb-dr", self.credential(), **self._pipeline(), **options)

    def logs(self) -> Any:
        from azure.monitor.query import LogsQueryClient

        return LogsQueryClient(self.credential(), endpoint=self.endpoint, **self._pipeline())

    def raw(self, method: str, path: str, body: Any = None, *, token: bool = True, **options: Any) -> Any:
        """A bare HTTPS call with a token for ARM."""
        headers = dict(options.pop("headers", {}))
        if token:
            self._token = self._token or self.credential().get_token(f"{self.endpoint}/.default").token
            headers.setdefault("Authorization", f"Bearer {self._token}")
        url = path if path.startswith("https://") else self.endpoint + path
        options.setdefault("timeout", 10)
        return self.session.request(method, url, json=body, headers=headers, **options)

    def polling(self) -> Any:
        """The SDK's own ARM polling, whose sleeps advance virtual time."""
        from azure.mgmt.core.polling.arm_polling import ARMPolling

        azure = self

        class VirtualPolling(ARMPolling):  # type: ignore[misc]
            def _sleep(self, delay: float) -> None:
                azure.advance(delay)

        return VirtualPolling(30)

    def _owners(self, site: str, which: str) -> str:
        """A URL that a site's document names, as the simulator answers it."""
        document = self.world.documents.get(f"/onPremises/{site}")
        return f"{self.endpoint}/owner/{document['properties'][which].removeprefix('https://')}"

    def looking_glass(self, address: str | None = None, site: str = "datacenter", port: int = 443) -> dict[str, Any]:
        """What a site's device shows; with an address also whether it is reached."""
        url = self._owners(site, "lookingGlassUrl")
        query = {"address": address, "port": port} if address else {}
        return dict(self.session.get(url, params=query, timeout=10).json())

    def order_device(self, action: str, peer: str, key: str, secret: str | None = None) -> Any:
        """What Bridgehead's fence sends to the owner's automation."""
        return self.order(action, key, secret, peer={"bgpPeeringAddress": peer})

    def order(self, action: str, key: str, secret: str | None = None, *, site: str = "datacenter", **more: Any) -> Any:
        """Any order to a site's automation, signed."""
        body = json.dumps({"action": action, "idempotencyKey": key, **more})
        stamp = str(int(self.world.now.timestamp()))
        signing_key = (secret or self.secret(f"fence-{site}")).encode()
        signature = hmac.new(signing_key, f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"X-Bridgehead-Timestamp": stamp, "X-Bridgehead-Signature": f"sha256={signature}"}
        url = self._owners(site, "automationUrl")
        return self.session.post(url, data=body, headers=headers, timeout=10)

    def connect(self, shared_key: str | None = None) -> Any:
        """Make the recovery gateway's connection to the datacenter and wait for it."""
        provider = f"{GROUPS}/{RECOVERY}/providers/Microsoft.Network"
        body = {
            "location": "southeastasia",
            "tags": {"bridgehead-run": "run-1", "bridgehead-step": "connect"},
            "properties": {
                "virtualNetworkGateway1": {"id": f"{provider}/virtualNetworkGateways/vgw-companyb-southeastasia"},
                "localNetworkGateway2": {"id": f"{provider}/localNetworkGateways/lng-datacenter-southeastasia"},
                "connectionType": "IPsec",
                "enableBgp": True,
                "routingWeight": 10,
                "sharedKey": shared_key or self.secret("psk-datacenter"),
            },
        }
        connections = self.network().virtual_network_gateway_connections
        begun = connections.begin_create_or_update(
            RECOVERY, "cn-southeastasia-datacenter", body, polling=self.polling()
        )
        return begun.result(60)

    def fail_over(self, name: str) -> Any:
        """POST the unplanned failover of one protected item."""
        fabric = "providers/Microsoft.RecoveryServices/vaults/rsv-companyb/replicationFabrics/asr-eastasia"
        container = f"{GROUPS}/rg-companyb-dr/{fabric}/replicationProtectionContainers/asr-container-eastasia"
        details = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": {"instanceType": "A2A"}}
        path = f"{container}/replicationProtectedItems/{name}/unplannedFailover?api-version=2025-08-01"
        return self.raw("POST", path, {"properties": details})


Factory = Callable[..., SimulatedAzure]


@pytest.fixture
def azure(start_azure: Factory) -> SimulatedAzure:
    """Company B, no faults."""
    return start_azure()


@pytest.fixture
def start_azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Factory]:
    """``start_azure(scenario={...}, estate=[...])``; every simulator is stopped when the test ends."""
    from clock import create

    stops: list[Callable[[], None]] = []

    def start(scenario: dict[str, Any] | None = None, estate: list[dict[str, Any]] | None = None) -> SimulatedAzure:
        folder = tmp_path / f"azure-{len(stops)}"
        folder.mkdir()
        (folder / "estate.json").write_text(json.dumps(estate if estate is not None else company_b()))
        scenario_file = None
        if scenario is not None:
            scenario_file = folder / "scenario.yaml"
            scenario_file.write_text(yaml.safe_dump(scenario))
        create(folder / "clock.json", speed="max", start=START)
        options = SimulatorOptions(folder / "estate.json", scenario_file, folder / "clock.json", folder / "state")
        running = prepare(options)

        def live() -> None:
            try:
                asyncio.run(running.server.serve([running.socket]))
            finally:
                running.close()

        threading.Thread(target=live, daemon=True).start()
        while not running.server.started:
            time.sleep(0.005)
        for name, value in running.told["environment"].items():
            monkeypatch.setenv(name, value)

        def stop() -> None:
            """Told, not waited for: it ends in its own thread while the next test begins."""
            running.server.should_exit = running.server.force_exit = True

        stops.append(stop)
        return SimulatedAzure(running)

    yield start
    for stop in stops:
        stop()
