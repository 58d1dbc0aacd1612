"""Tokens, TLS, challenges, faults and held answers: what happens to a call before and after its room."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from clock import VirtualClock

SUB = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0"
EAST = f"{SUB}/resourceGroups/rg-companyb-eastasia"
GATEWAY = f"{EAST}/providers/Microsoft.Network/virtualNetworkGateways/vgw-companyb-eastasia"
CONNECTION = f"{EAST}/providers/Microsoft.Network/connections/cn-eastasia-datacenter"
SOUTH = f"{SUB}/resourceGroups/rg-companyb-southeastasia/providers/Microsoft.Network"
V = "?api-version=2024-05-01"


def clock_of(azure: Any, name: str) -> VirtualClock:
    clock = VirtualClock(azure.running.clock.path, name)
    clock.join()
    return clock


def dark(answer: str, **more: Any) -> dict[str, Any]:
    return {"faults": [{"at": 0, "region": "eastasia", "dark": "control-plane", "answer": answer, **more}]}


def test_a_client_process_is_told_all_it_needs(azure: Any) -> None:
    """simulator.json: endpoint, CA, identity, and the settings of every client process."""
    told = json.loads((Path(azure.ca_bundle).parent / "simulator.json").read_text())
    assert told["endpoint"] == azure.endpoint
    assert set(told["environment"]) >= {
        "BRIDGEHEAD_ARM_ENDPOINT",
        "BRIDGEHEAD_ARM_AUDIENCE",
        "BRIDGEHEAD_VAULT_URL",
        "BRIDGEHEAD_LOGS_ENDPOINT",
        "BRIDGEHEAD_OWNER_GATEWAY",
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "REQUESTS_CA_BUNDLE",
    }
    assert told["start"] == "2026-03-14T02:00:00.000Z"


def test_without_its_ca_nobody_trusts_it(azure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is of this run alone."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(azure.endpoint, timeout=5, verify=True)


@pytest.mark.parametrize("token", ["", "Bearer nonsense", "Bearer a.b.c", "Basic abc"])
def test_no_call_without_a_token_of_ours(azure: Any, token: str) -> None:
    """401 with a WWW-Authenticate header, before anything else is looked at."""
    answer = azure.raw("GET", f"{GATEWAY}{V}", token=False, headers={"Authorization": token} if token else {})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] in ("AuthenticationFailed", "InvalidAuthenticationToken")


def test_a_token_for_another_audience_is_refused(azure: Any) -> None:
    """A Key Vault token is none for ARM."""
    token = azure.credential().get_token("https://vault.azure.net/.default").token
    answer = azure.raw("GET", f"{GATEWAY}{V}", token=False, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert "wrong audience" in answer.json()["error"]["message"]


def test_the_identity_endpoint_wants_its_header(azure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """App Service's protocol: X-IDENTITY-HEADER proves that the caller lives in the app."""
    monkeypatch.setenv("IDENTITY_HEADER", "WRONG")
    with pytest.raises(ClientAuthenticationError):
        azure.credential().get_token(f"{azure.endpoint}/.default")


def test_the_default_credential_works_unmodified(azure: Any) -> None:
    """DefaultAzureCredential finds the managed identity by the same two settings as in App Service."""
    from azure.identity import DefaultAzureCredential

    token = DefaultAzureCredential(connection_verify=azure.ca_bundle).get_token(f"{azure.endpoint}/.default")
    assert token.expires_on > time.time() + 3600


def test_key_vault_challenges_and_the_sdk_meets_it_with_its_own_checks_on(azure: Any) -> None:
    """The challenge's resource is a parent domain of the vault's host, as the SDK verifies by default."""
    secret = azure.secrets().get_secret("psk-datacenter")
    assert secret.value == azure.secret("psk-datacenter")
    assert secret.properties.version
    assert azure.secrets().get_secret("psk-datacenter", secret.properties.version).value == secret.value
    with pytest.raises(HttpResponseError) as missing:
        azure.secrets(verify_challenge_resource=False).get_secret("nothing")
    assert missing.value.status_code == 404
    assert missing.value.error.code == "SecretNotFound"


