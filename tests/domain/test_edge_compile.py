"""Edge runbooks: the order of their steps, the way back, packages, a fleet of two hundred, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from edge_case import BACKUP, EdgeCase, listed, of_kind

from domain.codec import wire_size
from domain.manual import manual as by_hand
from domain.proof.proving import needed_before
from domain.runbook import LANE_BYTES, LANE_LIMIT, STEP_BYTES, UNDO_BYTES


def _by_name(runbook):
    return {step.name: step for step in runbook.steps}


def test_firewall_then_routes_then_the_file_then_every_device():
    """Whatever order the graph allows: no route before its rule, no device before its routes."""
    runbook = EdgeCase().compile()
    before = needed_before(runbook.steps)
    ranges, fence, routes, files = [step.id for step in runbook.steps[:4]]
    assert before[fence] == {ranges}
    assert before[routes] == {ranges, fence}
    assert before[files] == {ranges, fence, routes}
    for package in of_kind(runbook, "write-package"):
        assert before[package.id] == {ranges, fence, routes, files}
    for look in of_kind(runbook, "verify-routing"):
        (asked,) = look.needs
        assert runbook.step(asked).kind == "wait-person"
        assert runbook.step(asked).target == look.target


def test_what_is_added_is_what_the_ranges_say():
    """The routes cover the tags' ranges of IPv4, go where the others go, and the rule lets exactly those through."""
    runbook = EdgeCase().compile()
    fence, table = of_kind(runbook, "extend-resource")
    routes = listed(runbook, table)
    assert {one["properties"]["nextHopIpAddress"] for one in routes} == {"10.20.1.4"}
    (collection,) = listed(runbook, fence)
    assert collection["name"] == "bridgehead-edge-westus"
    assert collection["priority"] == 101
    assert collection["rules"][0]["destinationAddresses"] == [one["properties"]["addressPrefix"] for one in routes]
    assert collection["rules"][0]["destinationPorts"] == ["443"]


def test_the_way_back_undoes_lists_and_devices():
    """What was added is taken away, and whoever changed a device is asked to put it back."""
    runbook = EdgeCase().compile()
    undo = {step.kind: step.compensation["kind"] for step in runbook.steps if step.compensation}
    assert undo == {"extend-resource": "shrink-resource", "wait-person": "wait-person"}
    for step in of_kind(runbook, "extend-resource"):
        assert step.compensation["settings"]["children"] == step.settings["children"]
    asked = of_kind(runbook, "wait-person")[0].compensation["settings"]["question"]
    assert asked == "Put mill (the mill) back: see undo in packages/mill.json of this run. Then say done."


def test_a_package_says_what_to_do_and_holds_no_secret():
    """Settings, a checklist and the way back; the file by name, the key by its place in Key Vault."""
    runbook = EdgeCase(situation="region-failover").compile()
    packages = {step.target: step for step in of_kind(runbook, "write-package")}
    pro, mini = packages["device:mill"].settings, packages["device:edge-001"].settings
    assert pro["content"]["settings"]["shared_key"] == "Key Vault kv-edge-shared, secret psk-mill"
    assert pro["content"]["backup"] == "of 2026-03-01, in West US"
    assert pro["content"]["upload"] == {
        "document": "service-tags-upload.json", "region": "westus", "region_name": "West US"
    }  # fmt: skip
    assert mini["content"]["settings"]["phone_book"] == "from the new gateway"
    assert list(pro["reads"]) == ["settings.gateway_address"]
    assert all(one["content"]["checklist"] and one["content"]["undo"] for one in (pro, mini))


def test_a_fleet_of_two_hundred_is_one_runbook_within_its_limits():
    """Six hundred steps and four: no lane and no step is larger than a history takes; the routes stand in none."""
    case = EdgeCase(fleet={"prefix": "edge", "count": 199, "backup": BACKUP})
    case.ranges("Storage", "WestUS", [f"198.18.{number}.0/25" for number in range(256)])
    case.routes(100)
    runbook = case.compile()
    assert len(runbook.steps) == 604
    steps = {step.id: step for step in runbook.steps}
    for lane in runbook.lanes:
        assert len(lane.steps) <= LANE_LIMIT
        assert sum(wire_size(steps[one]) for one in lane.steps) <= LANE_BYTES
    assert max(wire_size(step) for step in runbook.steps) <= STEP_BYTES // 4
    assert max(wire_size(step.compensation) for step in runbook.steps) <= UNDO_BYTES // 4
    assert len(json.dumps(runbook.documents)) > STEP_BYTES


def test_all_devices_are_changed_side_by_side():
    """No device waits for another: the expected time of two hundred is that of one."""
    few, many = EdgeCase(), EdgeCase(fleet={"prefix": "edge", "count": 199, "backup": BACKUP})
    assert few.compile().expected_seconds == many.compile().expected_seconds


