"""What a vault tells of itself: health, alert settings, supported systems, an export of its jobs (VAULT #16 to #31)."""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

import copy
from typing import Any

from simulator.core import errors, ids
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.site_recovery import bodies, running, wire
from simulator.site_recovery.bodies import Document, site_recovery_id

ALERTS_TYPE = f"{bodies.VAULT_TYPE}/replicationAlertSettings"
HEALTH_TYPE = f"{bodies.VAULT_TYPE}/replicationVaultHealth"
SYSTEMS_TYPE = f"{bodies.VAULT_TYPE}/replicationSupportedOperatingSystems"
_COUNTED = (
    "testFailoverApplicableProtectedItemsCount",
    "testFailoverInProgressProtectedItemsCount",
    "testFailoverWaitingProtectedItemsCount",
    "protectedItemsCriticalCount",
    "protectedItemsWarningCount",
    "protectedItemsNeutralCount",
    "protectedItemsTestFailoverCriticalCount",
    "protectedItemsTestFailoverWarningCount",
    "protectedItemsConfigurationCriticalCount",
    "protectedItemsConfigurationWarningCount",
    "protectedItemsFailoverHealthCriticalCount",
    "protectedItemsFailoverHealthWarningCount",
)
_SYSTEMS = {
    "redhat": ("7.*", "8.*", "9.*"),
    "ubuntu": ("18.04", "20.04", "22.04"),
    "sles": ("12", "15"),
    "debian": ("10", "11", "12"),
}


def get_health(world: World, request: Request) -> Response:
    """One document, not a list, though its path is a collection's (VAULT #26)."""
    vault = request.path.rsplit("/", 1)[0]
    items = [item["properties"] for item in world.documents.of_type(bodies.ITEM_TYPE, vault)]
    counted = dict.fromkeys(_COUNTED, 0)
    counted |= {
        "testFailoverApplicableProtectedItemsCount": sum("TestFailover" in p["allowedOperations"] for p in items),
        "testFailoverWaitingProtectedItemsCount": sum(
            p.get("testFailoverState") == "WaitingForCompletion" for p in items
        ),
        "protectedItemsCriticalCount": sum(p.get("replicationHealth") == "Critical" for p in items),
        "protectedItemsWarningCount": sum(p.get("replicationHealth") == "Warning" for p in items),
        "protectedItemsFailoverHealthWarningCount": sum(p.get("failoverHealth") == "Warning" for p in items),
    }
    properties: Document = {
        "vaultErrors": [],
        "protectedItemsHealth": {"resourceCount": len(items), "issues": [], "categorizedResourceCounts": counted},
        "fabricsHealth": _count(world, vault, bodies.FABRIC_TYPE),
        "containersHealth": _count(world, vault, bodies.CONTAINER_TYPE),
    }
    return Response(200, {**_named(vault, "replicationVaultHealth", "Default"), "properties": properties})


def _count(world: World, vault: str, kind: str) -> Document:
    found = len(world.documents.of_type(kind, vault))
    return {"resourceCount": found, "issues": [], "categorizedResourceCounts": None}


def refresh_health(world: World, request: Request) -> Response:
    """A job like any other, of the vault itself (VAULT #23 to #28)."""
    vault = request.path.split("/replicationVaultHealth/", 1)[0]
    return running.simple(
        world,
        request,
        action="replicationVaultHealth/refresh",
        resource=f"{vault}/replicationVaultHealth/Default",
        result_at=f"{vault}/replicationVaultHealth",
        scenario="RefreshVaultHealth",
        target_kind="Vault",
        target="",
        finish=lambda: None,
    )


def export_jobs(world: World, request: Request) -> Response:
    """Its 202 names a job below replicationJobs (VAULT #29)."""
    vault = request.path.rsplit("/replicationJobs/", 1)[0]
    name = world.fresh_guid("operation", "export", vault)
    return running.simple(
        world,
        request,
        action="replicationJobs/export",
        resource=f"{vault}/replicationJobs/{name}",
        scenario="ExportJobs",
        target_kind="Vault",
        target="",
        finish=lambda: None,
        name=name,
    )


def supported_systems(world: World, request: Request) -> Response:
    """Of Azure's list, which is longer and changes, only what is common."""
    vault = request.path.rsplit("/", 1)[0]
    systems = [
        {"osName": name, "osType": "linux", "osVersions": [{"version": version} for version in versions]}
        for name, versions in _SYSTEMS.items()
    ]
    told = {"supportedOsList": [{"instanceType": "A2A", "supportedOs": systems}]}
    named = _named(vault, "replicationSupportedOperatingSystems", "Default")
    return Response(200, {**named, "properties": told})


def list_alert_settings(world: World, request: Request) -> Response:
    found = world.documents.of_type(ALERTS_TYPE, request.path.rsplit("/", 1)[0])
    return Response(200, {"value": copy.deepcopy(found), "nextLink": None})


def get_alert_settings(world: World, request: Request) -> Response:
    found = world.documents.get(request.path)
    return Response(200, copy.deepcopy(found)) if found else wire.not_found(ids.last(request.path))


def put_alert_settings(world: World, request: Request) -> Response:
    """The one write of Site Recovery that is done at once (VAULT #17)."""
    vault = request.path.split("/replicationAlertSettings/", 1)[0]
    if vault not in world.documents:
        return errors.resource_not_found(vault)
    sent: dict[str, Any] = (request.json or {}).get("properties") or {}
    properties = {
        "sendToOwners": sent.get("sendToOwners", "DoNotSend"),
        "customEmailAddresses": sent.get("customEmailAddresses") or [],
        "locale": sent.get("locale", "en_US"),
    }
    settings = {**_named(vault, "replicationAlertSettings", ids.last(request.path)), "properties": properties}
    world.documents.put(settings)
    return Response(200, copy.deepcopy(settings))


def _named(vault: str, word: str, name: str) -> Document:
    return {"name": name, "type": f"{bodies.VAULT_TYPE}/{word}", "id": site_recovery_id(vault, word, name)}
