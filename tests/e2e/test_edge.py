"""Fleets of edge devices, rehearsed to their documented end: what Azure holds then, packages, and the way back."""

from __future__ import annotations

import json
from ipaddress import collapse_addresses, ip_network

import pytest
import yaml
from staging import ROOT, Rehearsed, command, scenario_file, steady
from theatre import Theatre

from cli.rehearsal.processes import children
from simulator.estates.edge import RANGES, edge_region, edge_service, prefixes_of

pytestmark = pytest.mark.timeout(600)
LONGEST = 500
"""Seconds of the wall: two hundred devices took 81 on two shared cores."""

SERVICE, REGION = (ROOT / "plans" / f"edge-{name}.yaml" for name in ("service", "region"))
TARGET = {
    net for name in ("Storage", "AzureKeyVault") for net in prefixes_of(*RANGES[name, "westus"]) if ":" not in net
}


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """``play(scenario, plan, estate)``: a rehearsal, and what Azure holds at its end by id in lower case."""

    def run(scenario, plan, estate):
        folder = tmp_path_factory.mktemp("edge")
        path = scenario if not isinstance(scenario, dict) else scenario_file(folder, scenario)
        done = command(folder, "rehearse", plan, "--estate", estate, "--scenario", path, "--report", folder, "--json",
                       "--no-watch", seconds=LONGEST)  # fmt: skip
        events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
        report = json.loads(done.stdout) if done.stdout.strip() else {}
        left = json.loads((folder / "estate-after.json").read_text())
        return Rehearsed(done.returncode, report, events, done.stderr), {one["id"].lower(): one for one in left}

    return run


def _plan_from(path, folder, **changes):
    """A shipped plan with dotted paths changed; None takes away."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, value in changes.items():
        *way, last = name.split(".")
        at = document
        for part in way:
            at = at[int(part)] if isinstance(at, list) else at[part]
        key = int(last) if isinstance(at, list) else last
        if value is None:
            del at[key]
        else:
            at[key] = value
    made = folder / f"{document['name']}.yaml"
    made.write_text(yaml.safe_dump(document), encoding="utf-8")
    return made


def _estate(tmp_path_factory, documents):
    path = tmp_path_factory.mktemp("estate") / "estate.json"
    path.write_text(json.dumps(documents))
    return path


def _shipped(name):
    return ROOT / "scenarios" / f"{name}.yaml"


def _one(after, ending):
    (found,) = [one for key, one in after.items() if key.endswith(ending.lower())]
    return found


def _routes(after, table):
    """Prefix -> next hop of a route table's routes; the table is named by the end of its id."""
    table = _one(after, table)["id"].lower()
    routes = [one["properties"] for key, one in after.items() if key.startswith(f"{table}/routes/")]
    return {one["addressPrefix"]: one.get("nextHopIpAddress") or one["nextHopType"] for one in routes}


def _addresses(prefixes):
    return list(collapse_addresses(map(ip_network, prefixes)))


@pytest.fixture(scope="module")
def served(play, tmp_path_factory):
    """Storage and Key Vault fail over; twelve devices in one run."""
    plan = _plan_from(SERVICE, tmp_path_factory.mktemp("plan"), **{"edge.fleet.count": 10})
    return play(_shipped("edge-service"), plan, ROOT / "estates" / "edge-service.json")


def test_a_fleet_is_one_run_to_its_end(served):
    """Every device is changed and seen from Azure; they are asked side by side."""
    _is_back(served[0], 12)


@pytest.mark.long
def test_a_fleet_of_two_hundred_is_one_run_to_its_end(play):
    """The shipped plan as it is."""
    done, _ = play(_shipped("edge-service"), SERVICE, ROOT / "estates" / "edge-service.json")
    _is_back(done, 200)


def _is_back(done, devices):
    assert done.code == 0, (done.said, done.report.get("rehearsal"))
    edge = done.report["edge"]
    assert edge["outside_tunnel"]["devices_back"] == devices
    assert {one["status"] for one in edge["devices"]} == {"succeeded"}
    assert edge["outside_tunnel"]["seconds"] < 2 * 900


