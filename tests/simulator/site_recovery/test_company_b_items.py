"""Company B's machines and their protection, as documents that the SDK's own models read and write back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from azure.mgmt.recoveryservicessiterecovery import models
from azure.mgmt.recoveryservicessiterecovery._utils.model_base import SdkJSONEncoder, _deserialize

from simulator.site_recovery.company_b_items import item_id, machines, protected_estate

MODELS = {
    "replicationFabrics": models.Fabric,
    "replicationProtectionContainers": models.ProtectionContainer,
    "replicationProtectedItems": models.ReplicationProtectedItem,
    "replicationRecoveryPlans": models.RecoveryPlan,
    "replicationPolicies": models.Policy,
    "replicationNetworkMappings": models.NetworkMapping,
    "replicationProtectionContainerMappings": models.ProtectionContainerMapping,
}


def kind(document: dict[str, Any]) -> str:
    return str(document["type"]).rsplit("/", 1)[1]


@pytest.mark.parametrize("count", [1, 3, 9, 10, 300])
def test_every_document_survives_the_sdks_models_unchanged(count: int) -> None:
    """What the simulator starts from holds nothing that the real client would drop or misread."""
    read = [document for document in protected_estate(count) if kind(document) in MODELS]
    for document in read:
        model = _deserialize(MODELS[kind(document)], document)
        assert json.loads(json.dumps(model, cls=SdkJSONEncoder)) == document
    assert len([document for document in read if kind(document) == "replicationProtectedItems"]) == count


def test_nine_machines_have_the_names_and_addresses_of_company_b() -> None:
    """Data, application and web tier, each in its subnet, from the fourth address on."""
    told = [[(machine.name, machine.address) for machine in tier] for tier in machines(9)]
    assert told[0] == [("dc1", "10.1.3.4"), ("sql1", "10.1.3.5"), ("sql2", "10.1.3.6")]
    assert told[1] == [("app1", "10.1.2.4"), ("app2", "10.1.2.5"), ("app3", "10.1.2.6")]
    assert told[2] == [("web1", "10.1.1.4"), ("web2", "10.1.1.5"), ("web3", "10.1.1.6")]


def test_the_recovery_plan_boots_the_tiers_in_order() -> None:
    """Shutdown and Failover first and empty, as the service makes them, then data, application, web."""
    plan = next(document for document in protected_estate(9) if kind(document) == "replicationRecoveryPlans")
    groups = plan["properties"]["groups"]
    assert [group["groupType"] for group in groups] == ["Shutdown", "Failover", "Boot", "Boot", "Boot"]
    assert groups[2]["replicationProtectedItems"][0]["id"] == item_id("dc1")
    assert [len(group["replicationProtectedItems"]) for group in groups] == [0, 0, 3, 3, 3]


def test_target_address_is_the_source_address() -> None:
    """Every item keeps its address in the recovery network."""
    for document in protected_estate(9):
        if kind(document) == "replicationProtectedItems":
            settings = document["properties"]["providerSpecificDetails"]["vmNics"][0]["ipConfigs"][0]
            assert settings["recoveryStaticIPAddress"] == settings["staticIPAddress"]


@pytest.mark.parametrize("count", [0, 751])
def test_an_estate_that_fits_no_subnet_is_refused(count: int) -> None:
    """The tiers' subnets hold 250 machines each."""
    with pytest.raises(ValueError, match="1 to 750"):
        protected_estate(count)
