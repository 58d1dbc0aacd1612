"""What the command says of a plan before the day."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

MISTAKES = {
    "apiVersion": "bridgehead/v2",
    "name": "Company B",
    "recovery": {"region": "South East Asia"},
    "objectives": {"rto": "half an hour"},
    "trigger": {"automatik": True},
    "routing": {"reach": [{"address": "10.1.1.4", "port": 99999}], "deadline": 15},
}


def test_a_valid_plan_is_said_to_be_valid_and_to_compile(bridgehead, plan):
    """The snapshot of plans/NAME.yaml is estates/NAME.json unless another is named."""
    done = bridgehead("validate", plan)
    assert done.exit_code == 0
    assert "valid, and compiles against" in done.stdout


def test_all_mistakes_of_a_plan_are_told_together_each_with_its_field(bridgehead, plan, tmp_path):
    """A plan with ten different mistakes is mended in one go."""
    broken = yaml.safe_load(plan.read_text()) | MISTAKES
    broken["links"][0]["site"] = "datacentre"
    broken["links"][0]["fence"] = "webhok"
    broken["workload"]["recoverPoint"] = "Latest"
    path = tmp_path / "broken.yaml"
    path.write_text(yaml.safe_dump(broken))
    done = bridgehead("validate", path)
    assert done.exit_code == 2
    assert done.stdout == ""
    for field in (
        "apiVersion", "name", "recovery.region", "objectives.rto", "trigger.automatik", "routing.reach[0].port",
        "routing.deadline", "links[0].site", "links[0].fence", "workload.recoverPoint",
    ):  # fmt: skip
        assert f"  {field}:" in done.stderr, field
    assert "did you mean 'datacenter'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_estate_that_lacks_a_resource_is_refused_by_the_plans_field(bridgehead, plan, estate, tmp_path):
    """The nearest name that the estate does hold is offered."""
    without = [one for one in json.loads(estate.read_text()) if not one["id"].endswith("/cn-eastasia-datacenter")]
    path = tmp_path / "estate.json"
    path.write_text(json.dumps(without))
    done = bridgehead("validate", plan, "--snapshot", path)
    assert done.exit_code == 2
    assert "links[0].disconnect" in done.stderr


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not JSON"),
        (b'{"a": 1}', "expected a list of ARM documents"),
        (b'[{"type": "x"}]', "expected an ARM resource id"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_file_that_is_no_snapshot_is_named_with_its_reason(bridgehead, plan, tmp_path, content, said):
    """Bad input never ends in a stack trace."""
    path = tmp_path / "estate.json"
    path.write_bytes(content)
    done = bridgehead("explain", plan, "--snapshot", path)
    assert done.exit_code == 2
    assert "estate.json" in done.stderr
    assert said in done.stderr


def test_a_misspelt_file_gets_its_neighbour_offered(bridgehead, plan):
    """The commonest mistake is a letter."""
    done = bridgehead("validate", plan.with_name("company-c.yaml"))
    assert done.exit_code == 2
    assert "company-b.yaml" in done.stderr


def test_validate_speaks_json_for_good_and_bad_plans_alike(bridgehead, plan, tmp_path):
    """An editor's or a pipeline's check reads one document, whatever the result."""
    good = bridgehead("validate", plan, "--json")
    assert json.loads(good.stdout)["valid"] is True
    path = tmp_path / "bad.yaml"
    path.write_text("apiVersion: 1\n")
    bad = bridgehead("validate", path, "--json")
    assert bad.exit_code == 2
    assert json.loads(bad.stdout)["valid"] is False
    assert json.loads(bad.stdout)["errors"]


def test_explain_says_who_waits_for_whom_how_long_and_what_cannot_be_undone(bridgehead, plan):
    """Everything that a person wants to know before the event."""
    text = bridgehead("explain", plan).stdout
    for said in ("fail over dc1", "cannot be undone", "Critical path", "Point of no return", "waits for"):
        assert said in text
    assert "\x1b[" not in text


def test_explain_json_is_the_runbook_with_its_hash(bridgehead, plan):
    """The same plan and snapshot have the same hash in any process."""
    first = json.loads(bridgehead("explain", plan, "--json").stdout)
    second = json.loads(bridgehead("explain", plan, "--json").stdout)
    assert first == second
    assert first["mode"] == "failover"
    assert {step["kind"] for step in first["steps"]} >= {"disconnect-connection", "failover-item", "verify-routing"}


def test_a_mode_that_does_not_exist_is_a_usage_error(bridgehead, plan):
    """typer names the modes."""
    done = bridgehead("explain", plan, "--mode", "sideways")
    assert done.exit_code == 2
    assert "failback" in done.stderr


@pytest.mark.parametrize("kind", ["plan", "scenario"])
def test_the_published_schemas_are_current(bridgehead, root, kind):
    """``bridgehead schema KIND > docs/KIND.schema.json`` after a change of a model."""
    published = json.loads((root / "docs" / f"{kind}.schema.json").read_text())
    assert json.loads(bridgehead("schema", kind).stdout) == published


def test_shipped_files_hold_under_their_schemas(root: Path):
    """An editor that checks by the schema agrees with the command."""
    import jsonschema

    for folder, kind in (("plans", "plan"), ("scenarios", "scenario")):
        schema = json.loads((root / "docs" / f"{kind}.schema.json").read_text())
        for path in sorted((root / folder).glob("*.yaml")):
            jsonschema.validate(_as_json(yaml.safe_load(path.read_text())), schema)


def _as_json(value: object) -> object:
    """As an editor sees it: YAML 1.2, where ``on`` is a word and a time is text."""
    return json.loads(json.dumps(value, default=str).replace('"true": ', '"on": '))


@pytest.mark.parametrize("documents", ["", "  ", "ftp://store.example/plans", "http://store.example/plans"])
def test_publish_knows_where_to_or_publishes_nothing(bridgehead, plan, estate, tmp_path, documents):
    """Neither an empty setting nor a URL that is no blob container becomes a folder by accident."""
    done = bridgehead("publish", plan, estate, "--documents", documents)
    assert done.exit_code == 2
    assert "expected" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_report_that_could_not_be_written_is_told_before_the_rehearsal(bridgehead, plan, tmp_path):
    """Not after it, with the report lost."""
    (tmp_path / "taken").write_text("")
    for wrong in ("taken", "taken/below"):
        done = bridgehead("rehearse", plan, "--report", tmp_path / wrong)
        assert done.exit_code == 2
        assert "folder for the report" in done.stderr


def test_names_unknown_to_the_snapshot_are_told_beside_the_plans_own_mistakes(
    bridgehead: Any, plan: Path, estate: Path, tmp_path: Path
) -> None:
    """A wrong field and a connection that does not exist come in one answer."""
    text = plan.read_text().replace("disconnect: cn-eastasia-datacenter", "disconnect: cn-eastasia-datacentre")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(text.replace("within: 3m", "within: soon"))
    done = bridgehead("validate", wrong, "--snapshot", estate)
    assert done.exit_code == 2
    assert "links[0].within" in done.stderr
    assert "links[0].disconnect" in done.stderr
    assert "did you mean 'cn-eastasia-datacenter'?" in done.stderr


@pytest.fixture
def drilled(plan, estate, tmp_path):
    """The sample plan with a schedule, beside the sample estate."""
    path = tmp_path / "drilled.yaml"
    path.write_text(plan.read_text() + '\ndrills: {schedule: "0 0 6 * * SAT", timeZone: Asia/Singapore}\n')
    return path, "--snapshot", estate


@pytest.mark.parametrize("command", ["validate", "explain"])
def test_the_next_three_drills_are_told_in_the_plans_zone_and_in_utc(bridgehead, drilled, command):
    """Saturday six o'clock in Singapore is Friday ten in the evening in UTC, and a week lies between two."""
    drills = json.loads(bridgehead(command, *drilled, "--json").stdout)["drills"]
    told = [(datetime.fromisoformat(one["local"]), datetime.fromisoformat(one["utc"])) for one in drills["next"]]
    assert [local == utc for local, utc in told] == [True] * 3
    assert {f"{local:%a %H:%M %z}, {utc:%a %H:%M %z}" for local, utc in told} == {"Sat 06:00 +0800, Fri 22:00 +0000"}
    assert told[2][1] - told[0][1] == timedelta(days=14)
    text = bridgehead(command, *drilled).stdout
    assert "next drills (0 0 6 * * SAT, Asia/Singapore):" in text
    assert f"  {told[0][0]:%a %Y-%m-%d %H:%M:%S}   {told[0][1]:%a %Y-%m-%d %H:%M:%S} UTC" in text


