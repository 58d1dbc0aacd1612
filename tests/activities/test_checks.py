"""Every check of routing says what it expected and what it saw."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from activities import machine_routes, quick_checks, readings
from activities.checked import Checked
from domain.codec import wire_size

SUBSCRIPTION = "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups"
GROUP = f"{SUBSCRIPTION}/rg-companyb-eastasia/providers"
MACHINE = f"{GROUP}/Microsoft.Compute/virtualMachines/app1"
GATEWAY = f"{GROUP}/Microsoft.Network/virtualNetworkGateways/vgw-companyb-eastasia"
CONNECTION = f"{GROUP}/Microsoft.Network/connections/cn-eastasia-datacenter"
GLASS = "https://looking-glass.companyb.example/datacenter"
HOP = {"check": "next-hop", "machine": MACHINE, "address": "10.50.0.4", "gateway": GATEWAY}
TRY = {"check": "connectivity", "machine": MACHINE, "address": "10.50.0.4", "port": 443}
BYTES = {"check": "tunnel-bytes", "connection": CONNECTION}


def probe(expect: str) -> dict[str, Any]:
    return {"check": "http-probe", "name": "glass", "url": GLASS, "expect": expect}


def verifying(step: Any, *checks: dict[str, Any], kind: str = "verify-routing", **more: Any) -> Any:
    return step(kind, "site:datacenter", checks=list(checks), site="datacenter", **more)


def installed(azure: Any, step: Any) -> None:
    assert azure.walk(step("install-extension", MACHINE)).status == "succeeded"


def test_the_next_hop_of_a_machine_is_its_gateway(azure: Any, step: Any) -> None:
    """Begun at the region's Network Watcher, looked at later; an address inside the network is no way home."""
    outcome = azure.walk(verifying(step, HOP))
    (check,) = outcome.evidence["checks"]
    assert (outcome.status, check["machine"], check["passed"]) == ("succeeded", "app1", True)
    assert check["expected"] == "10.50.0.4 by way of vgw-companyb-eastasia"
    inside = azure.walk(verifying(step, {**HOP, "address": "10.1.3.4"}), turns=8)
    assert inside.evidence["checks"][0]["saw"].startswith("VirtualNetwork")
    assert inside.code == "NotConverged"


def test_a_machine_that_is_not_there_is_told(azure: Any, step: Any) -> None:
    outcome = azure.verify(verifying(step, {**HOP, "machine": f"{MACHINE}-none"}))
    assert outcome.evidence["checks"][0]["saw"] == "there is no machine app1-none"


def test_connectivity_needs_the_agent_in_the_machine(azure: Any, step: Any) -> None:
    """Without the extension Azure refuses; with it the address answers from inside."""
    refused = azure.walk(verifying(step, TRY), turns=20)
    assert (refused.status, refused.evidence["checks"][0]["passed"]) == ("retryable", False)
    installed(azure, step)
    outcome = azure.walk(verifying(step, TRY))
    assert outcome.evidence["checks"][0]["saw"].startswith("Reachable")


def test_the_agent_is_installed_once(azure: Any, step: Any) -> None:
    """By the machine's own system and region; the second run sees it in the machine's document."""
    installed(azure, step)
    assert azure.begin(step("install-extension", MACHINE)).reason == ("app1 has the Network Watcher extension already")
    extension = f"{MACHINE}/extensions/AzureNetworkWatcherExtension"
    assert azure.writes(extension) == ["write"]
    assert azure.document(extension)["properties"]["type"] in ("NetworkWatcherAgentLinux", "NetworkWatcherAgentWindows")
    assert azure.begin(step("install-extension", f"{MACHINE}-none")).code == "MachineMissing"


def test_effective_routes_are_those_that_the_machine_takes(azure: Any, step: Any) -> None:
    interface = azure.document(MACHINE)["properties"]["networkProfile"]["networkInterfaces"][0]["id"]
    check = {"check": "effective-routes", "interface": interface, "prefixes": ["10.50.0.0/16"]}
    outcome = azure.walk(verifying(step, check))
    assert outcome.evidence["checks"][0]["saw"] == "all by way of VirtualNetworkGateway"


@pytest.mark.parametrize(
    ("rows", "saw"),
    [
        ([{"state": "Active", "addressPrefix": ["10.0.0.0/8"], "nextHopType": "VirtualNetworkGateway"}], None),
        ([{"state": "Invalid", "addressPrefix": ["10.50.0.0/16"], "nextHopType": "VirtualNetworkGateway"}], "nothing"),
        ([{"state": "Active", "addressPrefix": ["10.0.0.0/8"], "nextHopType": "VirtualNetworkGateway"},
          {"state": "Active", "addressPrefix": ["10.50.0.0/16"], "nextHopType": "VirtualAppliance"}],
         "VirtualAppliance"),
        ([{"state": "Active", "addressPrefix": ["odd"], "nextHopType": "VirtualNetworkGateway"}], "nothing"),
        (None, "nothing"),
    ],
)  # fmt: skip
def test_the_longest_active_route_decides(rows: Any, saw: str | None) -> None:
    found = machine_routes.judge_effective_routes({"prefixes": ["10.50.0.0/16"]}, {"value": rows} if rows else None)
    assert found.passed is (saw is None)
    assert saw is None or saw in found.saw


@pytest.mark.parametrize("status", ["Reachable", "Connected", "Unreachable", "Degraded", "Brandnew", None])
def test_words_that_nobody_has_listed_prove_nothing(status: Any) -> None:
    found = machine_routes.judge_connectivity(TRY, {"connectionStatus": status})
    assert found.passed is (status in ("Reachable", "Connected"))


