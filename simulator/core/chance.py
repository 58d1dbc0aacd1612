"""Seeded chance: the same seed and the same story give the same durations, guids and secrets, in any order of calls."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping

Duration = float | tuple[float, float]


class Chance:
    """Everything drawn. A draw depends on the seed and its salt alone, never on what was drawn before it."""

    def __init__(self, seed: int, durations: Mapping[str, Duration] | None = None) -> None:
        self.seed = seed
        self._durations: dict[str, Duration] = {}
        self._overrides = {action.lower(): duration for action, duration in (durations or {}).items()}
        self._pinned: dict[tuple[str, str], list[float]] = {}
        self._times: Counter[tuple[str, ...]] = Counter()

    def defaults(self, durations: Mapping[str, Duration]) -> None:
        """What a room says its actions take, in seconds or as [low, high]; the scenario's word comes first."""
        self._durations.update({action.lower(): duration for action, duration in durations.items()})

    def pin(self, action: str, resource: str, seconds: Iterable[float]) -> None:
        """Say beforehand what the next draws give."""
        self._pinned.setdefault((action.lower(), resource.lower()), []).extend(seconds)

    def declares(self, action: str) -> bool:
        return action.lower() in self._overrides or action.lower() in self._durations

    def random(self, *salt: object) -> random.Random:
        text = "\x1f".join([str(self.seed), *(str(part).lower() for part in salt)])
        return random.Random(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))  # noqa: S311 - seeded on purpose

    def guid(self, *salt: object) -> str:
        return str(uuid.UUID(int=self.random("guid", *salt).getrandbits(128), version=4))

    def fresh_guid(self, *salt: object) -> str:
        """Another guid at every call."""
        return self.guid(*salt, self._nth("fresh", *salt))

    def draw(self, action: str, resource: str = "") -> float:
        """Seconds that ``action`` takes on ``resource`` this time. Raises KeyError for an action nobody declared."""
        pinned = self._pinned.get((action.lower(), resource.lower()))
        if pinned:
            return pinned.pop(0)
        duration = self._overrides.get(action.lower(), self._durations.get(action.lower()))
        if duration is None:
            raise KeyError(f"no duration is declared for {action!r}")
        if isinstance(duration, int | float):
            return float(duration)
        nth = self._nth("draw", action, resource)
        low, high = duration
        return round(self.random("draw", action, resource, nth).uniform(low, high), 3)

    def _nth(self, *salt: object) -> int:
        name = tuple(str(part).lower() for part in salt)
        self._times[name] += 1
        return self._times[name]
