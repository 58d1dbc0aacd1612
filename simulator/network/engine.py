"""PUT, GET, LIST, PATCH and DELETE of any network resource, the way Microsoft.Network answers them.

Recorded: a new resource is 201 with provisioningState Updating and Azure-AsyncOperation but no Location; an update is
200; DELETE is 202 with both headers, 204 for what is not there; a write on what another operation is updating is 429
RetryableError; a child's write cancels its parent's; the etag changes with each write and again when it has ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.operations import Operation
from simulator.core.scenario import Job
from simulator.core.web import NOTHING, Request, Response
from simulator.core.world import World
from simulator.network.bodies import Bodies, family, references
from simulator.network.guesses import chosen
from simulator.network.kind import Kind
from simulator.network.wire import async_headers, not_provisioned, notifies_of_update, refusal_of

_TITLES = {"write": "Put", "update": "Patch", "delete": "Delete"}


class Engine:
    """The five verbs over a table of kinds."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.kinds = {kind.type.lower(): kind for kind in kinds}
        self.bodies = Bodies(self.kinds)

    def kind_of(self, resource_id: str) -> Kind:
        return self.kinds[ids.parse(resource_id).type.lower()]

    def get(self, world: World, request: Request) -> Response:
        document = world.documents.get(request.path)
        if document is None:
            return self._missing(world, request.path)
        kind = self.kind_of(request.path)
        etag = self.bodies.etag(world, document)
        headers = {"ETag": f'"{etag}"' if kind.own_etag else etag} if kind.etag_header else {}
        return Response(200, self.bodies.shown(world, document, "GET", request.api_version), headers)

    def list(self, world: World, request: Request, type_name: str, scope: str) -> Response:
        parsed = ids.parse(f"{request.path}/x") if "/providers/" in request.path else None
        if parsed and parsed.resource_group and parsed.group_id not in world.documents:
            return errors.resource_group_not_found(parsed.resource_group)
        return self._listed(world, request, world.documents.of_type(type_name, scope))

    def list_children(self, world: World, request: Request, type_name: str) -> Response:
        parent = request.path.rstrip("/").rsplit("/", 1)[0]
        if parent not in world.documents:
            return self._missing(world, parent)
        return self._listed(world, request, world.documents.children(parent, type_name))

    def _listed(self, world: World, request: Request, found: Sequence[Document]) -> Response:
        version = request.api_version
        return Response(200, {"value": [self.bodies.shown(world, document, "LIST", version) for document in found]})

    def put(self, world: World, request: Request) -> Response:
        content = request.json
        if not isinstance(content, dict):
            return errors.invalid_request_content("a JSON object is expected")
        resource_id = _canonical(world, request.path)
        existing = world.documents.get(resource_id)
        kind = self.kind_of(resource_id)
        refusal = self._no_home(world, resource_id) or self._precondition(world, request, existing)
        if refusal is not None:
            return refusal
        wanted = self.bodies.built(world, kind, resource_id, content, existing, request.api_version)
        operation_id = world.fresh_guid("operation", resource_id)
        refusal = self._locked(world, kind, wanted, f"Put{kind.title}Operation", operation_id)
        if refusal is None and kind.check is not None:
            refusal = kind.check(world, wanted, existing)
        if refusal is not None:
            return refusal
        idle = (
            existing is not None
            and not _attached(existing)
            and kind.settles_unchanged
            and self._says_nothing_new(world, existing, wanted)
        )
        first = "Updating" if existing is not None and _attached(existing) else kind.first_state
        wanted["properties"]["provisioningState"] = "Succeeded" if idle else first
        stored = self._store(world, kind, wanted, content, request.api_version)
        operation = self._begin(
            world, request, kind, stored, "write", existing is not None, operation_id, 0.0 if idle else None
        )
        headers = async_headers(world, operation, request, kind, located=False)
        if existing and not notifies_of_update(request.api_version, existing, stored):
            headers.pop("Azure-AsyncNotification", None)
        body = self.bodies.shown(world, stored, "PUT", request.api_version)
        return Response(200 if existing else 201, body, headers)

    def patch(self, world: World, request: Request) -> Response:
        document = world.documents.get(request.path)
        if document is None:
            return self._missing(world, request.path)
        kind = self.kind_of(request.path)
        refusal = self._locked(world, kind, document, f"Patch{kind.title}Operation")
        if refusal is not None:
            return refusal
        content = request.json or {}
        if "tags" in content:
            document["tags"] = dict(content["tags"] or {})
        document["etag"] = world.fresh_guid("etag", document["id"]) if kind.own_etag else world.etag()
        world.log.write("resource.written", resource=document["id"])
        if kind.patch_polled:
            document["properties"]["provisioningState"] = "Updating"
            self._begin(world, request, kind, document, "update")
        world.documents.changed(document["id"])
        headers = {"Azure-AsyncNotification": "Enabled"} if kind.notifies and content else {}
        return Response(200, self.bodies.shown(world, document, "PATCH", request.api_version), headers)

    def delete(self, world: World, request: Request) -> Response:
        document = world.documents.get(request.path)
        if document is None:
            parsed = ids.parse(request.path)
            if parsed.group_id not in world.documents:
                return errors.resource_group_not_found(parsed.resource_group)
            return Response(204)
        kind = self.kind_of(request.path)
        title = f"Delete{kind.title}Operation"
        held = world.operations.holder([document["id"]])
        if held is not None and held[0].title == title and chosen(world, "delete_while_deleting") == "same-operation":
            return Response(202, NOTHING, async_headers(world, held[0], request, kind, located=True))
        refusal = self._locked(world, kind, document, title)
        if refusal is None and kind.in_use is not None:
            refusal = kind.in_use(world, document)
        if refusal is not None:
            return refusal
        document["properties"]["provisioningState"] = "Deleting"
        world.documents.changed(document["id"])
        operation = self._begin(world, request, kind, document, "delete")
        return Response(202, NOTHING, async_headers(world, operation, request, kind, located=True))

    def _store(self, world: World, kind: Kind, wanted: Document, content: Document, version: str) -> Document:
        """Put a document; children that the body leaves out are gone, as with any PUT of a parent."""
        for name, child_type in kind.embedded.items():
            if name in (content.get("properties") or {}):
                kept = {str(child.get("name", "")).lower() for child in wanted["properties"].get(name) or ()}
                for child in world.documents.children(wanted["id"], child_type):
                    if child["name"].lower() not in kept:
                        world.documents.delete(child["id"])
        self.bodies.take_apart(world, wanted, version)
        world.documents.put(wanted)
        if kind.stored is not None:
            kind.stored(world, wanted)
        self._touch_parent(world, wanted["id"])
        world.log.write("resource.written", resource=wanted["id"])
        return wanted

    def _begin(
        self,
        world: World,
        request: Request,
        kind: Kind,
        document: Document,
        verb: str,
        again: bool = False,
        operation_id: str | None = None,
        duration: float | None = None,
    ) -> Operation:
        resource_id, action = document["id"], f"{kind.action}/{verb}"
        struck = world.faults.job(action, resource_id)
        failure = _failure(struck)

        def finish() -> Document | None:
            error = failure
            if error is None and verb == "write" and kind.outcome is not None:
                error = kind.outcome(world, document)
            error = error or operation.data.get("fails_with")
            if error is not None:
                self._failed(world, kind, document)
            elif verb == "delete":
                self._gone(world, kind, document)
            else:
                self._done(world, kind, document)
            return error

        duration = struck.duration if struck and struck.duration is not None else duration
        if duration is None:
            duration = 0.0 if kind.synchronous else _drawn(world, kind, verb, again, resource_id)
        operation = world.operations.begin(
            action,
            resource_id,
            location=world.documents.location_of(resource_id),
            finish=finish,
            duration=duration,
            locks=[resource_id, *kind.locks(world, document)],
            method=request.method,
            title=f"{_TITLES[verb]}{kind.title}Operation",
            operation_id=operation_id,
        )
        return operation

    def _failed(self, world: World, kind: Kind, document: Document) -> None:
        if not kind.own_etag:
            document["etag"] = world.etag()
        document["properties"]["provisioningState"] = "Failed"
        if kind.fails_together:
            self._touch_parent(world, document["id"])
            for other in family(world, document):
                other["properties"]["provisioningState"] = "Failed"

    def _done(self, world: World, kind: Kind, document: Document) -> None:
        if (kind.first_state == "Updating" or kind.patch_polled) and not kind.own_etag:
            document["etag"] = world.etag()
        related = family(world, document) if kind.fails_together else self._parts(world, document)
        for settled in (document, *related):
            settled["properties"]["provisioningState"] = "Succeeded"
        self._touch_parent(world, document["id"])
        if kind.done is not None:
            kind.done(world, document)
        world.documents.changed(document["id"])

    def _gone(self, world: World, kind: Kind, document: Document) -> None:
        world.documents.delete(document["id"])
        self._touch_parent(world, document["id"])
        world.log.write("resource.deleted", resource=document["id"])
        if kind.gone is not None:
            kind.gone(world, document)

    def _says_nothing_new(self, world: World, existing: Document, wanted: Document) -> bool:
        """Whether a PUT leaves every property as it is; its tags do not count."""
        sent = {**wanted["properties"], "provisioningState": None}
        kind = self.kinds[existing["type"].lower()]
        shown = self.bodies.shown(world, existing, "GET")["properties"]
        return _within(sent, {**kind.defaults, **existing["properties"], **shown})

    def _parts(self, world: World, document: Document) -> Sequence[Document]:
        """The children that were written with it and are not being changed by anybody else."""
        kinds = self.kinds[document["type"].lower()].embedded.values()
        found = [child for kind in kinds for child in world.documents.children(document["id"], kind)]
        return [child for child in found if world.operations.holder([child["id"]]) is None]

    def _touch_parent(self, world: World, resource_id: str) -> None:
        top = world.documents.get(str(ids.parse(resource_id).top()))
        if top is not None and not self.kinds[top["type"].lower()].own_etag:
            top["etag"] = world.etag()

    def _locked(
        self, world: World, kind: Kind, document: Document, title: str, operation_id: str = ""
    ) -> Response | None:
        refers = references(document) if title.startswith("Put") else []
        held = world.operations.holder([document["id"], *kind.locks(world, document), *refers])
        if held is None:
            return None
        operation, resource_id = held
        if kind.is_child and operation.title == "PutVirtualNetworkOperation" and title.startswith("PutSubnet"):
            replaced = world.documents.get(operation.resource)
            if replaced is not None:
                replaced["properties"]["provisioningState"] = "Succeeded"
            error = errors.superseded(operation.title, operation.id, title, operation_id)
            world.operations.cancel(operation, error)
            return None
        if resource_id in refers and f"{ids.key(operation.resource)}/".startswith(f"{ids.key(resource_id)}/"):
            return not_provisioned(world, operation, resource_id, document["id"])
        return refusal_of(world, operation, resource_id)

    def _no_home(self, world: World, resource_id: str) -> Response | None:
        parsed = ids.parse(resource_id)
        if parsed.group_id not in world.documents:
            return errors.resource_group_not_found(parsed.resource_group)
        parent = parsed.parent()
        return errors.parent_not_found(resource_id) if parent and str(parent) not in world.documents else None

    def _precondition(self, world: World, request: Request, existing: Document | None) -> Response | None:
        """If-Match on network writes was never recorded; the body is that of other providers."""
        wanted = request.headers.get("if-match")
        if wanted is None or existing is None or wanted in ("*", self.bodies.etag(world, existing)):
            return None
        return errors.error(412, "PreconditionFailed", f"Precondition failed: the etag is not {wanted}.", [])

    def _missing(self, world: World, path: str) -> Response:
        parsed = ids.parse(path)
        if parsed.group_id not in world.documents:
            return errors.resource_group_not_found(parsed.resource_group)
        parent = parsed.parent()
        if parent is not None and str(parent) in world.documents:
            return errors.child_not_found(_canonical(world, path))
        return errors.resource_not_found(_canonical(world, path))