def test_bytes_must_rise_both_ways_between_two_looks(azure: Any, step: Any) -> None:
    """The first look only counts; the second compares with it."""
    check = verifying(step, BYTES)
    first = azure.verify(check)
    assert (first.status, first.code) == ("retryable", "ReadingsPending")
    azure.advance(20)
    second = azure.verify(check, operation=first.operation)
    assert (second.status, second.evidence["checks"][0]["passed"]) == ("succeeded", True)


def test_bytes_that_do_not_rise_are_looked_at_again(azure: Any, step: Any) -> None:
    """A dark tunnel; what was counted first is kept from look to look."""
    azure.fault(region="eastasia", dark="data-plane", answer="refuse")
    azure.advance(120)
    check, operation = verifying(step, BYTES), None
    seen = []
    for _ in range(3):
        outcome = azure.verify(check, operation=operation)
        operation = outcome.operation
        seen.append(outcome.code)
        azure.advance(20)
    assert seen == ["ReadingsPending", "NotConverged", "NotConverged"]
    assert outcome.evidence["checks"][0]["saw"] == "0 bytes in and 0 out since the last look"


def test_a_counter_that_began_anew_counts_from_nothing() -> None:
    assert quick_checks.judge_bytes((900, 900), (5, 950)).passed is True
    assert quick_checks.judge_bytes((900, 900), (0, 950)).passed is False


def test_an_owners_page_must_say_true(azure: Any, step: Any) -> None:
    """JMESPath over its JSON; anything but true is what it saw."""
    good = azure.verify(verifying(step, probe("length(routes[?prefix=='10.1.0.0/16' && best]) == `1`")))
    assert good.status == "succeeded"
    odd = azure.verify(verifying(step, probe("routes[0].prefix"))).evidence["checks"][0]
    assert (odd["passed"], odd["saw"]) == (False, 'it is "10.1.0.0/16"')
    broken = azure.verify(verifying(step, probe("routes[?"))).evidence["checks"][0]
    assert broken["saw"].startswith("the expression cannot be used: ")


def test_observing_keeps_what_is_seen_and_judges_nothing(azure: Any, step: Any) -> None:
    """Checks that will only pass afterwards, one that cannot be made, and a slow one: all kept."""
    glass = {"check": "site-routes", "url": GLASS, "prefixes": ["10.1.0.0/16"], "neighbors": ["10.1.254.30"],
             "not_neighbors": ["10.1.255.30"]}  # fmt: skip
    absent = {"check": "connection-state", "connection": f"{CONNECTION}-none"}
    observed = azure.walk(verifying(step, glass, absent, HOP, {"check": "odd"}, kind="observe-routing"), seconds=5)
    assert observed.status == "succeeded"
    assert [one["passed"] for one in observed.evidence["checks"]] == [False, False, True, False]
    assert observed.evidence["routes_before"][0]["neighbor"] == "10.1.255.30"


def test_observing_ends_in_time_whatever_does_not_answer(azure: Any, step: Any) -> None:
    """A reading that never ends is told as such."""
    observe = verifying(step, HOP, kind="observe-routing", timeout_seconds=60)
    began = azure.now
    azure.fault(match={"method": "GET", "path": "operationResults"}, then={"status": 503, "code": "ServerBusy"})
    first = azure.verify(observe, intent_at=began)
    azure.advance(50)
    last = azure.verify(observe, operation=first.operation, intent_at=began)
    assert (first.code, last.status) == ("ReadingsPending", "succeeded")
    assert last.evidence["checks"][0]["saw"] == "nothing in time"


def test_a_killed_look_begins_again_and_ends_alike(azure: Any, step: Any) -> None:
    """The operation was lost with the process: readings are begun anew, which changes nothing in Azure."""
    azure.verify(verifying(step, HOP))
    assert azure.walk(verifying(step, HOP)).status == "succeeded"


def test_many_readings_stay_small_in_a_history(azure: Any, step: Any) -> None:
    """Forty at once, begun in turns: their URLs are kept as a document, not in what the orchestrator carries."""
    checks = [{**HOP, "address": f"10.50.0.{number}"} for number in range(4, 44)]
    verify = verifying(step, *checks)
    first = azure.verify(verify)
    assert wire_size(dataclasses.asdict(first)) < 2_000
    outcome = azure.walk(verify)
    assert (outcome.status, len(outcome.evidence["checks"])) == ("succeeded", 40)


def test_readings_that_are_old_are_made_again(azure: Any, step: Any) -> None:
    verify = verifying(step, HOP)
    first = azure.verify(verify)
    azure.advance(readings.STALE_SECONDS + 60)
    again = azure.verify(verify, operation=first.operation)
    assert again.code == "ReadingsPending"
    asked = [one for one in azure.events("request") if one["path"].endswith("/nextHop")]
    assert len(asked) == 2


def test_what_is_kept_between_looks_is_what_was_found(azure: Any, step: Any) -> None:
    from activities.work import Work

    work = Work(azure.call(verifying(step, HOP)))
    held = readings.Readings("", {0: "https://x/1?s=1"}, {1: Checked(None, "e", "s")}, {2: (1, 2)})
    operation = readings.keep(work, held)
    assert "s=1" not in json.dumps(dataclasses.asdict(operation))
    loaded = readings.load(Work(dataclasses.replace(work.call, operation=operation)))
    assert (loaded.urls, loaded.done, loaded.bytes) == (held.urls, held.done, held.bytes)
