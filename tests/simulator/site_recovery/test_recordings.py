"""The shapes of what the simulator answers are those of recorded Azure, key by key, where recordings are at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

VAULT = ("rg-companyb-dr", "rsv-companyb")
A2A = "asr/azure-cli-extensions__src_site-recovery__test_siterecovery_A2A_selfcreated_scenarios.yaml"
JOBS = "asr/azure-cli-extensions__src_site-recovery__test_siterecovery_vault_scenarios.yaml"
PATH = (
    "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/rg-companyb-dr"
    "/providers/Microsoft.RecoveryServices/vaults/rsv-companyb"
)
EAST = f"{PATH}/replicationFabrics/asr-eastasia"
CONTAINER = f"{EAST}/replicationProtectionContainers/asr-container-eastasia"
ONLY_AFTER_A_DRILL = {"properties.lastSuccessfulTestFailoverTime"}
ONLY_WHILE_THE_AGENT_LIVES = {"properties.providerSpecificDetails.agentCertificateExpiryDate"}


@pytest.fixture(scope="module")
def recorded(root: Path) -> dict[str, list[Any]]:
    folder = root.parent / "shared" / "recordings"
    if not (folder / A2A).exists():
        pytest.skip("the recordings of real Azure are not beside this repository")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return {name: yaml.load((folder / name).read_text(), Loader=loader)["interactions"] for name in (A2A, JOBS)}


def body(recorded: dict[str, list[Any]], at: int, name: str = A2A) -> Any:
    return json.loads(recorded[name][at]["response"]["body"]["string"])


def keys(value: Any, path: str = "") -> Iterator[str]:
    """Every key by its path; the items of a list are one."""
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{path}.{key}" if path else key
            yield here
            yield from keys(inner, here)
    if isinstance(value, list):
        for inner in value:
            yield from keys(inner, f"{path}[]")


@pytest.mark.parametrize(
    ("at", "ours"),
    [
        (25, PATH),
        (31, EAST),
        (58, f"{PATH}/replicationPolicies/policy-companyb"),
        (62, CONTAINER),
        (88, f"{CONTAINER}/replicationProtectionContainerMappings/eastasia-to-southeastasia"),
        (125, f"{EAST}/replicationNetworks/azureNetwork/replicationNetworkMappings/vnet-companyb"),
        (168, f"{CONTAINER}/replicationProtectedItems/dc1"),
        (174, f"{PATH}/replicationRecoveryPlans/rp-companyb"),
        (176, f"{PATH}/replicationRecoveryPlans"),
    ],
)
def test_a_document_has_the_recorded_keys(azure: Any, recorded: dict[str, list[Any]], at: int, ours: str) -> None:
    """No key is missing and none is made up."""
    theirs, mine = set(keys(body(recorded, at))), set(keys(azure.send("GET", ours).json()))
    assert mine - ONLY_AFTER_A_DRILL == theirs - ONLY_WHILE_THE_AGENT_LIVES


@pytest.mark.parametrize(("at", "seconds"), [(182, 10), (187, 200)])
def test_an_operations_status_has_the_recorded_keys_and_nulls(
    azure: Any, recorded: dict[str, list[Any]], at: int, seconds: int
) -> None:
    """Running and ended, in the recorded order of keys."""
    answer = azure.fail_over("dc1")
    azure.wait(seconds)
    theirs, mine = body(recorded, at), azure.status(answer)
    assert list(mine) == list(theirs)
    assert {key for key, value in mine.items() if value is None} == {k for k, v in theirs.items() if v is None}
    assert mine["status"] == theirs["status"]


def test_the_acceptance_of_a_failover_has_the_recorded_headers(azure: Any, recorded: dict[str, list[Any]]) -> None:
    """The two URLs in their form and their length; the body empty."""
    theirs = recorded[A2A][181]["response"]["headers"]
    answer = azure.fail_over("dc1")
    for header, word in (("azure-asyncoperation", "/replicationOperationStatus/"), ("location", "/operationresults/")):
        assert word in theirs[header][0]
        assert word in answer.headers[header]
        assert abs(len(theirs[header][0]) - len(answer.headers[header])) < 200
        assert [part.split("=")[0] for part in theirs[header][0].split("?")[1].split("&")] == [
            part.split("=")[0] for part in answer.headers[header].split("?")[1].split("&")
        ]
    assert recorded[A2A][181]["response"]["status"]["code"] == answer.status_code
    assert answer.headers["content-length"] == theirs["content-length"][0] == "0"


def test_a_failed_over_machine_has_the_recorded_keys(azure: Any, recorded: dict[str, list[Any]]) -> None:
    """An attached disk, no image, no OS profile (#192); the source has both (#119)."""
    azure.fail_over("dc1")
    azure.wait(200)
    machine = "/providers/Microsoft.Compute/virtualMachines/dc1"
    group = PATH.split("/resourceGroups/", maxsplit=1)[0] + "/resourceGroups"
    mine = azure.send("GET", f"{group}/rg-companyb-southeastasia{machine}").json()
    assert set(keys(mine)) - {"tags.application", "tags.tier"} == set(keys(body(recorded, 192)))


def test_a_missing_item_is_told_in_the_recorded_words(azure: Any, recorded: dict[str, list[Any]]) -> None:
    """Code, message, causes and advice (#231)."""
    theirs = body(recorded, 231)["error"]
    mine = azure.send("DELETE", f"{CONTAINER}/replicationProtectedItems/cli-test-protected-item-A2A-1").json()["error"]
    for told in ("code", "message"):
        assert mine[told] == theirs[told]
    volatile = ("clientRequestId", "activityId")
    assert {k: v for k, v in mine["details"][0].items() if k not in volatile} == {
        k: v for k, v in theirs["details"][0].items() if k not in volatile
    }


def test_jobs_have_the_recorded_keys_in_a_list_and_by_name(azure: Any, recorded: dict[str, list[Any]]) -> None:
    """Thin in a list (#27), full by name (#28)."""
    azure.begin("purge", "web3")
    azure.wait(130)
    listed = azure.send("GET", f"{PATH}/replicationJobs").json()
    assert set(keys(listed)) == set(keys(body(recorded, 27, JOBS)))
    full = azure.send("GET", listed["value"][0]["id"]).json()
    theirs = {key for key in keys(body(recorded, 28, JOBS)) if "affectedObjectDetails." not in key}
    assert {key for key in keys(full) if "affectedObjectDetails." not in key} == theirs