def _attached(document: Document) -> bool:
    """An interface of a machine takes its time to change (recorded)."""
    return "virtualMachine" in document["properties"]


def _within(sent: Any, there: Any) -> bool:
    """Whether what is sent is all there already; a list says all that there is."""
    if isinstance(sent, dict) and isinstance(there, dict):
        return all(value is None or (name in there and _within(value, there[name])) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(there, list):
        return len(sent) == len(there) and all(_within(one, other) for one, other in zip(sent, there, strict=True))
    if isinstance(sent, str) and isinstance(there, str):
        return sent.lower() == there.lower()
    return bool(sent == there)


def _failure(struck: Job | None) -> Document | None:
    """What the scenario lets a job fail with, as the operation's error (recorded: GwmOperationTimeOut)."""
    if struck is None or struck.fails_with is None:
        return None
    return {"code": struck.fails_with.code, "message": struck.fails_with.message, "details": []}


def _drawn(world: World, kind: Kind, verb: str, again: bool, resource_id: str) -> float:
    """A write on what exists may take its own time (``connections/rewrite``)."""
    changed = f"{kind.action}/rewrite"
    action = changed if again and verb == "write" and world.declares(changed) else f"{kind.action}/{verb}"
    return world.draw(action, resource_id)


def _canonical(world: World, path: str) -> str:
    """The id as it will be answered: the provider's casing for types, the group's own spelling."""
    parsed = ids.parse(world.casing.id(path))
    group: dict[str, Any] | None = world.documents.get(parsed.group_id)
    return str(parsed).replace(parsed.group_id, group["id"], 1) if group else str(parsed)
