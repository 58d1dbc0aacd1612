"""What a deployment made: the resources of its template, written through the simulator's own doors.

Deployments themselves are out of scope. Their templates say in full what exists afterwards, which is more than later
readings show; expressions that cannot be resolved are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.conformance.cassettes import Interaction
from simulator.core.web import Request

MARK = "/providers/microsoft.resources/deployments/"


def requests_of(call: Interaction, bearer: str) -> Iterator[Request]:
    """One PUT for each resource of a successful deployment's template, in the template's order."""
    if call.method != "PUT" or not call.ok or MARK not in call.key or not isinstance(call.sent, dict):
        return
    group = call.path[: call.key.index(MARK)]
    template = (call.sent.get("properties") or {}).get("template") or {}
    for resource in template.get("resources") or ():
        if not isinstance(resource, dict) or "[" in str(resource.get("name", "[")):
            continue
        body = _plain({name: resource[name] for name in _KEPT if name in resource})
        provider, *kinds = str(resource.get("type", "")).split("/")
        names = str(resource["name"]).split("/")
        tail = "/".join(f"{kind}/{name}" for kind, name in zip(kinds, names, strict=False))
        request = Request("PUT", f"{group}/providers/{provider}/{tail}", {"api-version": _version(resource)}, {})
        request.headers["authorization"] = bearer
        request.body = _encoded({"properties": {}, **body})
        yield request


_KEPT = ("location", "tags", "sku", "kind", "zones", "properties")


def _version(resource: dict[str, Any]) -> str:
    return str(resource.get("apiVersion") or "")


def _plain(value: Any) -> Any:
    """A value without what only Azure could evaluate, and without nulls."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items() if inner is not None and not _is_expression(inner)}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("[") and value.endswith("]")


def _encoded(value: Any) -> bytes:
    import json

    return json.dumps(value).encode()