def test_what_arm_does_not_have_is_an_invalid_resource_type(azure: Any) -> None:
    """No room, no resource: 404; no api-version: 400; a wrong method: 405; a body that is no JSON: 400."""
    codes = {
        "InvalidResourceType": azure.raw("GET", f"{EAST}/providers/Microsoft.Nowhere/things/x{V}"),
        "MissingApiVersionParameter": azure.raw("GET", GATEWAY),
        "MethodNotAllowed": azure.raw("POST", f"{GATEWAY}{V}"),
        "InvalidRequestContent": azure.session.put(
            f"{azure.endpoint}{GATEWAY}{V}", data="{", headers={"Authorization": f"Bearer {azure._token}"}, timeout=5
        ),
    }
    assert {code: answer.json()["error"]["code"] for code, answer in codes.items()} == {code: code for code in codes}


def test_every_answer_has_a_request_id_and_what_is_left_of_the_budget(azure: Any) -> None:
    """Headers by which support and throttling work."""
    first, second = azure.raw("GET", f"{GATEWAY}{V}"), azure.raw("GET", f"{GATEWAY}{V}")
    assert first.headers["x-ms-request-id"] != second.headers["x-ms-request-id"]
    left = [int(answer.headers["x-ms-ratelimit-remaining-subscription-reads"]) for answer in (first, second)]
    assert left[1] == left[0] - 1


