"""Where two answers first differ: the status, the headers that matter, then the body key by key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from simulator.conformance.cassettes import Interaction
from simulator.conformance.kinds import GUID, Known, is_secret, kind_of_number, kind_of_text, mask
from simulator.core.web import NOTHING, Response

PRESENT = ("etag", "azure-asyncnotification")
POLL_URLS = ("azure-asyncoperation", "location")
SHOWN = 90
NOBODY = Known(())
"""In sentences every guid is one: recorders do not always replace a subscription's there."""


@dataclass
class Pairs:
    """Recorded guids and the simulator's own for the same thing, as agreeing answers show them."""

    simulated: dict[str, str] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)

    def learn(self, recorded: str, simulated: str) -> None:
        for theirs, ours in zip(GUID.findall(recorded), GUID.findall(simulated), strict=False):
            self.simulated.setdefault(theirs.lower(), ours)
            self.recorded.setdefault(ours.lower(), theirs)

    def translate(self, text: str) -> str:
        """``text`` with the recording's guids replaced by the simulator's."""
        return GUID.sub(lambda found: self.simulated.get(found[0].lower(), found[0]), text)

    def back(self, text: str) -> str:
        """``text`` of the simulator with the recording's guids."""
        return GUID.sub(lambda found: self.recorded.get(found[0].lower(), found[0]), text)


class Comparison:
    """Compares the answers of one recording; learns which guid stands for which on the way."""

    def __init__(self, known: Known, pairs: Pairs) -> None:
        self._known = known
        self._pairs = pairs

    def difference(self, recorded: Interaction, simulated: Response) -> str | None:
        """The first difference as a sentence, or None."""
        if recorded.status != simulated.status:
            said = _code(simulated.body)
            return f"status: recorded {recorded.status}, simulated {simulated.status}{f' {said}' if said else ''}"
        ours = {name.lower(): value for name, value in simulated.headers.items()}
        return self._headers(recorded.headers, ours) or self._body(recorded.body, _parsed(simulated))

    def _headers(self, theirs: Mapping[str, str], ours: Mapping[str, str]) -> str | None:
        for name in (*POLL_URLS, *PRESENT):
            if (name in theirs) != (name in ours):
                return f"header {name}: {'is missing' if name in theirs else 'is not recorded'}"
        for name in POLL_URLS:
            if name in theirs and not self._alike(theirs[name], ours[name]):
                return f"header {name}: recorded {_path(theirs[name])}, simulated {_path(ours[name])}"
            if name in theirs:
                self._pairs.learn(_path(theirs[name]), _path(ours[name]))
        if "retry-after" in theirs and theirs["retry-after"] != ours.get("retry-after"):
            return f"header retry-after: recorded {theirs['retry-after']}, simulated {ours.get('retry-after')}"
        return None

    def _alike(self, theirs: str, ours: str) -> bool:
        """Whether two URLs are of a kind: the path by kind, every name of the recorded query (some are cut)."""
        left, right = urlsplit(theirs), urlsplit(ours)
        paths = [mask(unquote(path).lower(), self._known) for path in (left.path, self._pairs.back(right.path))]
        return paths[0] == paths[1] and set(dict(parse_qsl(left.query))) <= set(dict(parse_qsl(right.query)))

    def _body(self, theirs: Any, ours: Any) -> str | None:
        if theirs is NOTHING or ours is NOTHING:
            return None if theirs is ours else f"body: {'is not recorded' if theirs is NOTHING else 'is missing'}"
        return self._value("body", "", theirs, ours)

    def _value(self, path: str, key: str, theirs: Any, ours: Any) -> str | None:
        if isinstance(theirs, dict) and isinstance(ours, dict):
            return self._mapping(path, theirs, ours)
        if isinstance(theirs, list) and isinstance(ours, list):
            return self._list(path, theirs, ours)
        if self._same(key, theirs, ours):
            return None
        return f"{path}: recorded {_short(theirs)}, simulated {_short(ours)}"

    def _mapping(self, path: str, theirs: dict[str, Any], ours: dict[str, Any]) -> str | None:
        for key, value in theirs.items():
            if key not in ours:
                return f"{path}.{key}: is missing (recorded {_short(value)})"
            found = self._value(f"{path}.{key}", key, value, ours[key])
            if found is not None:
                return found
        extra = next((key for key in ours if key not in theirs), None)
        return f"{path}.{extra}: is not recorded (simulated {_short(ours[extra])})" if extra is not None else None

    def _list(self, path: str, theirs: list[Any], ours: list[Any]) -> str | None:
        """By id where all have one, else by place."""
        if len(theirs) != len(ours):
            return f"{path}: recorded {len(theirs)} items, simulated {len(ours)}"
        exact, masked = [_id(item) for item in ours], [self._name(item) for item in ours]
        for at, item in enumerate(theirs):
            name, own = self._name(item), _id(item)
            here = masked.index(name) if name is not None and masked.count(name) == 1 else at
            here = exact.index(own) if own is not None and own in exact else here
            found = self._value(f"{path}[{at}]", "", item, ours[here])
            if found is not None:
                return found
        return None

    def _name(self, item: Any) -> str | None:
        named = _id(item)
        return mask(named, self._known) if named is not None else None

    def _same(self, key: str, theirs: Any, ours: Any) -> bool:
        if theirs is None or ours is None or type(theirs) is not type(ours):
            return theirs is ours or (_number(theirs) and _number(ours) and (kind_of_number(key) or theirs == ours))
        if not isinstance(theirs, str):
            return bool(theirs == ours) or (_number(theirs) and kind_of_number(key))
        if theirs == ours:
            return True
        if kind_of_text(key) or is_secret(key, theirs, self._known):
            return bool(ours)
        known = NOBODY if key == "message" else self._known
        if mask(theirs, known) != mask(self._pairs.back(ours), known):
            return False
        if known is self._known:
            self._pairs.learn(theirs, ours)
        return True


def _id(item: Any) -> str | None:
    named = item.get("id") if isinstance(item, dict) else None
    return named.lower() if isinstance(named, str) else None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _parsed(response: Response) -> Any:
    if response.text is not None:
        return response.text
    return json.loads(response.encoded()) if response.body is not NOTHING else NOTHING


def _code(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    return str(error.get("code") or "") if isinstance(error, dict) else ""


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
