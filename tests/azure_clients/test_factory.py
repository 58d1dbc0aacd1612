"""One factory: a call is one request, nothing heavy is imported before it is needed, clients are made once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from azure_clients import compute, logs, resources, secrets, site_recovery
from azure_clients.errors import CallFailed
from azure_clients.factory import CONNECT_SECONDS, READ_SECONDS, Clients, clients

GROUP = "/subscriptions/s/resourceGroups/g/providers"
CONNECTION = f"{GROUP}/Microsoft.Network/connections/cn"
EXTENSION = f"{GROUP}/Microsoft.Compute/virtualMachines/vm/extensions/agent"
ENDPOINT = f"{GROUP}/Microsoft.Network/trafficManagerProfiles/p/externalEndpoints/e"
RECORD = f"{GROUP}/Microsoft.Network/dnsZones/z.example/A/www"
PRIVATE_RECORD = f"{GROUP}/Microsoft.Network/privateDnsZones/z.example/A/www"
VAULT = f"{GROUP}/Microsoft.RecoveryServices/vaults/v"
ITEM = f"{VAULT}/replicationFabrics/f/replicationProtectionContainers/c/replicationProtectedItems/dc1"

CALLS: dict[str, Callable[[Any], Any]] = {
    "network GET": lambda made: resources.read(made, CONNECTION),
    "network PUT": lambda made: resources.begin_put(made, CONNECTION, {"location": "x"}, "now"),
    "network DELETE": lambda made: resources.begin_delete(made, CONNECTION, "now"),
    "extension PUT": lambda made: resources.begin_put(made, EXTENSION, {}, "now"),
    "traffic manager PUT": lambda made: resources.begin_put(made, ENDPOINT, {}, "now"),
    "DNS PUT": lambda made: resources.begin_put(made, RECORD, {}, "now"),
    "private DNS DELETE": lambda made: resources.begin_delete(made, PRIVATE_RECORD, "now"),
    "site recovery PATCH": lambda made: site_recovery.begin_update_item(made, ITEM, {}),
    "site recovery GET": lambda made: site_recovery.read_item(made, ITEM),
    "site recovery POST": lambda made: site_recovery.begin_unplanned_failover(made, ITEM, None),
    "machine GET": lambda made: compute.read_machine(made, f"{GROUP}/Microsoft.Compute/virtualMachines/vm"),
    "key vault GET": lambda made: secrets.read_secret(made, {"vault": "kv", "secret": "psk"}),
    "logs POST": lambda made: logs.query(made, "workspace", "x"),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_one_request_whatever_comes_back(clients: Any, wire: Any, said: Any, name: str) -> None:
    """azure-core would send POSTs again after a 503, and anything that carries Retry-After (trap 14)."""
    statuses = (408, 429, 500, 502, 503, 504)
    answers = [said(status, {"error": {"code": "X", "message": "m"}}, {"Retry-After": "0"}) for status in statuses]
    for method in ("GET", "PUT", "POST", "PATCH", "DELETE"):
        wire.answer(method, ".", *answers)
    for number, _ in enumerate(statuses, 1):
        with pytest.raises(CallFailed):
            CALLS[name](clients)
        assert len(wire.asked) == number


def test_a_cut_connection_is_not_tried_again(clients: Any, wire: Any, said: Any) -> None:
    """Not by the SDK, not by requests, not by urllib3."""
    wire.answer("POST", "/unplannedFailover", said(cut=True))
    with pytest.raises(CallFailed):
        site_recovery.begin_unplanned_failover(clients, ITEM, None)
    assert len(wire.asked) == 1


def test_importing_every_module_imports_no_sdk() -> None:
    """A cold start pays for SDKs only when the first of their clients is asked for."""
    root = Path(__file__).parents[2]
    modules = [
        f"azure_clients.{one.stem}"
        for one in (root / "azure_clients").glob("*.py")
        if one.stem not in ("__init__", "policies")
    ]
    heavy = (
        "azure.mgmt",
        "azure.identity",
        "azure.keyvault",
        "azure.storage",
        "azure.monitor",
        "azure.core",
        "requests",
    )
    wanted = [one for one in modules if not one.endswith(("plan_library",))] + ["activities"]
    code = f"import sys, {', '.join(wanted)}; print([m for m in sys.modules if m.startswith({heavy})])"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_clients_are_made_once_and_by_many_threads_at_once(clients: Any) -> None:
    """Fifty threads get the same client."""
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(clients.network("s"))) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(one) for one in found}) == 1
    assert clients.network("other") is not found[0]


def test_a_changed_environment_gets_other_clients(wire: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are cached by what the settings say."""
    for name, value in wire.environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    first = clients()
    assert clients() is first
    monkeypatch.setenv("BRIDGEHEAD_DOCUMENTS", str(tmp_path / "other"))
    assert clients() is not first


def test_time_limits_are_short() -> None:
    """Connect 5 s, read 30 s (rule 13)."""
    assert (CONNECT_SECONDS, READ_SECONDS) == (5.0, 30.0)
    transport = Clients.__dict__["_transport"]
    assert callable(transport)


def test_an_answer_that_does_not_come_is_given_up(
    clients: Any, wire: Any, said: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a read limit of 0.2 s for the test."""
    from azure_clients import factory

    monkeypatch.setattr(factory, "READ_SECONDS", 0.2)

    def slowly(_: Any) -> Any:
        time.sleep(0.6)
        return said(200, {})

    wire.answer("GET", "/connections/cn", slowly)
    began = time.monotonic()
    with pytest.raises(CallFailed, match="no answer in time"):
        resources.read(clients, CONNECTION)
    assert time.monotonic() - began < 3


def test_the_token_is_for_the_audience_of_the_settings(clients: Any, wire: Any, said: Any) -> None:
    """Sovereign clouds have their own; every call carries a bearer token."""
    wire.answer("GET", "/connections/cn", said(body={"id": CONNECTION}))
    resources.read(clients, CONNECTION)
    assert wire.asked[-1].headers["authorization"] == "Bearer token"
    assert clients.settings.arm_scope == f"{wire.endpoint}/.default"


def test_a_missing_token_means_that_nothing_was_sent(clients: Any, wire: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The identity endpoint can be down with its region."""
    from azure_clients.errors import NotSent, certainty

    class Nobody:
        def get_token(self, *_: Any, **__: Any) -> Any:
            from azure.core.exceptions import ClientAuthenticationError

            raise ClientAuthenticationError("no identity endpoint")

        get_token_info = get_token

    monkeypatch.setattr(clients, "credential", Nobody)
    with pytest.raises(NotSent) as caught:
        resources.read(clients, CONNECTION)
    assert (certainty(caught.value), caught.value.code, wire.asked) == ("not-done", "NoToken", [])
