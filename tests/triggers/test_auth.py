"""Who comes in: keys for machines, the platform's principal for people, and nobody else."""

from __future__ import annotations

import base64
import json
from typing import Any

import azure.functions as func
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triggers import auth
from triggers.doors import DOORS
from triggers.problems import Problem

JSON_HEADERS = {"Content-Type": "application/json"}


def principal(*roles: str, name: str = "ada@companyb.example", **change: Any) -> str:
    claims = [{"typ": "preferred_username", "val": name}, *({"typ": "roles", "val": role} for role in roles)]
    document = {"auth_typ": "aad", "claims": claims, "name_typ": "name", "role_typ": "roles", **change}
    return base64.b64encode(json.dumps(document).encode()).decode()


def request(header: str | None = None, method: str = "GET", **headers: str) -> func.HttpRequest:
    given = {**JSON_HEADERS, **headers} | ({auth.PRINCIPAL_HEADER: header} if header is not None else {})
    return func.HttpRequest(method, "https://app.example/api/x", headers=given, body=b"")


@pytest.fixture
def _platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(auth.AUTH_SETTING, "True")


def test_every_door_needs_a_key_or_goes_through_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the platform's authentication off all need a key; with it on, only doors of people are not behind one."""
    for setting in ("", "False", "0", "yes"):
        monkeypatch.setenv(auth.AUTH_SETTING, setting)
        assert {auth.level_for(door.access) for door in DOORS} == {func.AuthLevel.FUNCTION}
    monkeypatch.setenv(auth.AUTH_SETTING, "True")
    for door in DOORS:
        level = auth.level_for(door.access)
        assert (level is func.AuthLevel.ANONYMOUS) is door.access.for_people
        if level is func.AuthLevel.ANONYMOUS:
            with pytest.raises(Problem) as refused:
                auth.admit(request(), door.access, level)
            assert refused.value.status == 401


def test_a_principal_is_believed_only_where_the_platform_authenticates(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client may send any header; where nothing strips it, it opens nothing and names nobody."""
    monkeypatch.delenv(auth.AUTH_SETTING, raising=False)
    with pytest.raises(Problem) as refused:
        auth.admit(request(principal("Commander")), auth.COMMANDERS, func.AuthLevel.ANONYMOUS)
    assert refused.value.status == 401
    caller = auth.admit(request(principal("Commander")), auth.COMMANDERS, func.AuthLevel.FUNCTION)
    assert caller.named("lin") == "lin"


@pytest.mark.usefixtures("_platform")
def test_one_of_the_doors_roles_is_needed() -> None:
    """Other roles, and roles that are not Bridgehead's, are not enough."""
    level = func.AuthLevel.ANONYMOUS
    caller = auth.admit(request(principal("Observer", "Commander")), auth.COMMANDERS, level)
    assert caller.named("somebody else") == "ada@companyb.example"
    for roles in ((), ("Observer",), ("commander",), ("Admin", "Global Administrator"), ("Machine",)):
        with pytest.raises(Problem) as refused:
            auth.admit(request(principal(*roles)), auth.COMMANDERS, level)
        assert refused.value.status == 403
        assert "Commander" in refused.value.detail


@pytest.mark.usefixtures("_platform")
def test_starting_is_approving_only_for_an_approver() -> None:
    """A commander's run waits for an approver; whoever is both has said yes."""
    level = func.AuthLevel.ANONYMOUS
    assert not auth.admit(request(principal("Commander")), auth.COMMANDERS, level).may_approve
    assert auth.admit(request(principal("Commander", "Approver")), auth.COMMANDERS, level).may_approve
    assert auth.KEY_HOLDER.may_approve


@pytest.mark.usefixtures("_platform")
def test_a_browser_form_of_another_site_is_not_believed() -> None:
    """A signed-in person's browser sends cookies along with a foreign form, but never as JSON."""
    level = func.AuthLevel.ANONYMOUS
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        with pytest.raises(Problem) as refused:
            auth.admit(request(principal("Commander"), "POST", **{"Content-Type": kind}), auth.COMMANDERS, level)
        assert refused.value.status == 415


@pytest.mark.usefixtures("_platform")
@given(st.one_of(st.text(max_size=60), st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode())))
def test_any_header_is_a_principal_or_refused(header: str) -> None:
    """Nothing but a Problem is raised, and nothing unreadable comes in."""
    with pytest.raises(Problem):
        auth.admit(request(header), auth.EVERYBODY, func.AuthLevel.ANONYMOUS)


@pytest.mark.usefixtures("_platform")
@pytest.mark.parametrize(
    "change",
    [
        {"claims": None},
        {"claims": "Commander"},
        {"claims": [["roles", "Commander"]]},
        {"claims": [{"typ": "roles", "val": "Commander"}]},
        {"claims": [{"typ": {}, "val": []}]},
    ],
)
def test_a_principal_of_the_wrong_shape_is_nobody(change: dict[str, Any]) -> None:
    """Also one that has the role and names nobody: an approval needs a name."""
    with pytest.raises(Problem) as refused:
        auth.admit(request(principal(**change)), auth.COMMANDERS, func.AuthLevel.ANONYMOUS)
    assert refused.value.status == 401


def test_without_a_key_no_door_answers(stage: Any) -> None:
    """Whatever principal a client invents."""
    invented = {auth.PRINCIPAL_HEADER: principal("Observer", "Commander", "Approver")}
    for door in DOORS:
        path = door.route.replace("{id}", "company-b-0123456789").replace("{name}", "company-b")
        for headers in ({}, invented):
            assert stage.call(door.method, path, key=None, headers=headers).status_code == 401, door.name


def test_people_act_under_their_own_name_where_they_sign_in(signed_in: Any) -> None:
    """The principal's name wins over what the body claims; a commander's own run still asks for approval."""
    commander = {auth.PRINCIPAL_HEADER: principal("Commander", name="ada")}
    approver = {auth.PRINCIPAL_HEADER: principal("Approver", name="grace")}
    body = {"plan": "company-b", "mode": "failover", "idempotencyKey": "who-1", "reason": "ask 1", "by": "mallory"}
    started = signed_in.post("failovers", body, key=None, headers=commander)
    assert started.status_code == 202, started.text
    assert started.json()["startedBy"] == "ada"
    run = started.json()["run"]
    assert '"approved_by"' not in signed_in.instance(run)["input"]
    observer = {auth.PRINCIPAL_HEADER: principal("Observer", name="olga")}
    for _ in range(200):
        if signed_in.get(f"failovers/{run}", key=None, headers=observer).json()["control"]["waits"]:
            break
    path = f"failovers/{run}/approve"
    assert signed_in.post(path, {}, key=None, headers=commander).status_code == 403
    assert signed_in.post(path, {}, key=None).status_code == 401
    assert signed_in.post(path, {}).status_code == 401
    assert signed_in.post(path, {"by": "mallory"}, key=None, headers=approver).json()["by"] == "grace"
    for _ in range(200):
        view = signed_in.get(f"failovers/{run}", key=None, headers=observer).json()
        if view["outcome"]:
            break
    assert view["output"]["answers"][0]["by"] == "grace"
