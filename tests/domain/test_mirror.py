"""``connect: mirror`` gives the links that a plan written out by hand gives, and takes over what an old link was."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from domain.compile import compile_runbook
from domain.plans.reading import parse_plan
from domain.runbook import Runbook
from domain.snapshot import snapshot_of

ROOT = Path(__file__).parents[2]
WRITTEN_OUT: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "data" / "written-out.yaml").read_text())
NAMED = {"company-b", "company-b-expressroute", "company-b-both"}
"""Their plans name the new connection, or its key, and are mirrors but for that."""


def plan_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "plans" / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def estate_of(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ROOT / "estates" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def compiled(plan: dict[str, Any], estate: list[dict[str, Any]]) -> Runbook:
    return compile_runbook(parse_plan(yaml.safe_dump(plan)), snapshot_of(estate), "failover")


def links_of(runbook: Runbook) -> str:
    """The steps that make links, and those that undo them, as the run stores them."""
    made = [step for step in runbook.steps if step.kind in ("connect-connection", "connect-peering")]
    assert made
    return json.dumps([[step.kind, step.target, step.settings, step.compensation] for step in made], indent=1)


@pytest.mark.parametrize("name", sorted(WRITTEN_OUT))
def test_a_mirror_is_byte_for_byte_what_is_written_out(name: str) -> None:
    """Bodies, names, keys, locks and compensations."""
    plan = plan_of(name)
    assert name in NAMED or all(link["connect"] == "mirror" for link in plan["links"])
    written = copy.deepcopy(plan)
    for link in written["links"]:
        link["connect"] = WRITTEN_OUT[name][link["name"]]
        link.pop("sharedKey", None)
    assert links_of(compiled(written, estate_of(name))) == links_of(compiled(plan, estate_of(name)))


def test_every_plan_that_connects_is_written_out() -> None:
    """None is left out but that of two circuits, in which nothing is connected, and the fleets."""
    connecting = {
        path.stem
        for path in (ROOT / "plans").glob("*.yaml")
        if any("connect" in link for link in plan_of(path.stem).get("links") or ())
    }
    assert connecting == set(WRITTEN_OUT)


READ_ONLY = {"provisioningState", "resourceGuid", "connectionStatus", "ingressBytesTransferred",
             "egressBytesTransferred", "packetCaptureDiagnosticState"}  # fmt: skip
ENDS = {"virtualNetworkGateway1", "virtualNetworkGateway2", "localNetworkGateway2", "peer"}
POLICY = {
    "saLifeTimeSeconds": 27000,
    "saDataSizeKilobytes": 102400000,
    "ipsecEncryption": "GCMAES256",
    "ipsecIntegrity": "GCMAES256",
    "ikeEncryption": "AES256",
    "ikeIntegrity": "SHA384",
    "dhGroup": "ECP384",
    "pfsGroup": "ECP384",
}
SELECTORS = [{"localAddressRanges": ["10.1.0.0/16"], "remoteAddressRanges": ["10.2.0.0/16", "10.50.0.0/16"]}]


@pytest.mark.parametrize("name", sorted(set(WRITTEN_OUT) - {"peered-application"}))
def test_a_new_connection_is_in_everything_but_its_ends_like_the_old_one(name: str) -> None:
    """Kind, protocol, IPsec policies, BGP, routing weight, traffic selectors, timeouts, tags."""
    estate = estate_of(name)
    old = {one["id"].lower(): one for one in estate if one["type"].endswith("/connections")}
    for one in old.values():
        one["tags"] = {"owner": "network team"}
        one["properties"]["routingWeight"] = 37
        if one["properties"]["connectionType"] != "ExpressRoute":
            one["properties"] |= {"ipsecPolicies": [POLICY], "trafficSelectorPolicies": SELECTORS,
                                  "usePolicyBasedTrafficSelectors": True, "dpdTimeoutSeconds": 33,
                                  "connectionMode": "InitiatorOnly"}  # fmt: skip
    made = [step for step in compiled(plan_of(name), estate).steps if step.kind == "connect-connection"]
    assert made
    for step in made:
        like = old[step.settings["mirrors"].lower()]
        body = step.settings["body"]
        expected = {key: value for key, value in like["properties"].items() if key not in READ_ONLY | ENDS}
        found = {key: value for key, value in body["properties"].items() if key not in ENDS}
        if like["properties"]["connectionType"] == "ExpressRoute":
            expected = {key: value for key, value in expected.items() if key in found}
        else:
            del expected["expressRouteGatewayBypass"]
        assert found == expected
        assert found["routingWeight"] == 37
        assert body["tags"] == {"owner": "network team"}


def test_a_mirrored_peering_keeps_every_flag_of_both_halves() -> None:
    """Access, forwarding, transit and the use of the other's gateways."""
    estate = estate_of("peered-application")
    by_name = {one["name"]: one for one in estate}
    shared = by_name["vnet-shared"]["properties"]["virtualNetworkPeerings"][0]["properties"]
    shared |= {"allowVirtualNetworkAccess": False, "allowForwardedTraffic": True}
    steps = {step.target: step for step in compiled(plan_of("peered-application"), estate).steps}
    made = next(step for target, step in steps.items() if target.endswith("vnet-shared/virtualNetworkPeerings/"
                                                                         "to-orders-recovery"))  # fmt: skip
    flags = {key: value for key, value in made.settings["body"]["properties"].items() if key != "remoteVirtualNetwork"}
    assert flags == {
        "allowVirtualNetworkAccess": False,
        "allowForwardedTraffic": True,
        "allowGatewayTransit": False,
        "useRemoteGateways": False,
        "doNotVerifyRemoteGateways": False,
    }
