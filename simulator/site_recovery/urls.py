"""Which paths Site Recovery answers. A path that is not here is Azure's 404 for an unknown type."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.core.web import Handler, Url
from simulator.site_recovery import (
    infrastructure,
    item_responses,
    job_responses,
    plan_responses,
    vault_reports,
    vaults,
)

SUBSCRIPTION = "/subscriptions/{subscription}"
PROVIDER = f"{SUBSCRIPTION}/resourceGroups/{{group}}/providers/Microsoft.RecoveryServices"
VAULT = f"{PROVIDER}/vaults/{{vault}}"
FABRIC = f"{VAULT}/replicationFabrics/{{fabric}}"
CONTAINER = f"{FABRIC}/replicationProtectionContainers/{{container}}"
ITEM = f"{CONTAINER}/replicationProtectedItems/{{item}}"
CONTAINER_MAPPING = f"{CONTAINER}/replicationProtectionContainerMappings/{{mapping}}"
NETWORK_MAPPING = f"{FABRIC}/replicationNetworks/{{network}}/replicationNetworkMappings/{{mapping}}"
POLICY = f"{VAULT}/replicationPolicies/{{policy}}"
PLAN = f"{VAULT}/replicationRecoveryPlans/{{plan}}"
JOB = f"{VAULT}/replicationJobs/{{job}}"

ITEM_ACTIONS = (
    "unplannedFailover",
    "plannedFailover",
    "testFailover",
    "testFailoverCleanup",
    "failoverCommit",
    "failoverCancel",
    "applyRecoveryPoint",
    "reProtect",
)
PLAN_ACTIONS = ("unplannedFailover", "testFailover", "testFailoverCleanup", "failoverCommit", "reProtect")
NEVER_ANY = (
    "replicationAppliances",
    "replicationMigrationItems",
    "replicationRecoveryServicesProviders",
    "replicationStorageClassifications",
    "replicationStorageClassificationMappings",
    "replicationvCenters",
    "replicationEvents",
    "replicationNetworks",
)


def _infrastructure(
    pattern: str, *, patch: bool = False, post_remove: bool = False, delete: bool = True
) -> Iterator[Url]:
    yield Url("GET", pattern.rsplit("/", 1)[0], infrastructure.list_all)
    yield Url("GET", pattern, infrastructure.get)
    yield Url("PUT", pattern, infrastructure.put)
    if patch:
        yield Url("PATCH", pattern, infrastructure.put)
    if delete:
        yield Url("DELETE", pattern, infrastructure.remove)
    if post_remove:
        yield Url("POST", f"{pattern}/remove", infrastructure.remove)
    yield _result(pattern)


def _result(pattern: str) -> Url:
    return Url("GET", f"{pattern}/operationresults/{{operation}}", job_responses.operation_result)


def _actions(pattern: str, actions: tuple[str, ...], handler: Handler) -> list[Url]:
    return [Url("POST", f"{pattern}/{action}", handler) for action in actions]


URLS = [
    Url("GET", f"{SUBSCRIPTION}/providers/Microsoft.RecoveryServices/vaults", vaults.list_vaults),
    Url("GET", f"{PROVIDER}/vaults", vaults.list_vaults),
    Url("GET", VAULT, vaults.get_vault),
    Url("PUT", VAULT, vaults.put_vault),
    Url("PATCH", VAULT, vaults.put_vault),
    Url("DELETE", VAULT, vaults.delete_vault),
    Url("GET", f"{VAULT}/operationStatus/{{operation}}", vaults.operation_status),
    Url("GET", f"{VAULT}/operationResults/{{operation}}", vaults.operation_result),
    *_infrastructure(FABRIC, post_remove=True),
    *_infrastructure(CONTAINER, post_remove=True, delete=False),
    *_infrastructure(CONTAINER_MAPPING, patch=True, post_remove=True),
    *_infrastructure(NETWORK_MAPPING, patch=True),
    *_infrastructure(POLICY, patch=True),
    Url("GET", f"{VAULT}/replicationProtectionContainers", infrastructure.list_all),
    Url("GET", f"{VAULT}/replicationProtectionContainerMappings", infrastructure.list_all),
    Url("GET", f"{VAULT}/replicationNetworkMappings", infrastructure.list_all),
    Url("POST", f"{CONTAINER}/switchprotection", item_responses.switch_protection),
    Url("GET", f"{VAULT}/replicationProtectedItems", item_responses.list_items),
    Url("GET", f"{CONTAINER}/replicationProtectedItems", item_responses.list_items),
    Url("GET", ITEM, item_responses.get_item),
    Url("PUT", ITEM, item_responses.put_item),
    Url("PATCH", ITEM, item_responses.patch_item),
    Url("DELETE", ITEM, item_responses.remove),
    Url("POST", f"{ITEM}/remove", item_responses.remove),
    *_actions(ITEM, ITEM_ACTIONS, item_responses.act),
    Url("GET", f"{ITEM}/recoveryPoints", item_responses.list_points),
    Url("GET", f"{ITEM}/recoveryPoints/{{point}}", item_responses.get_point),
    _result(ITEM),
    Url("GET", f"{VAULT}/replicationRecoveryPlans", plan_responses.list_plans),
    Url("GET", PLAN, plan_responses.get_plan),
    Url("PUT", PLAN, plan_responses.put_plan),
    Url("PATCH", PLAN, plan_responses.put_plan),
    Url("DELETE", PLAN, plan_responses.delete_plan),
    *_actions(PLAN, PLAN_ACTIONS, plan_responses.act),
    _result(PLAN),
    Url("GET", f"{VAULT}/replicationJobs", job_responses.list_jobs),
    Url("GET", JOB, job_responses.get_job),
    Url("POST", f"{JOB}/cancel", job_responses.cancel_job),
    _result(JOB),
    Url("GET", f"{VAULT}/replicationOperationStatus/{{operation}}", job_responses.operation_status),
    Url("POST", f"{VAULT}/replicationJobs/export", vault_reports.export_jobs),
    *[Url("GET", f"{VAULT}/{word}", infrastructure.empty_list) for word in NEVER_ANY],
    Url("GET", f"{FABRIC}/replicationRecoveryServicesProviders", infrastructure.empty_list),
    Url("GET", f"{FABRIC}/replicationNetworks", infrastructure.empty_list),
    Url("GET", f"{VAULT}/replicationSupportedOperatingSystems", vault_reports.supported_systems),
    Url("GET", f"{VAULT}/replicationVaultHealth", vault_reports.get_health),
    Url("POST", f"{VAULT}/replicationVaultHealth/{{name}}/refresh", vault_reports.refresh_health),
    Url("GET", f"{VAULT}/replicationVaultHealth/operationresults/{{operation}}", job_responses.operation_result),
    Url("GET", f"{VAULT}/replicationAlertSettings", vault_reports.list_alert_settings),
    Url("GET", f"{VAULT}/replicationAlertSettings/{{name}}", vault_reports.get_alert_settings),
    Url("PUT", f"{VAULT}/replicationAlertSettings/{{name}}", vault_reports.put_alert_settings),
]
