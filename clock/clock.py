"""Reading, freezing and jumping the shared clock file."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Literal, Protocol

MAX_SPEED: Literal["max"] = "max"
CLOCK_FILE_SETTING = "BRIDGEHEAD_CLOCK_FILE"

Speed = float | Literal["max"]


class Clock(Protocol):
    """What the rest of the house may ask of time."""

    @property
    def speed(self) -> Speed: ...

    def now(self) -> datetime: ...


class SystemClock:
    """The real time, UTC."""

    speed: Speed = 1.0

    def now(self) -> datetime:
        return datetime.now(timezone.utc)


def create(path: Path, *, speed: Speed, start: datetime | None = None) -> None:
    """Make a clock file at ``path``. ``start`` is the virtual time of its first moment (default: now)."""
    if speed != MAX_SPEED and not float(speed) > 0:
        raise ValueError(f"speed must be a positive number or 'max', not {speed!r}")
    state: dict[str, Any] = {
        "virtual_epoch": (start or datetime.now(timezone.utc)).timestamp(),
        "wall_epoch": time.time(),
        "speed": speed,
        "jumped_seconds": 0.0,
        "participants": {},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, state)


def from_environment() -> Clock:
    """The clock that this process lives by: the file named by BRIDGEHEAD_CLOCK_FILE, else the system's."""
    path = os.environ.get(CLOCK_FILE_SETTING)
    return VirtualClock(Path(path)) if path else SystemClock()


class VirtualClock:
    """One process's view of the clock file.

    A process that does work in virtual time *joins* under a name and afterwards tells, whenever it changes, whether
    it is idle: ``report(working, waiting, holding, next_due)``.

    ``working``  things under way that need no virtual time (episodes, messages ready to be taken): never jump.
    ``waiting``  calls made to others and not answered (activities and HTTP functions in flight).
    ``holding``  calls of others that are kept waiting on purpose until a virtual time (slow answers).
    ``next_due`` the earliest virtual time at which this process has something to do, or None.

    Time may jump when nobody works and no more calls are waiting than are being held: then the only thing that can
    happen next is the earliest ``next_due``.
    """

    def __init__(self, path: Path, name: str | None = None) -> None:
        self.path = path
        self.name = name
        self._thread_lock = threading.Lock()
        state = self._read()
        self._speed: Speed = state["speed"]
        self._cached: tuple[tuple[int, int], dict[str, Any]] | None = None

    @property
    def speed(self) -> Speed:
        return self._speed

    def now(self) -> datetime:
        return datetime.fromtimestamp(_virtual(self._read()), timezone.utc)

    def wall_seconds_until(self, moment: datetime) -> float | None:
        """Wall seconds to sleep until the virtual ``moment``; None when only a jump can bring it (speed max)."""
        if self._speed == MAX_SPEED:
            return 0.0 if moment <= self.now() else None
        return max(0.0, (moment - self.now()).total_seconds() / float(self._speed))

    def join(self) -> None:
        """Take part under ``name``. Wall time since an earlier incarnation's last word is added: time ran on."""
        with self._locked() as state:
            before = state["participants"].get(self._member_name())
            if before and self._speed == MAX_SPEED:
                state["jumped_seconds"] += max(0.0, time.time() - before["told_at"])
            state["participants"][self._member_name()] = _entry(working=1)

    def pid_of(self, name: str) -> int | None:
        """The process that takes part under ``name``; None when nobody does."""
        member = self._read()["participants"].get(name)
        return int(member["pid"]) if member else None

    def leave(self) -> None:
        with self._locked() as state:
            state["participants"].pop(self._member_name(), None)

    def report(self, *, working: int = 0, waiting: int = 0, holding: int = 0, next_due: datetime | None = None) -> bool:
        """Tell what this process is doing; jumps the clock when that makes everybody idle. True if time jumped."""
        if self._speed != MAX_SPEED:
            return False
        with self._locked() as state:
            state["participants"][self._member_name()] = _entry(
                working, waiting, holding, next_due.timestamp() if next_due else None
            )
            return _jump_if_idle(state)

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by hand (tests, and a person rehearsing a long wait)."""
        with self._locked() as state:
            state["jumped_seconds"] += max(0.0, by.total_seconds())

    def _member_name(self) -> str:
        if self.name is None:
            raise ValueError("this clock was opened to be read only; give it a name to take part")
        return self.name

    def _read(self) -> dict[str, Any]:
        stat = self.path.stat()
        key = (stat.st_mtime_ns, stat.st_ino)
        cached = getattr(self, "_cached", None)
        if cached and cached[0] == key:
            return cached[1]  # type: ignore[no-any-return]
        state: dict[str, Any] = json.loads(self.path.read_text())
        self._cached = (key, state)
        return state

    @contextlib.contextmanager
    def _locked(self) -> Iterator[dict[str, Any]]:
        with self._thread_lock, self.path.with_name(f"{self.path.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state: dict[str, Any] = json.loads(self.path.read_text())
            yield state
            _replace(self.path, state)


def _entry(working: int = 0, waiting: int = 0, holding: int = 0, next_due: float | None = None) -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "told_at": time.time(),
        "working": working,
        "waiting": waiting,
        "holding": holding,
        "next_due": next_due,
    }


def _virtual(state: dict[str, Any]) -> float:
    elapsed = 0.0
    if state["speed"] != MAX_SPEED:
        elapsed = (time.time() - state["wall_epoch"]) * float(state["speed"])
    return float(state["virtual_epoch"]) + elapsed + float(state["jumped_seconds"])


def _jump_if_idle(state: dict[str, Any]) -> bool:
    members = [m for m in state["participants"].values() if _alive(m["pid"])]
    if any(m["working"] for m in members):
        return False
    if sum(m["waiting"] for m in members) > sum(m["holding"] for m in members):
        return False
    due = [m["next_due"] for m in members if m["next_due"] is not None]
    now = _virtual(state)
    if not due or min(due) <= now:
        return False
    state["jumped_seconds"] += min(due) - now
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _replace(path: Path, state: dict[str, Any]) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    temporary.write_text(json.dumps(state))
    temporary.replace(path)
