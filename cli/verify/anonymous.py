"""Takes ids, names and secrets out of recordings, each replaced by the same stand-in everywhere.

Learns from everything recorded first, then cleans: a name that shows up late is gone from the beginning too. Kept are
what the recording is for (types, states, codes, times, locations, private addresses) and our own resources' names.
What cannot be recognised by its form or by the field it stands in is not recognised: read a recording before you give
it away.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from cli.verify.steps import TAG
from domain.redaction import redact

GUID = re.compile(r"\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b", re.IGNORECASE)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
OPAQUE = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]+){0,2}")
"""Base64 of JSON: tokens, and the names of ARM's own jobs, which hold the subscription and the group."""
SIGNED = re.compile(
    r"([?&](?:sig|t|c|s|h|se|st|sp|sv|sr|spr|skoid|sktid|skt|ske|sks|skv|token|code)=)[^&\s\"'<>]+", re.IGNORECASE
)
ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
IN_ID = re.compile(r"/(?:(resourceGroups)/([^/?\"'\s<>,;\\]+)|(providers)/([^?\"'\s<>,;\\]+))", re.IGNORECASE)

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
"""What the recordings of Azure's own command line have in a subscription's place."""
NAMED_BY_PEOPLE = (
    "friendlyname", "objectname", "diskname", "vmname", "computername", "hostname", "machinename", "username",
    "groupname", "networkname", "subnetname", "nicname", "displayname", "fqdn", "initiatedby", "createdby",
    "modifiedby",
)  # fmt: skip
"""Endings of fields in which a name stands."""
NO_NAMES = frozenset({"none", "null", "true", "false", "unknown", "default", "gatewaysubnet", ""})
"""What Azure itself puts where names go."""
NEVER_NAMES = frozenset({"location", "type", "instancetype", "status", "state", "provisioningstate"})


class Leak(Exception):
    """Something that should have gone is still there; the message does not show it."""


class Anonymizer:
    """Stand-ins for one subscription's ids, names and secrets. ``own`` are names that may stay."""

    def __init__(self, subscription: str, verify_id: str, own: Iterable[str], secrets: Iterable[str]) -> None:
        self._guids = {_plain(subscription): SUBSCRIPTION}
        self._own = {name.lower() for name in own}
        self._verify_id = verify_id
        self._secrets = {secret for secret in secrets if secret}
        self._names: dict[str, str] = {}
        self._others: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def learn(self, text: str) -> None:
        """Find the names and secrets of a URL, a header or a body."""
        for name in _names(text):
            self._name(name)
        for holder in _objects(_json(text)):
            texts = {name: value for name, value in holder.items() if isinstance(value, str) and value}
            kept = redact(texts)[0]
            self._secrets |= {value for name, value in texts.items() if name not in kept}
            for name, value in texts.items():
                if name.lower().endswith(NAMED_BY_PEOPLE):
                    self._name(value)

    def clean(self, text: str) -> str:
        """The text with stand-ins. JSON loses its layout, and tags that are not ours."""
        value = _json(text)
        if isinstance(value, dict | list):
            return json.dumps(self._walk(value, ""), ensure_ascii=False)
        return self._text(text)

    def check(self, text: str) -> None:
        """Raises Leak when anything known is in a text that is about to be written."""
        lowered = text.lower()
        if any(_plain(guid) in lowered or _dashed(guid) in lowered for guid in self._guids):
            raise Leak("an id")
        if any(secret.lower() in lowered for secret in self._secrets):
            raise Leak("a secret")
        if any(not found.endswith("@example.com") for found in EMAIL.findall(text)):
            raise Leak("an e-mail address")
        if any(name in self._names for name in _names(lowered)):
            raise Leak("a name")

    def _name(self, name: str) -> None:
        known = name.lower()
        if (
            known in self._own
            or known in NO_NAMES
            or known in self._names
            or GUID.fullmatch(name)
            or EMAIL.search(name)
        ):
            return
        if len(name) <= 120 and not OPAQUE.match(name):
            self._names[known] = f"owner-{len(self._names) + 1}"
            self._pattern = None

    def _walk(self, value: Any, field: str) -> Any:
        if isinstance(value, list):
            return [self._walk(item, field) for item in value]
        if not isinstance(value, dict):
            return self._field(value, field.lower()) if isinstance(value, str) else value
        if field == "tags":
            value = {name: item for name, item in value.items() if name == TAG}
        return {name: self._walk(item, name) for name, item in value.items()}

    def _field(self, text: str, field: str) -> str:
        """``name`` is a person's only when it is one that is known; states and places never are."""
        return self._text(text, names=field not in NEVER_NAMES and (field != "name" or text.lower() in self._names))

    def _text(self, text: str, *, names: bool = True) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "REDACTED")
        text = SIGNED.sub(r"\1REDACTED", text)
        text = OPAQUE.sub(self._opaque, text)
        text = EMAIL.sub(lambda found: self._other(found[0].lower(), "person-{}@example.com"), text)
        text = GUID.sub(self._guid, text)
        text = ADDRESS.sub(self._address, text)
        if names:
            text = self._name_pattern().sub(lambda found: self._names[found[0].lower()], text)
        return text.replace(self._verify_id, "00000000")

    def _opaque(self, found: re.Match[str]) -> str:
        """A token, or a job's name: that stays base64 of JSON, and says nothing."""
        if "." in found[0]:
            return self._other(found[0], "token-{}")
        number = self._other(found[0], "{}")
        return (
            base64.urlsafe_b64encode(json.dumps({"jobId": f"RECORDEDJOB-{number:0>12}"}).encode()).decode().rstrip("=")
        )

    def _guid(self, found: re.Match[str]) -> str:
        plain = _plain(found[0])
        if plain not in self._guids and not plain.startswith("0" * 20):
            self._guids[plain] = f"00000000-0000-0000-0000-{len(self._guids):012d}"
        stand_in = self._guids.get(plain, found[0])
        return stand_in if "-" in found[0] else stand_in.replace("-", "")

    def _address(self, found: re.Match[str]) -> str:
        try:
            public = ipaddress.ip_address(found[0]).is_global
        except ValueError:
            return found[0]
        return self._other(found[0], "198.51.100.{}") if public else found[0]

    def _other(self, known: str, form: str) -> str:
        return self._others.setdefault(known, form.format(len(self._others) + 1))

    def _name_pattern(self) -> re.Pattern[str]:
        """Longest first; a name of one or two letters only as a whole part of a path."""
        if self._pattern is None:
            ordered = sorted(self._names, key=len, reverse=True)
            long = "|".join(re.escape(name) for name in ordered if len(name) > 2)
            short = "|".join(re.escape(name) for name in ordered if len(name) <= 2)
            parts = [rf"(?<![A-Za-z0-9-])(?:{long})(?![A-Za-z0-9-])"] if long else []
            parts += [rf"(?<=/)(?:{short})(?![^/?\s\"'])"] if short else []
            self._pattern = re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)
        return self._pattern


def _names(text: str) -> Iterator[str]:
    """The names in ARM ids: after ``/resourceGroups/`` and ``/providers/NAMESPACE/type/``; locations are none."""
    for _, group, _, rest in IN_ID.findall(text):
        if group:
            yield group
        parts = rest.split("/")
        for at in range(1, len(parts) - 1, 2):
            if parts[at].lower() == "providers":
                break
            if parts[at].lower() not in ("locations", "operations", "operationresults"):
                yield parts[at + 1]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(item)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _plain(guid: str) -> str:
    return guid.replace("-", "").lower()


def _dashed(plain: str) -> str:
    return "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