def test_the_table_routes_exactly_the_new_ranges_beside_the_old_ones(served):
    """Asserted on Azure's documents: nothing beyond the tags' ranges, all by way of the firewall."""
    _, after = served
    routes = _routes(after, "/routetables/rt-edge-services")
    old = {
        net for name in ("Storage", "AzureKeyVault") for net in prefixes_of(*RANGES[name, "eastus"]) if ":" not in net
    }
    assert _addresses(set(routes) - old) == _addresses(TARGET)
    assert old <= set(routes)
    assert set(routes.values()) == {"10.20.1.4"}


def test_the_firewall_lets_exactly_the_new_ranges_through(served):
    """A collection of our own; the one that was there is as it was."""
    theirs, ours = _one(served[1], "/rulecollectiongroups/rcg-edge")["properties"]["ruleCollections"]
    assert theirs["rules"][0]["destinationAddresses"] == ["Storage.EastUS", "AzureKeyVault.EastUS"]
    assert ours["name"] == "bridgehead-edge-westus"
    assert ours["action"] == {"type": "Allow"}
    assert _addresses(ours["rules"][0]["destinationAddresses"]) == _addresses(TARGET)


def test_the_firewall_was_written_before_the_table_and_nothing_else_was(served):
    """Two writes in all, in the documented order."""
    accepted = [one["resource"].rsplit("/", 1)[-1] for one in served[0].events if one["kind"] == "operation.accepted"
                and not one["action"].startswith("virtualNetworkGateways/get")]  # fmt: skip
    assert accepted == ["rcg-edge", "rt-edge-services"]


@pytest.fixture(scope="module")
def moved(play):
    """All of East US is dark; the fleet moves to West US."""
    return play(_shipped("edge-region"), REGION, ROOT / "estates" / "edge-region.json")


@pytest.mark.long
def test_a_whole_region_fails_and_the_fleet_moves(moved):
    """Network, gateway, tables and connections are there, and every device is seen at the new gateway."""
    done, after = moved
    assert done.code == 0, (done.said, done.report.get("rehearsal"))
    group = "/resourcegroups/rg-edge-westus/providers/microsoft.network"
    gateway = _one(after, f"{group}/virtualnetworkgateways/vgw-edge-westus")
    assert (gateway["location"], gateway["properties"]["provisioningState"]) == ("westus", "Succeeded")
    clients = gateway["properties"]["vpnClientConfiguration"]
    assert clients["vpnClientAddressPool"] == {"addressPrefixes": ["172.20.0.0/22"]}
    network = _one(after, f"{group}/virtualnetworks/vnet-edge-westus")
    assert network["properties"]["addressSpace"]["addressPrefixes"] == ["10.20.0.0/16"]
    for name in ("mill", "quarry"):
        connection = _one(after, f"{group}/connections/cn-edge-{name}")
        assert connection["properties"]["virtualNetworkGateway1"]["id"].lower() == gateway["id"].lower()
    assert done.report["edge"]["outside_tunnel"]["devices_back"] == 12


@pytest.mark.long
def test_the_new_tables_route_the_services_there_and_the_answers_back(moved):
    """Exactly the target region's ranges, and the clients' new pool."""
    _, after = moved
    group = "/resourcegroups/rg-edge-westus/providers/microsoft.network"
    assert _addresses(_routes(after, f"{group}/routetables/rt-edge-services")) == _addresses(TARGET)
    incoming = _routes(after, f"{group}/routetables/rt-edge-incoming")
    assert incoming == {"172.20.0.0/22": "VirtualNetworkGateway"}


@pytest.mark.long
def test_nothing_is_written_in_the_region_that_failed(moved):
    """Nor read: no run needs an answer from there."""
    written = [one["resource"].lower() for one in moved[0].events if one["kind"] == "operation.accepted"]
    assert written
    assert not [one for one in written if "/rg-edge-eastus/" in one]


