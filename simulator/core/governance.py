"""What owners forbid: locks in the estate, and denials that a scenario puts in (policy, a missing right, ...).

Documented (ARM: lock resources; Azure Policy: deny effect; ARM deployment errors). ARM asks these before the
provider sees the call, so nothing has happened when one of them says no.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from simulator.core import errors, ids
from simulator.core.scenario import Denial
from simulator.core.web import Request, Response

if TYPE_CHECKING:
    from simulator.core.world import World

LOCK = "Microsoft.Authorization/locks"
_MARK = "/providers/microsoft.authorization/locks/"
_JOIN = {
    "Microsoft.Network/virtualNetworks": "peer/action",
    "Microsoft.Network/virtualNetworks/subnets": "join/action",
    "Microsoft.Network/publicIPAddresses": "join/action",
    "Microsoft.Network/networkSecurityGroups": "join/action",
    "Microsoft.Network/networkInterfaces": "join/action",
}


def refusal(world: World, request: Request) -> Response | None:
    """Why this call is forbidden; None when it is not. Reads never are."""
    if request.method in ("GET", "HEAD") or not request.path.lower().startswith("/subscriptions/"):
        return None
    target = _target(request)
    lock = _lock(world, request, target)
    if lock is not None:
        return scope_locked(target, request.method, [lock])
    denial = world.faults.denial(request)
    return _denied(world, request, target, denial) if denial is not None else None


def scope_locked(scope: str, method: str, locked: list[str]) -> Response:
    """409 of a delete lock, or of a read-only lock on any write (documented)."""
    what = "delete" if method == "DELETE" else "write"
    named = ", ".join(f"'{one}'" for one in locked)
    message = (
        f"The scope '{scope}' cannot perform {what} operation because following scope(s) are locked: {named}. "
        "Please remove the lock and try again."
    )
    return errors.error(409, "ScopeLocked", message, headers=errors.GATEWAY)


def disallowed_by_policy(resource_id: str, policy: str) -> Response:
    """403 of Azure Policy's deny effect (documented)."""
    parsed = ids.parse(resource_id)
    assignment = f"/subscriptions/{parsed.subscription}/providers/Microsoft.Authorization/policyAssignments/{policy}"
    definition = f"/subscriptions/{parsed.subscription}/providers/Microsoft.Authorization/policyDefinitions/{policy}"
    named = [
        {
            "policyAssignment": {"name": policy, "id": assignment},
            "policyDefinition": {"name": policy, "id": definition},
        }
    ]
    info = {
        "evaluationDetails": {"evaluatedExpressions": []},
        "policyDefinitionId": definition,
        "policyDefinitionName": policy,
        "policyDefinitionEffect": "deny",
        "policyAssignmentId": assignment,
        "policyAssignmentName": policy,
    }
    message = f"Resource '{parsed.name}' was disallowed by policy. Policy identifiers: '{json.dumps(named)}'."
    answer = errors.error(403, "RequestDisallowedByPolicy", message, headers=errors.GATEWAY)
    answer.body["error"] |= {"target": parsed.name, "additionalInfo": [{"type": "PolicyViolation", "info": info}]}
    return answer


def linked_authorization_failed(world: World, action: str, scope: str, linked: list[tuple[str, str]]) -> Response:
    """403: the caller may write here, but not use what the body refers to (documented)."""
    client = world.guid("client")
    actions = ",".join(one for one, _ in linked)
    scopes = ",".join(one for _, one in linked)
    message = (
        f"The client '{client}' with object id '{client}' has permission to perform action '{action}' on scope "
        f"'{scope}'; however, it does not have permission to perform action(s) '{actions}' on the linked scope(s) "
        f"'{scopes}' (respectively) or the linked scope(s) are invalid."
    )
    return errors.error(403, "LinkedAuthorizationFailed", message, headers=errors.GATEWAY)


def authorization_failed(world: World, action: str, scope: str) -> Response:
    client = world.guid("client")
    message = (
        f"The client '{client}' with object id '{client}' does not have authorization to perform action '{action}' "
        f"over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your "
        "credentials."
    )
    return errors.error(403, "AuthorizationFailed", message, headers=errors.GATEWAY)


def not_registered(provider: str) -> Response:
    """409: nobody has registered the provider in this subscription (documented; the detail is reported)."""
    message = (
        f"The subscription is not registered to use namespace '{provider}'. See https://aka.ms/rps-not-found for how "
        "to register subscriptions."
    )
    detail = {"code": "MissingSubscriptionRegistration", "target": provider, "message": message}
    return errors.error(409, "MissingSubscriptionRegistration", message, [detail], errors.GATEWAY)


def _denied(world: World, request: Request, target: str, denial: Denial) -> Response:
    verb = {"DELETE": "delete", "POST": f"{ids.last(request.path)}/action"}.get(request.method, "write")
    action = f"{ids.parse(target).type}/{verb}"
    if denial.by == "policy":
        return disallowed_by_policy(target, denial.name)
    if denial.by == "lock":
        return scope_locked(target, request.method, [target])
    if denial.by == "registration":
        return not_registered(ids.parse(target).provider)
    if denial.by == "linked-authorization":
        linked = list(_linked(request.json)) or [(action, target)]
        return linked_authorization_failed(world, action, target, linked)
    return authorization_failed(world, action, target)


def _linked(body: Any) -> Iterator[tuple[str, str]]:
    """(action, scope) for each resource that a body refers to."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key.lower() == "id" and isinstance(value, str) and "/providers/" in value:
                kind = ids.parse(value).type
                yield f"{kind}/{_JOIN.get(kind, 'read')}", value
            else:
                yield from _linked(value)
    elif isinstance(body, list):
        for value in body:
            yield from _linked(value)


def _lock(world: World, request: Request, target: str) -> str | None:
    """The scope of a lock of the estate that forbids this; a delete lock takes what is below it, too."""
    key = ids.key(target)
    for lock in world.documents.of_type(LOCK):
        scope, level = ids.key(lock["id"]).split(_MARK)[0], str(lock.get("properties", {}).get("level", ""))
        inside = key == scope or key.startswith(scope + "/")
        holds = inside or (request.method == "DELETE" and scope.startswith(key + "/"))
        if holds and (level == "ReadOnly" or (level == "CanNotDelete" and request.method == "DELETE")):
            return str(lock["id"])[: len(scope)]
    return None


def _target(request: Request) -> str:
    """The resource that a call is about: its path, less an action's word."""
    path = "/" + request.path.strip("/")
    return path if len(path.strip("/").split("/")) % 2 == 0 else path.rsplit("/", 1)[0]
