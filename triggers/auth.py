"""Who knocks, and what they may do. Every door passes through here; none is open by accident.

Two kinds of callers, told apart by the platform and never by what a client says of itself:

- **Machines** bring a function key. Their doors are registered with level FUNCTION: the host checks the key before
  any code of ours runs, and answers 401 itself.
- **People** (and applications with an Entra identity) come through App Service authentication. It strips every
  ``X-MS-*`` header that a client sends and puts in its own, but only where it is switched on, which the platform says
  with WEBSITE_AUTH_ENABLED. Only then are people's doors registered ANONYMOUS and ``X-MS-CLIENT-PRINCIPAL`` believed;
  anonymous callers are refused here. Where it is off, the same doors need a function key and the header is ignored:
  a key is then the credential of the commander who holds it.

The alert door always takes a key, since Azure's action groups hold it in the URL that they call.
Source: learn.microsoft.com, "Work with user identities in Azure App Service authentication".
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from dataclasses import dataclass
from typing import Any

import azure.functions as func

from domain.alert_fields import clean
from triggers.problems import Problem, invalid

MACHINE = "Machine"
OBSERVER = "Observer"
COMMANDER = "Commander"
APPROVER = "Approver"
PUBLISHER = "Publisher"
ROLES = (OBSERVER, COMMANDER, APPROVER, PUBLISHER)

AUTH_SETTING = "WEBSITE_AUTH_ENABLED"
PRINCIPAL_HEADER = "X-MS-CLIENT-PRINCIPAL"
PRINCIPAL_LIMIT = 64 * 1024

_ROLE_CLAIMS = ("roles", "http://schemas.microsoft.com/ws/2008/06/identity/claims/role")
_NAME_CLAIMS = (
    "preferred_username",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "name",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
    "oid",
    "appid",
    "azp",
)


@dataclass(frozen=True)
class Access:
    """Who may use a door: ``roles`` of people, any one of which is enough; only machines when there are none."""

    roles: tuple[str, ...] = ()

    @property
    def for_people(self) -> bool:
        return bool(self.roles)


MACHINES_ONLY = Access()
EVERYBODY = Access(ROLES)
COMMANDERS = Access((COMMANDER,))
APPROVERS = Access((APPROVER,))
COMMANDERS_AND_APPROVERS = Access((COMMANDER, APPROVER))


@dataclass(frozen=True)
class Caller:
    """Who came in. ``name`` is empty for a key, which belongs to nobody."""

    name: str
    roles: frozenset[str]

    @property
    def may_approve(self) -> bool:
        """True when this caller's starting a run is also its approval."""
        return APPROVER in self.roles

    def named(self, claimed: str | None) -> str:
        """The authenticated name; a name that the caller only claims counts where there is no other."""
        return self.name or claimed or "function key"

    def must_have_name(self, claimed: str | None) -> None:
        """Refuse what only a named person may say. Raises Problem (400)."""
        if not (self.name or (claimed or "").strip()):
            raise invalid("by", "expected a name: accept-split-risk is a named person's word")


KEY_HOLDER = Caller("", frozenset({MACHINE, *ROLES}))


def platform_authenticates() -> bool:
    """True when App Service authentication stands before this app."""
    return os.environ.get(AUTH_SETTING, "").lower() == "true"


def level_for(access: Access) -> func.AuthLevel:
    """How the host is to guard a door with this access, by what the platform says now."""
    by_principal = access.for_people and platform_authenticates()
    return func.AuthLevel.ANONYMOUS if by_principal else func.AuthLevel.FUNCTION


def admit(req: func.HttpRequest, access: Access, level: func.AuthLevel) -> Caller:
    """Let the caller in or raise Problem (401, 403). ``level`` is the one the door was registered with."""
    if level is func.AuthLevel.FUNCTION:
        return KEY_HOLDER
    if level is not func.AuthLevel.ANONYMOUS or not access.for_people or not platform_authenticates():
        raise Problem("no-principal", "this door is not open: authentication is not set up as it was registered")
    caller = _principal(req.headers.get(PRINCIPAL_HEADER, ""))
    if not caller.roles & set(access.roles):
        held = ", ".join(sorted(caller.roles)) or "none of Bridgehead's"
        wanted = " or ".join(access.roles)
        raise Problem("role-missing", f"{caller.name or 'you'} need(s) the role {wanted}; held: {held}")
    if req.method not in ("GET", "HEAD") and not _is_json(req):
        raise Problem("wrong-media-type", "Content-Type must be application/json (a browser form is not believed)")
    return caller


def _principal(header: str) -> Caller:
    if not header:
        raise Problem("no-principal", "sign in through App Service authentication")
    if len(header) > PRINCIPAL_LIMIT:
        raise Problem("no-principal", "the platform's principal is too long to be one")
    try:
        principal = json.loads(base64.b64decode(header, validate=True))
        claims = _claims(principal)
    except (ValueError, RecursionError, binascii.Error, AttributeError, TypeError):
        raise Problem("no-principal", "the platform's principal cannot be read") from None
    role_claims = (*_ROLE_CLAIMS, str(principal.get("role_typ") or ""))
    roles = {value for kind, value in claims if kind in role_claims}
    name_claims = (*_NAME_CLAIMS, str(principal.get("name_typ") or ""))
    names = dict(reversed(claims))
    name = next((names[kind] for kind in name_claims if names.get(kind)), "")
    if not name:
        raise Problem("no-principal", "the platform's principal names nobody")
    return Caller(clean(name, 200), frozenset(roles & set(ROLES)))


def _claims(principal: Any) -> list[tuple[str, str]]:
    claims = principal.get("claims", [])
    return [(str(claim["typ"]), str(claim["val"])) for claim in claims if "typ" in claim and "val" in claim]


def _is_json(req: func.HttpRequest) -> bool:
    media_type = str(req.headers.get("Content-Type", ""))
    return media_type.split(";", maxsplit=1)[0].strip().lower() == "application/json"
