"""What a run leans on must outlive the failing region: vaults, secrets, logs, and the resource groups it writes to.

A resource group whose region is down cannot be updated, wherever its resources live (sources: Locks).
"""

from __future__ import annotations

from domain import arm_ids
from domain.findings import Findings
from domain.plans.reading import Plan
from domain.snapshot import region_name
from domain.workload import Workload

KEY_VAULT_TYPE = "Microsoft.KeyVault/vaults"
ADVICE = "ARM cannot update what a group holds whose own region is down: move it to a group elsewhere"


def check_survivors(plan: Plan, workload: Workload, findings: Findings) -> None:
    """Refuse what would fail with the region; warn of what the snapshot does not say.

    Where an application fails alone its region lives; yet a vault never stands in the region that it protects.
    """
    vault = findings.snapshot.get(workload.vault) or {}
    _check_region("workload.vault", arm_ids.name_of(workload.vault), vault.get("location"), plan, findings)
    if plan.scope == "application":
        return
    _check_group("workload.vault", arm_ids.resource_group_id(workload.vault), plan, findings)
    for item in workload.items:
        _check_group(f"workload item {item.name}", item.resource_group, plan, findings)
    for path, name in _key_vaults(plan).items():
        found = findings.snapshot.named(KEY_VAULT_TYPE, name)
        if found:
            _check_region(path, name, found[0].get("location"), plan, findings)
        else:
            findings.warn(f"the snapshot does not hold the Key Vault {name}: its region must not be the failing one")


def _check_group(path: str, group_id: str, plan: Plan, findings: Findings) -> None:
    document = findings.snapshot.get(group_id)
    name = arm_ids.name_of(group_id) if group_id else "none"
    if document is None:
        findings.warn(f"the snapshot does not hold the resource group {name}: its region must not be the failing one")
    else:
        _check_region(path, f"the resource group {name}", document.get("location"), plan, findings, ADVICE)


def _check_region(
    path: str, name: str, location: str | None, plan: Plan, findings: Findings, hint: str | None = None
) -> None:
    region = region_name(location)
    if region == plan.primary.region:
        findings.refuse(path, f"{name} in {region}", "one outside the failing region, usable on the day", hint)


def _key_vaults(plan: Plan) -> dict[str, str]:
    """Plan fields that name a Key Vault, each vault once."""
    named: dict[str, str] = {}
    for index, link in enumerate(plan.links):
        own = link.connect.shared_key if link.connect else None
        circuit = link.connect.authorization_key if link.connect else None
        for path, key in (
            (f"links[{index}].sharedKey", link.shared_key),
            (f"links[{index}].connect.sharedKey", own),
            (f"links[{index}].connect.authorizationKey", circuit),
        ):
            if key and key.vault not in named.values():
                named[path] = key.vault
    for name, site in plan.sites.items():
        if site.automation and site.automation.secret.vault not in named.values():
            named[f"sites.{name}.automation.secret"] = site.automation.secret.vault
    return named
