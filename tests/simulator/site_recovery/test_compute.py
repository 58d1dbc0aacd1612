"""Virtual machines: read back, started, stopped and deleted, where their region lets them."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

GROUP = "rg-companyb-eastasia"


def power(azure: Any, name: str = "dc1") -> str:
    machine = azure.machines.virtual_machines.get(GROUP, name, expand="instanceView")
    return next(str(status.code) for status in machine.instance_view.statuses if status.code.startswith("Power"))


def test_a_machine_shows_its_power_only_when_it_is_asked_for(azure: Any) -> None:
    """GET without $expand has no instance view; a list never has."""
    machine = azure.machines.virtual_machines.get(GROUP, "dc1")
    assert (machine.location, machine.instance_view) == ("eastasia", None)
    assert power(azure) == "PowerState/running"
    listed = list(azure.machines.virtual_machines.list(GROUP))
    assert len(listed) == 9
    assert all(each.instance_view is None for each in listed)
    assert len(list(azure.machines.virtual_machines.list_all())) == 9


@pytest.mark.parametrize(
    ("verb", "state"),
    [("deallocate", "PowerState/deallocated"), ("power_off", "PowerState/stopped"), ("start", "PowerState/running")],
)
def test_power_changes_when_the_operation_ends(azure: Any, verb: str, state: str) -> None:
    """202 with both headers; polls show startTime, status and name, and endTime at the end."""
    answer = azure.raw(getattr(azure.machines.virtual_machines, f"begin_{verb}"), GROUP, "dc1")
    assert (answer.status_code, answer.text()) == (202, "")
    assert "monitor=true" in answer.headers["Location"]
    polled = azure.send("GET", answer.headers["Azure-AsyncOperation"]).json()
    assert set(polled) == {"startTime", "status", "name"}
    azure.wait(90)
    assert power(azure) == state
    assert azure.status(answer)["endTime"]
    up = azure.world.machines.up(azure.world.machines.get(azure.machines.virtual_machines.get(GROUP, "dc1").id))
    assert up == (verb == "start")


def test_a_deleted_machine_leaves_its_interface(azure: Any) -> None:
    """404 afterwards; deleting what is not there is 204."""
    azure.raw(azure.machines.virtual_machines.begin_delete, GROUP, "dc1")
    azure.wait(60)
    with pytest.raises(ResourceNotFoundError):
        azure.machines.virtual_machines.get(GROUP, "dc1")
    nics = f"/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/{GROUP}/providers/Microsoft.Network"
    nic = azure.send("GET", f"{nics}/networkInterfaces/dc1-nic").json()
    assert "virtualMachine" not in nic["properties"]
    assert azure.raw(azure.machines.virtual_machines.begin_delete, GROUP, "dc1").status_code == 204


def test_in_a_dark_region_nothing_of_a_machine_can_be_read(make_azure: Any) -> None:
    """A dark control plane answers for its machines as the scenario says."""
    dark = {"at": 0, "region": "eastasia", "dark": "control-plane", "answer": "503"}
    azure = make_azure({"faults": [dark]})
    with pytest.raises(HttpResponseError) as refused:
        azure.machines.virtual_machines.get(GROUP, "dc1")
    assert refused.value.status_code == 503


def test_a_machine_dies_with_its_regions_data_plane_and_comes_back_with_it(make_azure: Any) -> None:
    """The control plane still says running; only the agent tells otherwise."""
    dark = {"at": 60, "for": 600, "region": "eastasia", "dark": "data-plane"}
    azure = make_azure({"faults": [dark]})
    azure.wait(120)
    view = azure.machines.virtual_machines.instance_view(GROUP, "dc1")
    assert view.vm_agent.statuses[0].display_status == "Not Ready"
    assert power(azure) == "PowerState/running"
    assert len(azure.events("machine.down")) == 9
    azure.wait(600)
    assert len(azure.events("machine.up")) == 18
