"""Bad input gets its clear error, the right exit code or status, and nothing starts."""

from __future__ import annotations

import json

import pytest
import yaml
from staging import ESTATE, PLAN, START, command, plan_with

from cli.rehearsal.alert import payload
from cli.rehearsal.script import Alert

TEN_MISTAKES = {
    "apiVersion": "bridgehead/v9",
    "name": "Company B!",
    "objectives.rto": "soon",
    "trigger.automatic": "perhaps",
    "trigger.decideWithin": "-5m",
    "sites.datacenter.prefixes": ["10.50.0.0/33"],
    "sites.datacenter.asn": "many",
    "links.0.site": "datacentre",
    "links.0.fence": "magic",
    "workload.recoveryPiont": "LatestProcessed",
    "routing.reach": [{"address": "10.1.1.4", "port": 70000}],
}
TOLD = [
    "apiVersion: expected one of bridgehead/v1, found 'bridgehead/v9'",
    "name: expected text like",
    "objectives.rto: expected a duration such as",
    "trigger.automatic: expected true or false, found 'perhaps'",
    "trigger.decideWithin: expected a duration",
    "sites.datacenter.prefixes[0]: expected an address prefix",
    "sites.datacenter.asn: expected a whole number",
    "links[0].site: expected the name of one of sites, found 'datacentre'; did you mean 'datacenter'?",
    "links[0].fence: expected one of webhook, person, accept-split-risk, authorization, found 'magic'",
    "workload.recoveryPiont: expected one of",
    "routing.reach[0].port: expected at most 65535",
]


def _bad_plan(folder):
    path = plan_with(folder, **{key: value for key, value in TEN_MISTAKES.items() if key != "name"})
    document = yaml.safe_load(path.read_text())
    bad = folder / "bad.yaml"
    bad.write_text(yaml.safe_dump({**document, "name": TEN_MISTAKES["name"]}))
    return bad


def _documents(names=()):
    return [one for one in json.loads(ESTATE.read_text()) if not one["id"].endswith(tuple(names) or ("/no-such",))]


def _second_network():
    """Another network with the same space, joined to the same site, that the plan does not disconnect."""
    names = ["vnet", "pip-vgw", "vgw"]
    names = [f"{name}-companyb-eastasia" for name in names] + ["lng-datacenter-eastasia", "cn-eastasia-datacenter"]
    copies = []
    for document in _documents():
        if document["name"] in names:
            text = json.dumps(document)
            for name in names:
                text = text.replace(f'{name}"', f'{name}-2"').replace(f"{name}/", f"{name}-2/")
            copies.append(json.loads(text))
    return copies


def _refused(folder, plan, estate, *told):
    """Both commands say it all at once, exit with 2, and leave nothing behind."""
    before = sorted(folder.rglob("*"))
    for arguments in (
        ("rehearse", plan, "--estate", estate),
        ("publish", plan, estate, "--documents", folder / "docs"),
    ):
        done = command(folder, *arguments)
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        for sentence in told:
            assert sentence in done.stderr, (sentence, done.stderr)
    left = [path for path in sorted(folder.rglob("*")) if path not in before and path.is_file()]
    assert left == []


def test_ten_mistakes_in_a_plan_are_told_together(tmp_path):
    """Each by its field, what was found, what was expected, and the nearest name."""
    _refused(tmp_path, _bad_plan(tmp_path), ESTATE, *TOLD)


def test_an_estate_that_lacks_what_the_plan_names_is_refused(tmp_path):
    """By the plan's field, with the name that is not there."""
    estate = tmp_path / "lacks.json"
    estate.write_text(json.dumps(_documents(["/vgw-companyb-southeastasia"])))
    _refused(tmp_path, PLAN, estate, "links[0].connect.gateway", "'vgw-companyb-southeastasia'", "does not hold")


@pytest.mark.parametrize("how", ["kept", "second"])
def test_overlapping_networks_that_would_both_be_connected_are_refused(tmp_path, how):
    """The old connection is not disconnected; or another network of the same space stays joined to the site."""
    estate, plan = ESTATE, PLAN
    if how == "kept":
        plan = plan_with(tmp_path, **{"links.0.disconnect": None})
    else:
        estate = tmp_path / "overlap.json"
        estate.write_text(json.dumps(_documents() + _second_network()))
    still = "cn-eastasia-datacenter" + ("-2" if how == "second" else "")
    _refused(tmp_path, plan, estate, "never two ways home to one site", f"while {still} still joins", "10.1.0.0/16")


def _alert(**changes):
    alert = Alert(tracking_id="BADA-123", services=("Virtual Machines",), regions=("East Asia",))
    alert = alert.model_copy(update=changes)
    return payload(alert, impact=START, fired=START, subscription="0000b0b0-0000-4000-8000-00000000b0b0")


@pytest.fixture(scope="module")
def stage(theatre):
    return theatre()


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"East Asia is down", 400, "JSON"),
        (b"", 400, ""),
        (b'{"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": ', 400, "JSON"),
        (b'{"x": "' + b"a" * 2 * 1024 * 1024 + b'"}', 413, "1"),
        (json.dumps({"schemaId": "somethingElse", "data": {}}).encode(), 400, "schemaId"),
        (json.dumps({"hello": "world"}).encode(), 400, "schemaId"),
        (json.dumps([_alert()]).encode(), 400, ""),
        (json.dumps(_alert(regions=("Eest Asia",))).encode(), 400, "East Asia"),
    ],
    ids=["not JSON", "nothing", "half", "2 MB", "wrong schema", "no schema", "a list", "unknown region"],
)
def test_what_is_no_alert_is_refused_with_a_reason(stage, body, status, said):
    """A problem document (RFC 9457), and neither an orchestration nor a call to Azure."""
    known, log = len(stage.instances()), len(stage.of("request"))
    answer = stage.call("POST", "alerts/service-health", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["status"] == status
    assert said in answer.text
    stage.pass_time(120)
    assert len(stage.instances()) == known == 0
    assert len(stage.of("request")) == log


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"plan": "company-b", "mode": "failover"}, 400, "idempotencyKey"),
        ({"plan": "company-c", "mode": "failover", "idempotencyKey": "k"}, 400, "company-c"),
        ({"plan": "company-b", "mode": "drill", "idempotencyKey": "k"}, 400, "drill"),
        ({"plan": "company-b", "mode": "sideways", "idempotencyKey": "k"}, 400, "mode"),
        ({"plan": "../company-b", "mode": "failover", "idempotencyKey": "k"}, 400, "plan"),
        ([], 400, ""),
    ],
)
def test_a_start_that_makes_no_sense_starts_nothing(stage, body, status, said):
    """The field and what was expected of it."""
    answer = stage.call("POST", "failovers", body)
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert stage.instances() == []
    assert stage.of("request") == []
    assert stage.call("GET", "failovers").json()["failovers"] == []


def test_nobody_without_a_key_starts_anything(stage):
    """No door is open by accident."""
    for path in ("alerts/service-health", "failovers"):
        answer = stage.call("POST", path, _alert(), headers={"x-functions-key": "guess"})
        assert answer.status_code == 401, answer.text
    assert stage.instances() == []
