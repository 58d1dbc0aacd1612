"""Every answer of an operation that Microsoft has published a description of is as described."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from simulator.company_b import company_b
from simulator.conformance import read_folder, replay
from simulator.core.web import Request
from simulator.core.world import World
from simulator.door.gateway import Gateway
from simulator.rooms import ROOMS

ANYTHING: dict[str, Any] = {}


@dataclass(frozen=True)
class Operation:
    """One operation of a description: ``responses`` by status."""

    file: Path
    name: str
    method: str
    path: str
    responses: dict[str, Any]

    @property
    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"(\{[^}]+\})", self.path.rstrip("/"))
        text = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts)
        return re.compile(f"^{text}/?$", re.IGNORECASE)


class OpenApi:
    """All descriptions below a folder.

    Nulls are left out before an answer is judged (ARM writes them for what is not there), and extensible enums
    (``modelAsString``) take any word, as the description itself says."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[Path, Any] = {}
        self.operations: list[Operation] = []
        for file in sorted(folder.glob("*/*.json")):
            content = self._load(file)
            for path, methods in content.get("paths", {}).items():
                for method, told in methods.items():
                    if method in ("get", "put", "post", "patch", "delete"):
                        found = Operation(file, told["operationId"], method.upper(), path, told["responses"])
                        self.operations.append(found)

    def find(self, method: str, path: str) -> Operation | None:
        """The operation of a call; the one with the fewest variables where several fit."""
        fitting = [one for one in self.operations if one.method == method and one.pattern.match(path)]
        return min(fitting, key=lambda one: one.path.count("{"), default=None)

    def mistakes(self, operation: Operation, status: int, body: Any) -> list[str]:
        """What of an answer is not as described."""
        told = operation.responses.get(str(status)) or operation.responses.get("default")
        if told is None:
            return [f"{operation.name}: status {status} is not described"]
        schema = told.get("schema")
        if schema is None or body is None:
            return []
        if str(status) not in operation.responses:
            return []
        resolved = self._resolved(schema, operation.file, ())
        errors = Draft4Validator(resolved).iter_errors(_without_nulls(body))
        return [f"{operation.name} {status}: {'/'.join(map(str, one.path))}: {one.message[:160]}" for one in errors]

    def _load(self, file: Path) -> Any:
        if file not in self._files:
            self._files[file] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        return self._files[file]

    def _resolved(self, schema: Any, file: Path, seen: tuple[str, ...]) -> Any:
        """A schema with its references in place; a circle, or a file that is not here, takes anything."""
        if isinstance(schema, list):
            return [self._resolved(one, file, seen) for one in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self._referred(str(schema["$ref"]), file, seen)
        extensible = (schema.get("x-ms-enum") or {}).get("modelAsString")
        left_out = {"discriminator", "example", "readOnly", "format"} | ({"enum"} if extensible else set())
        return {name: self._resolved(one, file, seen) for name, one in schema.items() if name not in left_out}

    def _referred(self, reference: str, file: Path, seen: tuple[str, ...]) -> Any:
        where, _, pointer = reference.partition("#")
        target = (file.parent / where).resolve() if where else file
        content = self._load(target)
        key = f"{target}#{pointer}"
        if content is None or key in seen:
            return ANYTHING
        for part in pointer.strip("/").split("/"):
            content = content[part]
        return self._resolved(content, target, (*seen, key))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list) else value