@pytest.fixture
def small(tmp_path_factory):
    """The service's plan with two devices, played by hand: the stage, with the host running."""
    folder = tmp_path_factory.mktemp("edge")
    plan = _plan_from(SERVICE, folder, **{"edge.fleet": None, "edge.devices.1": None})
    estate = _estate(tmp_path_factory, edge_service(0))
    with children() as started:
        stage = Theatre(folder, {}, estate, "max", started)
        stage.publish(plan)
        stage.raise_curtain()
        yield stage
        stage.close()


def test_an_abort_takes_everything_back_and_asks_for_the_devices(small):
    """Routes and rules are as they were; whoever changed a device is asked to put it back first."""
    before = _held(small)
    run = small.start(plan="edge-service")
    asked = small.asked(run, "wait-person")
    assert asked["question"].startswith("Change mill (the mill, control room) on its own screen")
    assert len(_routes(_documents(small), "/routetables/rt-edge-services")) == 14 + 18
    small.say(run, "abort", reason="the service is back")
    back = small.asked(run, "wait-person")
    assert back["question"].startswith("Put mill (the mill, control room) back")
    small.say(run, "approve", step=back["step"], answer="done")
    ended = small.ended(run)
    assert ended["outcome"] == "aborted", ended
    assert _held(small) == before


def _held(stage):
    """Everything that Azure holds, less what it says of a resource by itself."""
    found = {key: steady(one) for key, one in _documents(stage).items()}
    for one in found.values():
        one.get("properties", {}).pop("size", None)
    return found


def test_packages_are_there_when_the_person_is_asked(small):
    """The file to upload, the one before, and the package with its checklist."""
    run = small.start(plan="edge-service")
    small.asked(run, "wait-person")
    folder = small.stage.documents / "runs" / run / "packages"
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["mill.json", "service-tags-before.json", "service-tags-upload.json"]
    package = json.loads((folder / "mill.json").read_text())
    assert package["upload"]["document"] == "service-tags-upload.json"
    assert package["checklist"][0] == "Open the local screen of mill: Configuration > VPN > Configure."
    tags = json.loads((folder / "service-tags-upload.json").read_text())["values"]
    (storage,) = [one["properties"]["addressPrefixes"] for one in tags if one["name"] == "Storage.EastUS"]
    assert _addresses(net for net in prefixes_of(*RANGES["Storage", "westus"]) if ":" not in net) == [
        net for net in _addresses(one for one in storage if ":" not in one)
        if any(net.overlaps(ip_network(other)) for other in TARGET)
    ]  # fmt: skip
    small.say(run, "abort", reason="seen")


def _documents(stage):
    return {one["id"].lower(): one for one in stage.azure("state")["documents"]}


@pytest.mark.long
def test_a_full_table_moves_the_fleet_when_the_plan_says_so(play, tmp_path_factory):
    """Nothing fails in East US; 395 routes are there, 18 would be 413, and the gateway is made in West US."""
    documents = edge_region(1)
    (table,) = [one for one in documents if one["name"] == "rt-edge-services"]
    model = table["properties"]["routes"][0]
    table["properties"]["routes"] += [
        {**model, "name": f"more-{number}", "id": f"{model['id']}-{number}",
         "properties": {**model["properties"], "addressPrefix": f"10.{100 + number // 256}.{number % 256}.0/24"}}
        for number in range(381)
    ]  # fmt: skip
    changes = {"edge.situation": "service-failover", "edge.onLimit": "move-region", "edge.fleet.count": 1}
    plan = _plan_from(REGION, tmp_path_factory.mktemp("plan"), **changes)
    people = yaml.safe_load(_shipped("edge-region").read_text())["people"]
    done, after = play({"people": people}, plan, _estate(tmp_path_factory, documents))
    assert done.code == 0, done.said
    assert done.report["edge"]["how"] == "move-region"
    assert len(_routes(after, "/rg-edge-eastus/providers/microsoft.network/routetables/rt-edge-services")) == 395
    assert _addresses(_routes(after, "/rg-edge-westus/providers/microsoft.network/routetables/rt-edge-services")) == (
        _addresses(TARGET)
    )
