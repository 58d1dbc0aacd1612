"""Checks that are one quick reading each: a tunnel's state and its bytes, a peering's state, the owner's own page."""

from __future__ import annotations

import json
from typing import Any

from activities import peering
from activities.checked import Check, Checked
from activities.work import Work
from azure_clients import owner_http, resources

Bytes = tuple[int, int]

ANSWER_SHOWN = 160


def connection_state(work: Work, check: Check) -> Checked:
    """Unknown, or nothing, is neither up nor down (sources: Traps 10): then the other checks must tell."""
    document = resources.read(work.clients, check["connection"])
    if document is None:
        return Checked(False, "Connected", "there is no such connection")
    said = str((document.get("properties") or {}).get("connectionStatus") or "")
    if said.lower() == "connected":
        return Checked(True, "Connected", said)
    if said.lower() in ("", "unknown"):
        return Checked(None, "Connected", said or "nothing")
    return Checked(False, "Connected", said)


def peering_state(work: Work, check: Check) -> Checked:
    """Connected, and each side knows the other's address space as it is now."""
    expected = "Connected, FullyInSync"
    document = resources.read(work.clients, check["peering"])
    if document is None:
        return Checked(False, expected, "there is no such peering")
    good = peering.state_of(document) == "connected" and peering.is_in_sync(document)
    return Checked(good, expected, peering.said(document))


def read_bytes(work: Work, check: Check) -> Bytes | Checked:
    """(in, out) of a connection; a finding when there is nothing to read."""
    document = resources.read(work.clients, check["connection"])
    if document is None:
        return Checked(False, TUNNEL_EXPECTED, "there is no such connection")
    details = document.get("properties") or {}
    return int(details.get("ingressBytesTransferred") or 0), int(details.get("egressBytesTransferred") or 0)


TUNNEL_EXPECTED = "bytes rising both ways"


def judge_bytes(before: Bytes, now: Bytes) -> Checked:
    """Both have grown between two looks. A counter that fell was begun anew, and counts from nothing."""
    grown = [new if new < old else new - old for old, new in zip(before, now, strict=True)]
    saw = f"{grown[0]} bytes in and {grown[1]} out since the last look"
    return Checked(all(one > 0 for one in grown), TUNNEL_EXPECTED, saw)


def http_probe(work: Work, check: Check) -> Checked:
    """The owner's page is JSON of which the plan's JMESPath expression is true; nothing else than true will do."""
    import jmespath
    from jmespath.exceptions import JMESPathError

    name = check.get("name") or "probe"
    expected = f"{check['expect']} is true"
    answer = owner_http.get(work.clients, check["url"], doing=f"asking {name}")
    if answer.body is None and answer.text.strip() != "null":
        return Checked(False, expected, f"HTTP {answer.status}, and no JSON")
    try:
        found: Any = jmespath.search(check["expect"], answer.body)
    except (JMESPathError, RecursionError, TypeError, ValueError) as error:
        return Checked(False, expected, f"the expression cannot be used: {' '.join(str(error).split())[:ANSWER_SHOWN]}")
    return Checked(found is True, expected, f"it is {json.dumps(found, default=str)[:ANSWER_SHOWN]}")