def test_a_spent_bucket_is_429_with_retry_after_until_it_has_refilled(start_azure: Any) -> None:
    """ARM's own throttle is told from a lock by its code and its header."""
    azure = start_azure({"faults": [{"throttle": {"kind": "reads", "bucket": 2, "refill": 0.5}}]})
    statuses = [azure.raw("GET", f"{GATEWAY}{V}").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = azure.raw("GET", f"{GATEWAY}{V}")
    assert refused.json()["error"]["code"] == "SubscriptionRequestsThrottled"
    azure.advance(int(refused.headers["Retry-After"]))
    assert azure.raw("GET", f"{GATEWAY}{V}").status_code == 200


def test_a_dark_region_covers_its_resources_and_its_resource_groups(start_azure: Any) -> None:
    """East Asia refuses; Southeast Asia and what lives there answers; the subscription's own lists too."""
    azure = start_azure(dark("refuse"))
    for path in (GATEWAY, EAST, f"{EAST}/providers/Microsoft.Network/connections"):
        with pytest.raises(requests.exceptions.ConnectionError):
            azure.raw("GET", path + V)
    assert azure.raw("GET", f"{SOUTH}/virtualNetworkGateways/vgw-companyb-southeastasia{V}").status_code == 200
    assert azure.raw("GET", f"{SUB}/resourcegroups{V}").status_code == 200
    moved = f"{SOUTH}/localNetworkGateways/lng-new"
    with pytest.raises(requests.exceptions.ConnectionError):
        azure.raw("PUT", moved + V, {"location": "eastasia", "properties": {}})


def test_a_hung_call_is_cut_after_the_read_timeout_of_virtual_time(start_azure: Any) -> None:
    """Nobody else is at work, so time jumps the thirty seconds; the SDK sees a lost answer."""
    azure = start_azure(dark("hang"))
    before = azure.world.now
    with pytest.raises((ServiceResponseError, ServiceRequestError)):
        azure.network().virtual_network_gateways.get("rg-companyb-eastasia", "vgw-companyb-eastasia")
    azure.control("verdict")
    assert 30 <= (azure.world.now - before).total_seconds() < 31


def test_held_calls_are_told_to_the_clock_and_forgotten_when_the_caller_goes(start_azure: Any) -> None:
    """While somebody works time stands still; a caller that gives up no longer counts as held."""
    azure = start_azure(dark("hang"))
    azure.raw("GET", f"{SUB}{V}")
    other = clock_of(azure, "worker")
    clock_file = azure.running.clock.path

    def held() -> int:
        return int(json.loads(clock_file.read_text())["participants"]["simulator"]["holding"])

    def ask() -> None:
        with pytest.raises(requests.exceptions.ReadTimeout):
            requests.get(
                f"{azure.endpoint}{GATEWAY}{V}",
                headers={"Authorization": f"Bearer {azure._token}"},
                verify=azure.ca_bundle,
                timeout=0.6,
            )

    caller = threading.Thread(target=ask)
    caller.start()
    deadline = time.monotonic() + 5
    while held() != 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert held() == 1
    caller.join()
    while held() != 0 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert held() == 0
    assert other.now() == azure.world.start
    other.leave()


def test_a_limping_control_plane_takes_its_time_and_fails_some_calls(start_azure: Any) -> None:
    """Slow answers are accepted when they arrive and answered late; a share of them is 503."""
    azure = start_azure(dark("slow", seconds=25, failRate=0.5))
    began = azure.world.now
    answers = [azure.raw("GET", f"{GATEWAY}{V}") for _ in range(12)]
    assert {answer.status_code for answer in answers} == {200, 503}
    assert (azure.world.now - began).total_seconds() >= 11 * 25
    failed = next(answer for answer in answers if answer.status_code == 503)
    assert failed.json()["error"]["code"] == "ServerTimeout"
    assert failed.headers["x-ms-failure-cause"] == "gateway"


def test_a_lost_acknowledgement_was_accepted_all_the_same(start_azure: Any) -> None:
    """Azure deletes the connection, the caller hears nothing; once is once."""
    match = {"method": "DELETE", "path": "/connections/", "times": 1}
    azure = start_azure({"faults": [{"match": match, "then": {"accepted": True, "lose": True}}]})
    with pytest.raises(requests.exceptions.ConnectionError):
        azure.raw("DELETE", CONNECTION + V)
    assert azure.raw("GET", CONNECTION + V).json()["properties"]["provisioningState"] == "Deleting"
    azure.advance(41)
    assert azure.raw("DELETE", CONNECTION + V).status_code == 204


def test_an_operation_stands_still_while_its_region_is_dark_and_ends_when_it_returns(azure: Any) -> None:
    """A delete under way when the control plane dies is finished when it lives again."""
    started = azure.raw("DELETE", CONNECTION + V)
    azure.fault(region="eastasia", dark="control-plane", answer="refuse", **{"for": 600})
    azure.advance(300)
    assert azure.events("operation.ended") == []
    azure.advance(301)
    assert azure.raw("GET", started.headers["Azure-AsyncOperation"]).json() == {"status": "Succeeded"}


def test_a_status_poll_may_be_throttled_in_plain_text(start_azure: Any) -> None:
    """Recorded: bodies are not always JSON."""
    fault = {
        "match": {"path": "/operations/", "times": 1},
        "then": {"status": 429, "text": "You have reached the limit.", "retryAfter": 240},
    }
    azure = start_azure({"faults": [fault]})
    started = azure.raw("DELETE", CONNECTION + V)
    poll = azure.raw("GET", started.headers["Azure-AsyncOperation"])
    assert (poll.status_code, poll.text) == (429, "You have reached the limit.")
    assert poll.headers["Content-Type"] == "text/plain"
    assert azure.raw("GET", started.headers["Azure-AsyncOperation"]).status_code == 200


def test_a_secret_in_the_wrong_place_is_a_violation_and_in_its_own_field_is_not(azure: Any) -> None:
    """Rule 8, watched at the wire: URL, headers, and every body field but a shared key's."""
    secret = azure.secret("psk-datacenter")
    path = f"{SOUTH}/localNetworkGateways/lng-datacenter-southeastasia"
    azure.raw("PUT", f"{CONNECTION}/sharedkey{V}", {"value": secret})
    assert azure.verdict()["violations"] == []
    azure.raw("PATCH", path + V, {"tags": {"note": secret}})
    azure.raw("GET", f"{path}{V}&note={secret}")
    azure.raw("GET", path + V, headers={"x-note": secret})
    found = azure.verdict()["violations"]
    assert [one["rule"] for one in found] == ["secrets-stay-in-their-place"] * 3
    assert secret not in json.dumps(azure.control("log"))


def test_state_and_log_never_tell_a_shared_key(azure: Any) -> None:
    """The control doors are for reports."""
    assert azure.secret("psk-datacenter") not in json.dumps(azure.control("state"))


def test_the_vault_is_dark_with_its_regions_data_plane(start_azure: Any) -> None:
    """Key Vault is regional; in a dark region nobody gets a secret."""
    azure = start_azure({"faults": [{"region": "southeastasia", "dark": "data-plane", "answer": "refuse"}]})
    with pytest.raises((ServiceRequestError, ServiceResponseError)):
        azure.secrets().get_secret("psk-datacenter")


def test_events_are_on_disk_when_they_are_told(azure: Any) -> None:
    """events.jsonl: one object a line, numbered, in virtual time."""
    azure.raw("DELETE", CONNECTION + V)
    lines = (Path(azure.ca_bundle).parent / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    accepted = next(event for event in events if event["kind"] == "operation.accepted")
    assert (accepted["action"], accepted["idempotent"]) == ("connections/delete", True)
    assert accepted["at"].startswith("2026-03-14T02:00:00")