RECORDED_OTHERWISE = re.compile(r"/(virtualNetworkGateway[12]|localNetworkGateway2): 'properties' is a required")
"""Azure answers a connection's ends as ids alone, in every recording, whatever the description demands."""
GROUPS = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups"
SOURCE, RECOVERY = f"{GROUPS}/rg-companyb-eastasia", f"{GROUPS}/rg-companyb-southeastasia"
VAULT = f"{GROUPS}/rg-companyb-dr/providers/Microsoft.RecoveryServices/vaults/rsv-companyb"
FABRIC = f"{VAULT}/replicationFabrics/asr-eastasia"
CONTAINER = f"{FABRIC}/replicationProtectionContainers/asr-container-eastasia"
ITEM = f"{CONTAINER}/replicationProtectedItems"
PLAN = f"{VAULT}/replicationRecoveryPlans/rp-companyb"
GATEWAY = f"{SOURCE}/providers/Microsoft.Network/virtualNetworkGateways/vgw-companyb-eastasia"
NETWORK = f"{RECOVERY}/providers/Microsoft.Network/virtualNetworks/vnet-companyb-southeastasia"
A2A = {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": {"instanceType": "A2A"}}
WHOLE = {**A2A, "providerSpecificDetails": [{"instanceType": "A2A"}], "sourceSiteOperations": "NotRequired"}
DRILL = {"networkType": "VmNetworkAsInput", "networkId": NETWORK}

STORY: tuple[tuple[str, str, Any, int], ...] = (
    ("GET", f"{VAULT}/replicationProtectedItems", None, 0),
    ("GET", f"{ITEM}/web1/recoveryPoints", None, 0),
    ("PATCH", f"{ITEM}/web1", {"recoveryAzureVMName": "web1"}, 60),
    ("POST", f"{ITEM}/web1/testFailover", {**A2A, **DRILL}, 300),
    ("POST", f"{ITEM}/web1/testFailoverCleanup", {"comments": "done"}, 300),
    ("POST", f"{PLAN}/testFailover", {**WHOLE, **DRILL}, 1800),
    ("POST", f"{PLAN}/testFailoverCleanup", {"comments": "done"}, 1800),
    ("POST", f"{PLAN}/unplannedFailover", WHOLE, 3600),
    ("GET", f"{VAULT}/replicationJobs", None, 0),
    ("POST", f"{PLAN}/failoverCommit", None, 600),
    ("POST", f"{ITEM}/app1/reProtect", A2A, 7200),
    ("GET", f"{VAULT}/replicationRecoveryPlans/rp-companyb", None, 0),
    ("GET", f"{SOURCE}/providers/Microsoft.Network/virtualNetworkGateways", None, 0),
    ("GET", f"{SOURCE}/providers/Microsoft.Network/connections", None, 0),
    ("POST", f"{GATEWAY}/getBgpPeerStatus", None, 30),
    ("GET", f"{GROUPS[: GROUPS.rindex('/')]}/providers/Microsoft.RecoveryServices/vaults", None, 0),
)


class _Clock:
    speed = 1.0

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 14, 2, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def _play() -> None:
    """Company B's items drilled, failed over, committed and protected again, and its readings."""
    clock = _Clock()
    gateway = Gateway(World(company_b(), ROOMS, clock=clock))
    token = gateway.identity.issue("https://management.azure.com", int(time.time()) + 600)
    for method, path, properties, seconds in STORY:
        body = b"" if properties is None else json.dumps({"properties": properties}).encode()
        headers = {"authorization": f"Bearer {token}"}
        answer = gateway.handle(Request(method, path, {"api-version": "2025-08-01"}, headers, body))
        assert answer.status < 400, (method, path, answer.body)
        clock.moment += timedelta(seconds=seconds)
    for job in gateway.world.state["site-recovery"].jobs.listed(VAULT, clock.now(), {}):
        headers = {"authorization": f"Bearer {token}"}
        gateway.handle(Request("GET", job.id, {"api-version": "2025-08-01"}, headers))


@pytest.fixture(scope="module")
def judged(root: Path) -> tuple[OpenApi, Counter[str], Counter[str]]:
    """The descriptions, how often each operation was answered, and every mistake."""
    folder = root.parent / "shared" / "recordings"
    if not (folder / "specs").is_dir():
        pytest.skip("Microsoft's OpenAPI descriptions are not beside this repository")
    api, answered, mistakes = OpenApi(folder / "specs"), Counter[str](), Counter[str]()
    handle = Gateway.handle

    def judge(gateway: Gateway, request: Request) -> Any:
        answer = handle(gateway, request)
        operation = api.find(request.method, request.path)
        if operation is not None and 200 <= answer.status < 300:
            content = answer.encoded()
            answered[operation.name] += 1
            body = json.loads(content) if content else None
            mistakes.update(api.mistakes(operation, answer.status, body))
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Gateway, "handle", judge)
        for cassette in read_folder(folder):
            replay(cassette)
        _play()
    return api, answered, mistakes


def test_no_answer_breaks_its_description(judged: tuple[OpenApi, Counter[str], Counter[str]]) -> None:
    """But for what real Azure answers otherwise, too."""
    found = [mistake for mistake in judged[2] if not RECORDED_OTHERWISE.search(mistake)]
    assert found == []


NOT_ANSWERED_HERE = {
    "Endpoints_Update",
    "ReplicationProtectedItems_ApplyRecoveryPoint",
    "Profiles_Update",
    "Profiles_ListBySubscription",
    "NetworkWatchers_List",
    "ReplicationJobs_Cancel",
    "VirtualNetworkGateways_GetVpnclientConnectionHealth",
    "RecoveryPoints_Get",
    "ReplicationProtectedItems_Purge",
    "ReplicationProtectedItems_ListByReplicationProtectionContainers",
    "ReplicationNetworkMappings_Update",
    "ReplicationProtectionContainerMappings_Update",
    "ReplicationRecoveryPlans_Update",
    "ReplicationRecoveryPlans_Reprotect",
    "ReplicationProtectedItems_FailoverCancel",
    "ReplicationProtectedItems_PlannedFailover",
    "RouteTables_UpdateTags",
    "VirtualNetworks_ListUsage",
    "ReplicationRecoveryServicesProviders_ListByReplicationFabrics",
    "ReplicationNetworks_ListByReplicationFabrics",
}
"""Operations that the simulator answers, and that neither the recordings nor the story ask with success."""


def test_every_described_operation_that_is_modelled_was_judged(
    judged: tuple[OpenApi, Counter[str], Counter[str]],
) -> None:
    """What is modelled is found by the simulator's own table of paths."""
    api, answered, _ = judged
    router = World([], ROOMS, clock=_Clock()).router
    modelled = {one.name for one in api.operations if router.find(one.method, re.sub(r"\{[^}]+\}", "x", one.path))}
    assert modelled - set(answered) <= NOT_ANSWERED_HERE
    assert len(set(answered) & modelled) > 120
