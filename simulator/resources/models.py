"""Resource groups. A group's *location* holds its metadata: dark there, and none of its resources can be written."""

from __future__ import annotations

import base64
import json
import re

from simulator.core import ids
from simulator.core.chance import Duration
from simulator.core.documents import Document
from simulator.core.operations import Operation
from simulator.core.world import World

GROUP = "Microsoft.Resources/resourceGroups"
RETRY_AFTER_SECONDS = 15
DURATIONS: dict[str, Duration] = {"resourceGroups/delete": (140.0, 185.0)}
"""Recorded: polls of 15 s, 2 min 19 s and 3 min 5 s for two groups."""
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
        world.documents.put(group(parsed.group_id, parsed.resource_group, document.get("location") or "eastus"))


def group(group_id: str, name: str, location: str) -> Document:
    """A resource group as it is answered."""
    return {
        "id": group_id,
        "name": name,
        "type": GROUP,
        "location": location,
        "properties": {"provisioningState": "Succeeded"},
    }


def begin_delete(world: World, document: Document) -> Operation:
    """Delete a group with all that is in it."""

    def finish() -> None:
        prefix = ids.key(document["id"]) + "/"
        for inner in list(world.documents.all()):
            if ids.key(inner["id"]).startswith(prefix):
                world.machines.remove(inner["id"])
                world.documents.delete(inner["id"])
        world.documents.delete(document["id"])
        world.log.write("resource.deleted", resource=document["id"])

    return world.operations.begin(
        "resourceGroups/delete",
        document["id"],
        location=document.get("location"),
        finish=finish,
        style="resources",
        method="DELETE",
    )


def job_of(operation: Operation) -> str:
    """The opaque name under which Azure lets a group's deletion be polled: base64 of JSON (recorded)."""
    told = {"jobId": f"RESOURCEGROUPDELETIONJOB-{operation.id}", "jobLocation": operation.location}
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def operation_of(job: str) -> str:
    try:
        told = json.loads(base64.urlsafe_b64decode(job + "=" * (-len(job) % 4)))
        return str(told["jobId"]).split("-", 1)[1]
    except (ValueError, KeyError, TypeError, IndexError):
        return ""


def subscriptions(world: World) -> list[str]:
    """Subscription ids of the estate, lower case, in the order in which they first appear."""
    found = {ids.parse(group["id"]).subscription.lower(): None for group in world.documents.of_type(GROUP)}
    return list(found)


def filtered(world: World, found: list[Document], clause: str) -> list[Document]:
    """``$filter`` with eq and and, of resourceType, name, resourceGroup and tagName (documented)."""
    for name, value in re.findall(r"(\w+) eq '([^']*)'", clause):
        found = [one for one in found if value.lower() in _said(world, one, name.lower())]
    return found


def _said(world: World, one: Document, name: str) -> set[str]:
    """What a resource says to one word of a filter."""
    if name == "tagname":
        return {tag.lower() for tag in _tags(world, one)}
    told = {"resourcetype": one["type"], "name": one["name"], "resourcegroup": ids.parse(one["id"]).resource_group}
    return {str(told.get(name, "")).lower()}


def _tags(world: World, shown: Document) -> Document:
    document = world.documents.get(shown["id"]) or {}
    return document.get("tags") or {}


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
