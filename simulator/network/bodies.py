"""How a network resource's document is made from what is sent, and shown to one api-version.

Recorded: every part of a body carries the etag of the resource at the top; what an api-version does not know is not
shown; children come back inside their parent.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.core import ids
from simulator.core.documents import Document, normalise_location
from simulator.core.world import World
from simulator.network.kind import Kind

READ_ONLY = ("provisioningState", "resourceGuid")


class Bodies:
    """Makes, shows and takes apart the documents of a table of kinds."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds

    def shown(self, world: World, document: Document, verb: str, version: str = "") -> Document:
        """A document as one api-version answers it: a copy, its children in place, every part with the top's etag."""
        kind = self._kinds[document["type"].lower()]
        body = copy.deepcopy(document)
        body["etag"] = self.etag(world, document)
        for name, child_type in kind.embedded.items():
            children = world.documents.children(document["id"], child_type)
            body["properties"][name] = [self.shown(world, child, verb, version) for child in children]
        for name in kind.parts:
            for part in body["properties"].get(name, ()):
                if "etag" in part:
                    part["etag"] = body["etag"]
                    part["properties"]["provisioningState"] = body["properties"]["provisioningState"]
        if kind.show is not None:
            kind.show(world, body, verb)
        for path in kind.hidden(version):
            _drop(body, path.split("."))
        return body

    def etag(self, world: World, document: Document) -> str:
        own = self._kinds[document["type"].lower()].own_etag
        return str(document.get("etag", "")) if own else etag_of(world, document)

    def take_apart(self, world: World, document: Document, version: str = "", *, settled: bool = False) -> None:
        """Make documents of the children that a body shows in their parent; ``settled``: they are there already."""
        kind = self._kinds[document["type"].lower()]
        for name, child_type in kind.embedded.items():
            child_kind = self._kinds[child_type.lower()]
            for shown in document["properties"].pop(name, None) or ():
                child_id = f"{document['id']}/{child_type.split('/')[-1]}/{shown['name']}"
                before = world.documents.get(child_id)
                child = self.built(world, child_kind, child_id, shown, before, version)
                child["properties"] |= {"provisioningState": document["properties"]["provisioningState"]}
                if settled:
                    child["properties"] |= {"provisioningState": "Succeeded", **shown.get("properties", {})}
                world.documents.put(child)
                self.take_apart(world, child, version, settled=settled)

    def built(
        self,
        world: World,
        kind: Kind,
        resource_id: str,
        content: Document,
        existing: Document | None,
        version: str = "",
    ) -> Document:
        """A new document for what is sent: the provider's defaults below it, what only the provider writes from it."""
        properties: Document = {"provisioningState": "Succeeded"}
        before = existing["properties"] if existing else {}
        if kind.guid:
            properties["resourceGuid"] = before.get("resourceGuid") or world.fresh_guid("resource", resource_id)
        properties |= copy.deepcopy(dict(kind.defaults))
        properties |= kind.later_defaults(version)
        properties |= {name: copy.deepcopy(before[name]) for name in kind.kept if name in before}
        sent = content.get("properties") or {}
        properties |= copy.deepcopy(
            {name: value for name, value in sent.items() if name not in READ_ONLY and value is not None}
        )
        document: Document = {
            "name": existing["name"] if existing else ids.last(resource_id),
            "id": existing["id"] if existing else resource_id,
            "etag": world.fresh_guid("etag", resource_id) if kind.own_etag else world.etag(),
            "type": kind.type,
        }
        if kind.located and not kind.is_child:
            document["location"] = normalise_location(content.get("location") or (existing or {}).get("location") or "")
        document |= {name: _filled(content.get(name), default) for name, default in kind.top.items()}
        if content.get("tags") is not None or (existing or {}).get("tags"):
            document["tags"] = dict(content.get("tags") or {})
        for name, spellings in kind.words.items():
            if name not in properties:
                continue
            sent_word = str(properties.get(name, "")).lower()
            properties[name] = next((word for word in spellings if word.lower() == sent_word), properties.get(name))
        document["properties"] = properties
        if kind.shape is not None:
            kind.shape(world, document)
        return document


def family(world: World, document: Document) -> list[Document]:
    """The resource at the top of a document, with everything below it."""
    top = world.documents.get(str(ids.parse(document["id"]).top()))
    found = [top] if top is not None else []
    for one in found:
        found.extend(world.documents.children(one["id"]))
    return found


def etag_of(world: World, document: Document) -> str:
    """The etag of the resource at the top, which all its parts share."""
    top, parent = document, ids.parent_of(document["id"])
    while parent is not None:
        top, parent = world.documents.get(parent) or top, ids.parent_of(parent)
    return str(top.get("etag", ""))


def _filled(sent: Any, default: Any) -> Any:
    """What was sent, with the default's keys that it lacks."""
    if isinstance(sent, dict) and isinstance(default, dict):
        return {**copy.deepcopy(default), **{name: value for name, value in sent.items() if value is not None}}
    return copy.deepcopy(default if sent is None else sent)


def _drop(body: Any, path: Sequence[str]) -> None:
    if not isinstance(body, dict):
        return
    if len(path) == 1:
        body.pop(path[0], None)
    else:
        _drop(body.get(path[0]), path[1:])


_FORWARD = {
    "subnet",
    "publicIPAddress",
    "networkSecurityGroup",
    "routeTable",
    "virtualNetworkGateway1",
    "virtualNetworkGateway2",
    "localNetworkGateway2",
    "remoteVirtualNetwork",
}


def references(document: Document) -> list[str]:
    """Ids of what a body uses. Who uses it in turn (a subnet's ipConfigurations), and its peerings, are left out."""
    return list(_used(document["properties"]))


def _used(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _used(one)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in _FORWARD and isinstance(value, dict) and isinstance(value.get("id"), str):
                yield value["id"]
                if name == "subnet":
                    yield value["id"].rsplit("/", 2)[0]
            elif name != "virtualNetworkPeerings":
                yield from _used(value)
