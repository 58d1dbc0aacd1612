"""The runbook by hand: what a person types is what a run would send, and no secret stands in it."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

from domain.manual import manual


def _commands(text: str, beginning: str) -> list[list[str]]:
    return [shlex.split(line) for line in text.splitlines() if line.strip().startswith(beginning)]


def test_the_new_connection_is_put_with_the_very_body_of_the_runbook(case: Any) -> None:
    """IPsec policies and all: whatever a run would send stands in the command."""
    policy = {"ikeEncryption": "AES256", "pfsGroup": "PFS24"}
    case.document("cn-eastasia-datacenter")["properties"]["ipsecPolicies"] = [policy]
    runbook = case.compile()
    (put,) = _commands(manual(runbook), "az rest --method put")
    step = next(one for one in runbook.steps if one.kind == "connect-connection")
    assert json.loads(put[put.index("--body") + 1]) == step.settings["body"]
    assert step.settings["body"]["properties"]["ipsecPolicies"] == [policy]


def test_secrets_are_read_when_a_command_runs(case: Any) -> None:
    """The key is named by vault and secret only."""
    (update,) = re.findall(r".*shared-key update.*", manual(case.compile()))
    assert '"$(az keyvault secret show --vault-name kv-companyb-dr --name psk-datacenter' in update


def test_the_wanted_recovery_point_is_named(case: Any) -> None:
    """Latest needs none; any other is chosen from the item's points."""
    assert "POINT" in manual(case.compile())
    case.plan["workload"]["recoveryPoint"] = "Latest"
    assert "POINT" not in manual(case.compile())


def test_every_step_has_its_entry_and_says_whom_it_waits_for(case: Any) -> None:
    """Numbers are those of explain."""
    runbook = case.compile()
    text = manual(runbook)
    assert all(f"{number}. {step.name}" in text for number, step in enumerate(runbook.steps, 1))
    assert text.count("CANNOT BE UNDONE") == 9