def test_the_same_plan_compiles_to_the_same_runbook():
    """Byte for byte, whatever the order of the estate."""
    one, two = EdgeCase(), EdgeCase()
    two.estate.reverse()
    assert one.compile().hash == two.compile().hash


def test_a_move_makes_network_and_gateway_in_the_target_region():
    """Tables and network, then address and gateway with the clients' new pool; then connections and devices."""
    runbook = EdgeCase(situation="region-failover", clientAddressPool=["172.20.0.0/22"]).compile()
    made = {step.target.rsplit("/", 1)[-1]: step for step in of_kind(runbook, "put-resource")}
    assert list(made) == [
        "rt-edge-incoming", "rt-edge-services", "vnet-edge-westus", "pip-vgw-edge-westus", "vgw-edge-westus", "lng-mill"
    ]  # fmt: skip
    assert all(step.settings["body"]["location"] == "westus" for step in made.values())
    clients = made["vgw-edge-westus"].settings["body"]["properties"]["vpnClientConfiguration"]
    assert clients["vpnClientAddressPool"] == {"addressPrefixes": ["172.20.0.0/22"]}
    assert [one["name"] for one in clients["vpnClientRootCertificates"]] == ["northwind-edge-root"]
    fills = {step.target.rsplit("/", 1)[-1]: listed(runbook, step) for step in of_kind(runbook, "extend-resource")}
    assert [one["properties"]["addressPrefix"] for one in fills["rt-edge-incoming"]] == ["172.20.0.0/22"]
    assert len(fills["rt-edge-services"]) == 18
    assert [one["rules"][0]["sourceAddresses"] for one in fills["rcg-edge"]] == [["172.20.0.0/22"]]
    (connection,) = of_kind(runbook, "connect-connection")
    assert connection.settings["shared_key"] == {"vault": "kv-edge-shared", "secret": "psk-mill"}
    before = needed_before(runbook.steps)
    look = next(step for step in of_kind(runbook, "verify-routing") if step.target == "device:mill")
    assert {made["vgw-edge-westus"].id, connection.id} <= before[look.id]
    assert all("/rg-edge-eastus/" not in step.target for step in runbook.steps)


def test_a_client_pool_that_stays_leaves_the_incoming_table_as_it_is():
    """Only a pool that changes changes the way back to the clients."""
    runbook = EdgeCase(situation="region-failover").compile()
    fills = {step.target.rsplit("/", 1)[-1]: listed(runbook, step) for step in of_kind(runbook, "extend-resource")}
    assert [one["properties"]["addressPrefix"] for one in fills["rt-edge-incoming"]] == ["172.16.0.0/22"]


def test_a_move_warns_of_the_edge_service_and_of_the_firewall():
    """The service's region is the one that fails; no firewall is made."""
    assert EdgeCase(situation="region-failover").compile().warnings == (
        (
            "the Azure Stack Edge service of mill and 3 more is in East US: while that region is away, the devices are "
            "managed on their own screens only"
        ),
        (
            "routes lead to an appliance: a firewall with the policy afwp-edge must answer at that address in westus; "
            "Bridgehead does not make one"
        ),
    )


def test_the_snapshot_tells_where_an_edge_resource_is():
    """A device whose Azure resource lies elsewhere is not warned of."""
    case = EdgeCase(situation="region-failover")
    for name in ("mill", "edge-001", "edge-002", "edge-003"):
        case.estate.append({"id": f"{case.document('rg-edge-shared')['id']}/providers/Microsoft.DataBoxEdge/"
                                  f"dataBoxEdgeDevices/{name}", "location": "westus2"})  # fmt: skip
    assert not any("Azure Stack Edge service" in one for one in case.compile().warnings)


def _device(case, **changes):
    case.edge["devices"][0] |= changes
    for name in [name for name, value in changes.items() if value is None]:
        del case.edge["devices"][0][name]
    return case


