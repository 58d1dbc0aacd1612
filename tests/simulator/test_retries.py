"""What the SDK's own retries do to calls that must not be made twice (ARM-recorded 503, the SDK's default policy)."""

from __future__ import annotations

from typing import Any

GROUPS = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups"
ITEM = (
    f"{GROUPS}/rg-companyb-dr/providers/Microsoft.RecoveryServices/vaults/rsv-companyb/replicationFabrics/asr-eastasia"
    "/replicationProtectionContainers/asr-container-eastasia/replicationProtectedItems/web1"
)
LOST = {"match": {"method": "POST", "path": "/unplannedFailover", "times": 1}}


def fail_over(azure: Any, retries: int) -> Any:
    """POST through azure-core's pipeline with its own retry policy."""
    from azure.core.pipeline.policies import RetryPolicy
    from azure.core.rest import HttpRequest
    from azure.mgmt.core import ARMPipelineClient
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    authentication = ARMChallengeAuthenticationPolicy(azure.credential(), f"{azure.endpoint}/.default")
    retry = RetryPolicy(retry_total=retries, retry_backoff_factor=0)
    client = ARMPipelineClient(
        base_url=azure.endpoint, policies=[retry, authentication], connection_verify=azure.ca_bundle
    )
    body = {
        "properties": {"failoverDirection": "PrimaryToRecovery", "providerSpecificDetails": {"instanceType": "A2A"}}
    }
    request = HttpRequest("POST", f"{azure.endpoint}{ITEM}/unplannedFailover?api-version=2025-08-01", json=body)
    return client.send_request(request)


def posts(azure: Any) -> int:
    return sum(event["path"].endswith("/unplannedFailover") for event in azure.events("request"))


def test_the_sdk_repeats_a_post_that_a_gateway_gave_up(start_azure: Any) -> None:
    """azure-core retries POST on 503: the failover that was accepted is asked for a second time and refused."""
    azure = start_azure(scenario={"faults": [{**LOST, "then": {"status": 503, "accepted": True}}]})
    answer = fail_over(azure, retries=3)
    assert (posts(azure), answer.status_code) == (2, 400)
    assert len(azure.events("operation.accepted")) == 1


def test_without_retries_the_caller_sees_the_503_and_must_look(start_azure: Any) -> None:
    """It may have been accepted, as here, or not: the answer is the same."""
    azure = start_azure(scenario={"faults": [{**LOST, "then": {"status": 503, "accepted": True}}]})
    answer = fail_over(azure, retries=0)
    assert (posts(azure), answer.status_code) == (1, 503)
    assert len(azure.events("operation.accepted")) == 1


def test_any_answer_with_retry_after_is_repeated_by_the_sdk(start_azure: Any) -> None:
    """Whatever the method, when the status is an error and the header is there."""
    azure = start_azure(scenario={"faults": [{**LOST, "then": {"status": 429, "code": "Busy", "retryAfter": 0}}]})
    assert fail_over(azure, retries=3).status_code == 202
    assert posts(azure) == 2
