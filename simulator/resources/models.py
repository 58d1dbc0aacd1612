"""Resource groups. A group's *location* holds its metadata: dark there, and none of its resources can be written."""

from __future__ import annotations

from simulator.core import ids
from simulator.core.documents import Document
from simulator.core.world import World

GROUP = "Microsoft.Resources/resourceGroups"
_SHOWN = ("id", "name", "type", "location", "tags")


def begin(world: World) -> None:
    """Give every resource its group: one that the estate does not list is put where its first resource is."""
    for document in list(world.documents.all()):
        adopt(world, document)


def adopt(world: World, document: Document) -> None:
    """Make the group of a document that has none."""
    if not document["id"].lower().startswith("/subscriptions/"):
        return
    parsed = ids.parse(document["id"])
    if parsed.resource_group and parsed.group_id not in world.documents:
        world.documents.put(_derived(parsed.group_id, parsed.resource_group, document.get("location") or "eastus"))


def _derived(group_id: str, name: str, location: str) -> Document:
    return {
        "id": group_id,
        "name": name,
        "type": GROUP,
        "location": location,
        "properties": {"provisioningState": "Succeeded"},
    }


def subscriptions(world: World) -> list[str]:
    """Subscription ids of the estate, lower case, in the order in which they first appear."""
    found = {ids.parse(group["id"]).subscription.lower(): None for group in world.documents.of_type(GROUP)}
    return list(found)


def resources_under(world: World, scope: str) -> list[Document]:
    """Top-level resources below a subscription or a group, as the generic list shows them: no properties."""
    prefix = ids.key(scope) + "/"
    shown: list[Document] = []
    for document in world.documents.all():
        if not ids.key(document["id"]).startswith(prefix) or document["type"] == GROUP:
            continue
        if ids.parse(document["id"]).depth == 1:
            shown.append({key: document[key] for key in _SHOWN if key in document})
    return shown
