"""Fabrics, containers, mappings and policies: made, listed and removed, all in one way (A2A #22 to #136)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from simulator.core import ids
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.site_recovery import bodies, running, wire
from simulator.site_recovery.bodies import Document
from simulator.site_recovery.item_actions import settings_of


@dataclass(frozen=True)
class Kind:
    """One type: how its document is made from a PUT (world, id, properties), and what its jobs are called."""

    type: str
    make: Callable[[World, str, dict[str, Any]], Document]
    made: str
    removed: str
    target_kind: str

    @property
    def word(self) -> str:
        return self.type.rsplit("/", 1)[1]


def _fabric(world: World, resource: str, settings: Document) -> Document:
    location = str((settings.get("customDetails") or {}).get("location") or "")
    existing = world.documents.get(resource)
    containers = existing["properties"]["customDetails"]["containerIds"] if existing else []
    return bodies.fabric(wire.vault_of(resource), ids.last(resource), location, containers)


def _container(world: World, resource: str, _: Document) -> Document:
    fabric = resource.split("/replicationProtectionContainers/", 1)[0]
    return bodies.container(fabric, ids.last(resource), _location(world, fabric))


def _container_mapping(world: World, resource: str, settings: Document) -> Document:
    container = resource.split("/replicationProtectionContainerMappings/", 1)[0]
    target = str(settings.get("targetProtectionContainerId") or "")
    regions = tuple(
        _location(world, one.split("/replicationProtectionContainers/", 1)[0]) for one in (container, target)
    )
    policy = str(settings.get("policyId") or "")
    return bodies.container_mapping(container, ids.last(resource), target, policy, (regions[0], regions[1]))


def _network_mapping(world: World, resource: str, settings: Document) -> Document:
    fabric = resource.split("/replicationNetworks/", 1)[0]
    details = settings.get("fabricSpecificDetails") or {}
    recovery = str(settings.get("recoveryFabricName") or "")
    if "/" not in recovery:
        recovery = f"{fabric.rsplit('/', 1)[0]}/{recovery}"
    networks = (str(details.get("primaryNetworkId") or ""), str(settings.get("recoveryNetworkId") or ""))
    regions = (_location(world, fabric), _location(world, recovery))
    return bodies.network_mapping(fabric, ids.last(resource), networks, recovery, regions)


def _policy(_: World, resource: str, settings: Document) -> Document:
    given = settings.get("providerSpecificInput") or settings.get("replicationProviderSettings") or {}
    if given.get("instanceType", "A2A") != "A2A":
        return bodies.other_policy(wire.vault_of(resource), ids.last(resource), given)
    history, app = given.get("recoveryPointHistory") or 0, given.get("appConsistentFrequencyInMinutes") or 0
    return bodies.policy(wire.vault_of(resource), ids.last(resource), int(history), int(app))


def _location(world: World, fabric_id: str) -> str:
    fabric = world.documents.get(fabric_id)
    details: Document = (fabric["properties"].get("customDetails") or {}) if fabric else {}
    return str(details.get("location") or "")


KINDS = {
    kind.word.lower(): kind
    for kind in (
        Kind(bodies.FABRIC_TYPE, _fabric, "CreateSite", "DeleteSite", "Server"),
        Kind(
            bodies.CONTAINER_TYPE,
            _container,
            "CreateProtectionContainer",
            "DeleteProtectionContainer",
            "ProtectionContainer",
        ),
        Kind(
            bodies.CONTAINER_MAPPING_TYPE,
            _container_mapping,
            "PairClouds",
            "UnpairClouds",
            "ProtectionContainerMapping",
        ),
        Kind(bodies.NETWORK_MAPPING_TYPE, _network_mapping, "PairNetworks", "UnpairNetworks", "Network"),
        Kind(bodies.POLICY_TYPE, _policy, "AddProtectionProfile", "DeleteProtectionProfile", "ProtectionProfile"),
    )
}


def get(world: World, request: Request) -> Response:
    document = world.documents.get(request.path)
    return Response(200, _shown(world, document)) if document else wire.not_found(ids.last(request.path))


def list_all(world: World, request: Request) -> Response:
    scope, word = request.path.rsplit("/", 1)
    kind = KINDS[word.lower()]
    found = [_thin(_shown(world, document)) for document in _in_scope(world, kind, scope)]
    return Response(200, {"value": found, "nextLink": None})


def _in_scope(world: World, kind: Kind, scope: str) -> list[Document]:
    """A container lists the mappings to it besides its own (A2A #97)."""
    found = world.documents.of_type(kind.type, scope)
    if kind.type == bodies.CONTAINER_MAPPING_TYPE and "/replicationprotectioncontainers/" in scope.lower():
        others = world.documents.of_type(kind.type)
        found += [one for one in others if ids.same(one["properties"]["targetProtectionContainerId"], scope)]
    return found


def _is_azure(fabric: Document) -> bool:
    return bool((fabric["properties"].get("customDetails") or {}).get("instanceType", "Azure") == "Azure")


def _thin(document: Document) -> Document:
    """A list tells no containers of a fabric (A2A #38)."""
    if bodies.is_a(document, bodies.FABRIC_TYPE) and _is_azure(document):
        document["properties"]["customDetails"] |= {"containerIds": None}
        document["properties"]["customDetails"].pop("zones", None)
    return document


def _shown(world: World, document: Document) -> Document:
    shown = copy.deepcopy(document)
    if bodies.is_a(document, bodies.CONTAINER_TYPE):
        items = world.documents.of_type(bodies.ITEM_TYPE, document["id"])
        mappings = world.documents.of_type(bodies.CONTAINER_MAPPING_TYPE)
        paired = [
            mapping
            for mapping in mappings
            if ids.key(document["id"]) in (ids.parent_of(mapping["id"]) or "").lower()
            or ids.same(mapping["properties"]["targetProtectionContainerId"], document["id"])
        ]
        shown["properties"] |= {"protectedItemCount": len(items), "pairingStatus": "Paired" if paired else "NotPaired"}
    if (
        bodies.is_a(document, bodies.FABRIC_TYPE)
        and _is_azure(document)
        and not shown["properties"]["customDetails"].get("containerIds")
    ):
        held = world.documents.children(document["id"], bodies.CONTAINER_TYPE)
        named = [f"{document['id']}/replicationProtectionContainers/{bodies.stable_guid(one['id'])}" for one in held]
        shown["properties"]["customDetails"]["containerIds"] = named
    return shown


def put(world: World, request: Request) -> Response:
    """PUT, and PATCH of what has it: 202, one job, then the document."""
    resource = wire.capital_s(world.casing.id(request.path))
    kind = KINDS[request.path.split("/")[-2].lower()]
    settings = settings_of(request.json)
    if request.method == "PATCH" and resource not in world.documents:
        return wire.not_found(ids.last(resource))
    parent = ids.parent_of(resource)
    if kind.type != bodies.NETWORK_MAPPING_TYPE and parent and parent not in world.documents:
        return wire.not_found(ids.last(parent))

    def finish() -> None:
        world.documents.put(kind.make(world, resource, settings))
        world.log.write("resource.written", resource=resource)

    return _begin(world, request, kind, resource, "write", kind.made, finish)


def remove(world: World, request: Request) -> Response:
    """POST .../remove and DELETE alike."""
    asked = request.method == "POST"
    resource = request.path.rsplit("/", 1)[0] if asked else request.path
    document = world.documents.get(resource)
    if document is None:
        return wire.not_found(ids.last(resource))
    kind = KINDS[resource.split("/")[-2].lower()]
    if world.documents.of_type(bodies.ITEM_TYPE, resource):
        message = f"'{document['name']}' still holds replication protected items. Disable their replication first."
        return wire.refusal(400, "ProtectedItemsExist", message)

    def finish() -> None:
        world.documents.delete(resource)
        world.log.write("resource.deleted", resource=str(document["id"]))

    return _begin(world, request, kind, str(document["id"]), "remove" if asked else "delete", kind.removed, finish)


def _begin(
    world: World, request: Request, kind: Kind, resource: str, verb: str, scenario: str, finish: running.Effect
) -> Response:
    return running.simple(
        world,
        request,
        action=f"{kind.word}/{verb}",
        resource=resource,
        scenario=scenario,
        target_kind=kind.target_kind,
        finish=finish,
    )


def empty_list(_world: World, _request: Request) -> Response:
    """Lists of what Azure-to-Azure never has (VAULT #5 to #15)."""
    return Response(200, {"value": [], "nextLink": None})
