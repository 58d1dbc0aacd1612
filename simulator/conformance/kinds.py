"""What in an answer differs between two equal runs of Azure, by kind: a guid is a guid, a time is a time.

A value that the recording's own requests name (a subscription, an address asked for) is no volatile one: `Known`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from simulator.conformance.cassettes import Interaction
from simulator.conformance.moments import poll_paths
from simulator.core.web import NOTHING

GUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_ETAG = re.compile(r"^W/\"[^\"]*\"$|^\"?[0-9a-fA-F-]{36}\"?$")
_TIME = re.compile(
    r"(?P<year>\d{4})-\d\d-\d\d[T ]\d\d(:|%3a)\d\d(:|%3a)\d\d(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)?",
    re.IGNORECASE,
)
_OTHER_TIMES = re.compile(r"\d{8}T\d{6}Z|\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d( [AP]M)?")
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d./])")
_WAIT = re.compile(r"(?<= )'?\d+'?(?= seconds)")
_NUMBER = re.compile(r"(?<![\dA-Za-z])\d{15,}(?![\dA-Za-z])")
_OPAQUE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9_=+-]*\d)(?=[A-Za-z0-9_=+-]*[A-Za-z])[A-Za-z0-9_=+-]{24,}")

_MAC = re.compile(r"\b[0-9A-F]{2}(-[0-9A-F]{2}){5}\b")
VERSIONS = frozenset(
    {
        "exactversion",
        "vmagentversion",
        "agentversion",
        "osversion",
        "internaldomainnamesuffix",
        "primaryazureport",
        "secondaryazureport",
        "changenumber",
        "servicetagchangenumber",
    }
)
"""Keys of versions and labels that Azure picks: any will do."""

SECRETS = frozenset({"sharedkey", "authorizationkey", "servicekey", "primarykey", "secondarykey", "password"})
"""Keys whose values are made by Azure and mean nothing to anybody else."""

MEASURES = frozenset(
    {
        "rpoinseconds",
        "datapendinginstagingstorageaccountinmb",
        "datapendingatsourceagentinmb",
        "monitoringpercentagecompletion",
        "avglatencyinms",
        "minlatencyinms",
        "maxlatencyinms",
        "probessent",
        "probesfailed",
        "azureasn",
        "stag",
        "vlanid",
        "primarybytesin",
        "primarybytesout",
        "secondarybytesin",
        "secondarybytesout",
        "roundtriptimemin",
        "roundtriptimeavg",
        "roundtriptimemax",
    }
)
"""Keys whose numbers are measured or drawn by Azure: compared by being a number. A null stays a null."""


class Known:
    """What the requests of one recording name: guids, addresses and long words that are not Azure's to choose."""

    def __init__(self, calls: Sequence[Interaction]) -> None:
        texts = []
        given = {path for call in calls for path in poll_paths(call)}
        for call in calls:
            if call.key in given:
                continue
            texts.append(call.path)
            if call.sent is not NOTHING:
                texts.append(json.dumps(call.sent))
        text = " ".join(texts).lower()
        self.guids = set(GUID.findall(text))
        self.addresses = set(_ADDRESS.findall(text))
        self.text = text

    def forget(self, guids: Iterable[str]) -> None:
        """Guids that an answer gave out before a request named them are Azure's own after all."""
        self.guids -= {guid.lower() for guid in guids}


def mask(text: str, known: Known) -> str:
    """``text`` with each volatile part replaced by its kind; ids compare without case."""
    if _ETAG.match(text):
        return "<etag>" if text.startswith("W/") else "<guid>" if text.lower().strip('"') not in known.guids else text
    text = _MAC.sub("<mac>", text)
    text = _TIME.sub(_time, text)
    text = _OTHER_TIMES.sub("<time>", text)
    text = GUID.sub(lambda m: m[0].lower() if m[0].lower() in known.guids else "<guid>", text)
    text = _ADDRESS.sub(lambda m: m[0] if m[0] in known.addresses or m[0].startswith("0.") else "<address>", text)
    text = _OPAQUE.sub(lambda m: m[0] if m[0].lower() in known.text else "<opaque>", text)
    text = _NUMBER.sub(lambda m: m[0] if m[0] in known.text else "<number>", text)
    text = _WAIT.sub("<n>", text)
    return text.lower() if "/" in text else text


def _time(found: re.Match[str]) -> str:
    if not "1900" <= found["year"] <= "2900":
        return found[0]
    return "<time Z>" if found["zone"] else "<time>"


def kind_of_number(key: str) -> bool:
    return key.lower() in MEASURES


def kind_of_text(key: str) -> bool:
    return key.lower() in VERSIONS


def is_secret(key: str, value: Any, known: Known) -> bool:
    """A key's value that Azure made; one that a request sent must come back as it was sent."""
    return key.lower() in SECRETS and isinstance(value, str) and bool(value) and value.lower() not in known.text