def test_a_zone_or_a_schedule_that_is_none_is_an_error_of_its_field(bridgehead, plan, tmp_path):
    """With what was found, what was expected and the nearest zone."""
    path = tmp_path / "broken.yaml"
    for drills, said in (
        ("{schedule: 0 0 6 * * SAT, timeZone: Singapore!}", "found 'Singapore!'; did you mean 'Asia/Singapore'?"),
        ("{schedule: 0 0 6 * * SAT, timeZone: SGT}", "drills.timeZone: expected an IANA time zone such as Asia/Sing"),
        ("{schedule: 0 0 6 31 2 *}", "drills.schedule: expected a day that comes, found '0 0 6 31 2 *'"),
        ("{schedule: 0 */5 * * * *}", "drills.schedule: expected at most one drill an hour"),
        ("{schedule: 0 0 25 * * *}", "hour '25': '25' is not a value from 0 to 23"),
        ("{timeZone: UTC}", "drills.schedule: expected a value, found nothing"),
    ):  # fmt: skip
        path.write_text(plan.read_text() + f"\ndrills: {drills}\n")
        done = bridgehead("validate", path)
        assert done.exit_code == 2
        assert said in done.stderr


def test_a_plan_without_a_schedule_says_nothing_of_drills(bridgehead, plan):
    """No drill begins by itself."""
    assert "drill" not in bridgehead("validate", plan).stdout
    assert "drills" not in json.loads(bridgehead("explain", plan, "--json").stdout)
