"""Extensions of machines: installed, shown, refused, and lost at failover; seen by the real compute client."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import ComputeManagementClient

from simulator.compute.extensions import watcher_agent

SOURCE, RECOVERY = "rg-companyb-eastasia", "rg-companyb-southeastasia"
SUBSCRIPTION = "0000b0b0-0000-4000-8000-00000000b0b0"
MACHINES = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{{}}/providers/Microsoft.Compute/virtualMachines"
AGENT = "NetworkWatcherAgentLinux"


def compute(azure: Any) -> Any:
    return ComputeManagementClient(
        azure.credential(),
        SUBSCRIPTION,
        base_url=azure.endpoint,
        credential_scopes=[f"{azure.endpoint}/.default"],
        **azure._pipeline(),
    )


def install(azure: Any, group: str, machine: str, name: str = AGENT, region: str = "eastasia") -> Any:
    properties = {
        "publisher": "Microsoft.Azure.NetworkWatcher",
        "type": AGENT,
        "typeHandlerVersion": "1.4",
        "autoUpgradeMinorVersion": True,
    }
    body = {"location": region, "properties": properties}
    extensions = compute(azure).virtual_machine_extensions
    return extensions.begin_create_or_update(group, machine, name, body, polling=azure.polling()).result(60)


def test_an_extension_is_installed_and_shown_with_its_machine(azure: Any) -> None:
    """Creating, then Succeeded; below the machine, and in its instance view (recorded)."""
    made = install(azure, SOURCE, "web1")
    assert made.properties.provisioning_state == "Succeeded"
    machine = compute(azure).virtual_machines.get(SOURCE, "web1", expand="instanceView")
    assert [one.name for one in machine.resources] == [AGENT]
    viewed = machine.properties.instance_view.extensions[0]
    assert (viewed.type, viewed.statuses[0].code) == (
        f"Microsoft.Azure.NetworkWatcher.{AGENT}",
        "ProvisioningState/succeeded",
    )
    assert watcher_agent(azure.world, MACHINES.format(SOURCE) + "/web1") is not None
    assert len(compute(azure).virtual_machine_extensions.list(SOURCE, "web1").value) == 1


def test_its_put_answers_as_recorded(azure: Any) -> None:
    """201 with a poll URL and no Location; protected settings never come back."""
    path = f"{MACHINES.format(SOURCE)}/web1/extensions/x?api-version=2020-06-01"
    properties = {"publisher": "P", "type": "T", "typeHandlerVersion": "1.0", "protectedSettings": {"key": "value"}}
    begun = azure.raw("PUT", path, {"location": "eastasia", "properties": properties})
    assert begun.status_code == 201
    assert begun.headers["Azure-AsyncNotification"] == "Enabled"
    assert "Location" not in begun.headers
    assert begun.json()["properties"] == {
        "provisioningState": "Creating",
        "publisher": "P",
        "type": "T",
        "typeHandlerVersion": "1.0",
    }


def test_a_second_of_one_kind_is_refused_by_the_first_ones_name(azure: Any) -> None:
    """One extension for each handler, whatever its name (documented)."""
    install(azure, SOURCE, "web1")
    with pytest.raises(HttpResponseError, match=f"'{AGENT}' with handler"):
        install(azure, SOURCE, "web1", name="another")
    install(azure, SOURCE, "web1")


def test_a_machine_that_does_not_run_takes_none(azure: Any) -> None:
    """409 for one that is stopped; a machine in a dark region fails its agent's report."""
    compute(azure).virtual_machines.begin_deallocate(SOURCE, "web1", polling=azure.polling()).result(60)
    with pytest.raises(HttpResponseError, match="when the VM is not running"):
        install(azure, SOURCE, "web1")
    azure.fault(region="eastasia", dark="data-plane")
    with pytest.raises(HttpResponseError, match="has not reported status for VM agent"):
        install(azure, SOURCE, "web2")


def test_a_failover_leaves_extensions_behind(azure: Any) -> None:
    """The recovered machine has none until somebody installs them there."""
    install(azure, SOURCE, "dc1")
    azure.fail_over("dc1")
    azure.advance(300)
    recovered = f"{MACHINES.format(RECOVERY)}/dc1"
    assert compute(azure).virtual_machines.get(RECOVERY, "dc1").resources is None
    assert watcher_agent(azure.world, recovered) is None
    install(azure, RECOVERY, "dc1", region="southeastasia")
    assert watcher_agent(azure.world, recovered) is not None


def test_an_extension_goes_by_an_operation_or_with_its_machine(azure: Any) -> None:
    """DELETE, then DELETE again is nothing."""
    install(azure, SOURCE, "web1")
    poll = {"polling": azure.polling()}
    extensions = compute(azure).virtual_machine_extensions
    extensions.begin_delete(SOURCE, "web1", AGENT, **poll).result(60)
    extensions.begin_delete(SOURCE, "web1", AGENT, **poll).result(60)
    install(azure, SOURCE, "web1")
    compute(azure).virtual_machines.begin_delete(SOURCE, "web1", **poll).result(60)
    assert watcher_agent(azure.world, f"{MACHINES.format(SOURCE)}/web1") is None