MOVE = {"situation": "region-failover"}
REFUSALS = {
    "no backup is known": (
        lambda: _device(EdgeCase(**MOVE), backup=None),
        ("edge.devices.mill.backup: expected when and where the device was backed up, found nothing; backup: none says "
        "knowingly that it has none"),
    ),
    "a backup in the failing region": (
        lambda: _device(EdgeCase(**MOVE), backup={"at": "2026-03-01", "location": "eastus"}),
        "edge.devices.mill.backup: expected one outside the region that fails, found a backup in eastus",
    ),
    "a move without a gateway to make": (
        lambda: EdgeCase(**MOVE, gateway={"like": "vgw-edge-eastus", "resourceGroup": "rg-edge-westus"}),
        "edge.gateway.name: expected that of the gateway that situation: region-failover makes, found nothing",
    ),
    "what is made in a group that fails": (
        lambda: EdgeCase(**MOVE, gateway={"like": "vgw-edge-eastus", "name": "vgw-2", "network": "vnet-2",
                                          "resourceGroup": "rg-edge-eastus"}),
        ("edge.gateway.resourceGroup: expected a resource group outside the failing region: ARM cannot update what "
        "such a group holds, found rg-edge-eastus in eastus"),
    ),
    "a list that is read in the region that fails": (
        lambda: EdgeCase(**MOVE, ranges={"api": "eastus"}),
        ("edge.ranges.api: expected a location that answers on the day, found eastus, the region that fails; every "
        "location has the whole list: api: westus"),
    ),
    "a Pro R without its key": (
        lambda: _device(EdgeCase(**MOVE), sharedKey=None),
        "edge.devices[0].sharedKey: expected the Key Vault secret of the new connection's shared key, found nothing",
    ),
    "a Pro R without its connection": (
        lambda: _device(EdgeCase(), connection=None),
        "edge.devices[0].connection: expected the connection by which this Pro R reaches Azure, found nothing",
    ),
    "a Mini R with a connection": (
        lambda: _device(EdgeCase(), model="mini-r", sharedKey=None),
        "edge.devices[0].connection: expected nothing: a Mini R is a client of the gateway's, found a value",
    ),
    "two devices of one name": (
        lambda: _device(EdgeCase(), name="edge-002"),
        "edge.devices[0].name: expected a name that no other device has, found 'edge-002'",
    ),
    "too large a fleet": (
        lambda: EdgeCase(fleet={"prefix": "edge", "count": 200}),
        "edge.devices: expected at most 200 in one plan, found 201 devices; make a second plan for the others",
    ),
    "no device at all": (
        lambda: EdgeCase(fleet=None, devices=[]),
        "edge.devices: expected at least one device, or a fleet, found none",
    ),
    "two sources of ranges": (
        lambda: EdgeCase(ranges={"api": "westus", "file": "x"}),
        "edge.ranges: expected either api or file, found both",
    ),
    "no firewall named": (
        lambda: EdgeCase(firewall={}),
        "edge.firewall: expected either ruleCollectionGroup or networkSecurityGroup, found neither",
    ),
    "an appliance without its address": (
        lambda: EdgeCase(nextHop={"type": "VirtualAppliance"}),
        "edge.nextHop.address: expected the appliance's address, found None",
    ),
    "a priority that is taken": (
        lambda: EdgeCase(firewall={"ruleCollectionGroup": "afwp-edge/rcg-edge", "priority": 100}),
        "edge.firewall.priority: expected a free one, at most 65000, found 100, which rcg-edge uses already",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_what_stands_in_the_way_is_refused_with_its_reason(what):
    """By field, with what was found and what was expected."""
    make, message = REFUSALS[what]
    assert make().refusals() == [message]


def test_a_plan_with_a_fleet_stands_alone():
    """Links and machines are another plan's."""
    case = EdgeCase()
    case.plan["links"] = [{"name": "a"}]
    assert "links: expected nothing: a plan with edge stands alone, found beside edge; make it a plan of its own" in (
        case.refusals()
    )


@pytest.mark.parametrize(("sku", "pros", "good"), [("VpnGw1", 30, True), ("VpnGw1", 31, False), ("VpnGw4", 100, True)])
def test_a_gateway_carries_as_many_tunnels_as_its_sku_says(sku, pros, good):
    """Counted before a gateway is made that could not take them."""
    case = EdgeCase(**MOVE)
    case.document("vgw-edge-eastus")["properties"]["sku"] = {"name": sku, "tier": sku}
    model = case.edge["devices"][0]
    case.edge["devices"] = [
        {**model, "name": f"mill-{number}", "connection": case.another_tunnel(number)} for number in range(pros)
    ]
    if good:
        assert case.compile()
    else:
        assert case.refusals()[0] == (
            "edge.devices: expected at most 30 tunnels, found 31 Pro R devices on a VpnGw1 gateway; a larger SKU, or a "
            "plan and a gateway for each part of the fleet"
        )


def test_a_basic_gateway_takes_no_mini_r():
    """It has no clients by IKEv2."""
    case = EdgeCase(**MOVE)
    case.document("vgw-edge-eastus")["properties"]["sku"] = {"name": "Basic", "tier": "Basic"}
    assert case.refusals() == [
        (
            "edge.devices: expected at most 0 clients, found 3 Mini R devices on a Basic gateway; a larger SKU, or a "
            "plan and a gateway for each part of the fleet"
        )
    ]


@pytest.mark.parametrize("situation", ["service-failover", "region-failover"])
def test_a_fleet_can_be_moved_by_hand(situation):
    """On the day that Bridgehead itself is dead: every step, and the routes in full."""
    runbook = EdgeCase(situation=situation).compile()
    text = by_hand(runbook)
    assert all(step.name in text for step in runbook.steps)
    assert all(one["name"] in text for step in of_kind(runbook, "extend-resource") for one in listed(runbook, step))
