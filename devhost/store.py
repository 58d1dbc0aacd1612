"""Everything durable, in one SQLite file.

WAL with ``synchronous=NORMAL``: a commit is in the operating system's hands when it returns, so ``kill -9`` of this
process loses nothing; only a power cut may lose the last commits (never corrupt the file). FULL would pay an fsync
for each of thousands of episodes to protect a development host against power cuts.

One connection behind one lock. Nothing here decides anything: rows in, rows out, in the caller's transaction.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from devhost.episode import Record
from devhost.errors import HostError
from devhost.history import Status

SCHEMA_VERSION = 1
RANK_START, RANK_CARRIED, RANK_ARRIVED = 0, 1, 2

_SCHEMA = """
CREATE TABLE IF NOT EXISTS instances(
  id TEXT PRIMARY KEY, execution TEXT NOT NULL, name TEXT NOT NULL, version TEXT, status INTEGER NOT NULL, input TEXT,
  output TEXT, custom_status TEXT, parent TEXT, created TEXT NOT NULL, updated TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS instances_by_status ON instances(status);
CREATE TABLE IF NOT EXISTS history(
  instance TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY(instance, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages(
  id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, execution TEXT, rank INTEGER NOT NULL,
  body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS messages_by_target ON messages(target);
CREATE TABLE IF NOT EXISTS timers(
  instance TEXT NOT NULL, execution TEXT NOT NULL, timer INTEGER NOT NULL, fire_at TEXT NOT NULL,
  PRIMARY KEY(instance, execution, timer)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS work(
  id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, execution TEXT NOT NULL, task INTEGER NOT NULL,
  name TEXT NOT NULL, input TEXT);
CREATE TABLE IF NOT EXISTS entities(id TEXT PRIMARY KEY, state TEXT, updated TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS schedules(
  function TEXT PRIMARY KEY, last TEXT, next TEXT NOT NULL, updated TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Message:
    """A row of an inbox. ``execution`` None means "whichever runs"; ``timer`` marks a due timer (no row of its own)."""

    id: int | None
    target: str
    execution: str | None
    rank: int
    body: dict[str, Any]
    timer: int | None = None


@dataclass(frozen=True)
class Work:
    """One activity call that has no recorded end."""

    id: int
    instance_id: str
    execution_id: str
    task: int
    name: str
    input: str | None


class Store:
    def __init__(self, path: Path, after_commit: Callable[[int], None] | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._guard = _take_for_this_process(path)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._lock = threading.RLock()
        self._after_commit = after_commit
        self._commits = 0
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY", "busy_timeout=5000"):
            self._connection.execute(f"PRAGMA {pragma}")
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version not in (0, SCHEMA_VERSION):
            raise HostError(f"{path} was written by another version of this host (schema {version}); use a new file")
        self._connection.executescript(_SCHEMA + f"PRAGMA user_version={SCHEMA_VERSION};")

    def close(self) -> None:
        with self._lock:
            self._connection.close()
            self._guard.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; the lock is held, so keep functions of the app outside."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
            self._commits += 1
            if self._after_commit:
                self._after_commit(self._commits)

    def _rows(self, sql: str, *values: Any) -> list[Any]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    # instances

    def instance(self, instance_id: str) -> Record | None:
        rows = self._rows("SELECT * FROM instances WHERE id=?", instance_id)
        return _record(rows[0]) if rows else None

    def instances(self, where: str = "1", *values: Any) -> list[Record]:
        """``where`` is SQL written in this room; what came from outside is in ``values``."""
        return [_record(row) for row in self._rows(f"SELECT * FROM instances WHERE {where}", *values)]  # noqa: S608

    def put_instance(self, record: Record) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO instances VALUES(?,?,?,?,?,?,?,?,?,?,?)",
            (
                record.instance_id, record.execution_id, record.name, record.version, int(record.status), record.input,
                record.output, record.custom_status, json.dumps(record.parent) if record.parent else None,
                record.created, record.updated,
            ),
        )

    def forget_execution(self, instance_id: str, *, keep_events: bool = True) -> None:
        """Drop history, timers, calls and messages of whatever execution the instance had."""
        self._connection.execute("DELETE FROM history WHERE instance=?", (instance_id,))
        self._connection.execute("DELETE FROM timers WHERE instance=?", (instance_id,))
        self._connection.execute("DELETE FROM work WHERE instance=?", (instance_id,))
        self._connection.execute(
            "DELETE FROM messages WHERE target=? AND (execution IS NOT NULL OR NOT ?)", (instance_id, keep_events)
        )

    def delete_instance(self, instance_id: str) -> None:
        self.forget_execution(instance_id, keep_events=False)
        self._connection.execute("DELETE FROM instances WHERE id=?", (instance_id,))

    # history

    def history(self, instance_id: str) -> list[str]:
        return [row[0] for row in self._rows("SELECT body FROM history WHERE instance=? ORDER BY seq", instance_id)]

    def append_history(self, instance_id: str, first: int, bodies: Iterable[str]) -> None:
        self._connection.executemany(
            "INSERT INTO history VALUES(?,?,?)", [(instance_id, first + n, body) for n, body in enumerate(bodies)]
        )

    def replace_history(self, instance_id: str, bodies: Iterable[str]) -> None:
        self._connection.execute("DELETE FROM history WHERE instance=?", (instance_id,))
        self.append_history(instance_id, 0, bodies)

    # messages

    def add_message(
        self, target: str, execution: str | None, body: dict[str, Any], rank: int = RANK_ARRIVED
    ) -> Message:
        cursor = self._connection.execute(
            "INSERT INTO messages(target, execution, rank, body) VALUES(?,?,?,?)",
            (target, execution, rank, json.dumps(body)),
        )
        return Message(cursor.lastrowid, target, execution, rank, body)

    def take_messages(self, messages: Iterable[Message]) -> None:
        rows, timers = [], []
        for message in messages:
            if message.timer is None:
                rows.append((message.id,))
            else:
                timers.append((message.target, message.execution, message.timer))
        self._connection.executemany("DELETE FROM messages WHERE id=?", rows)
        self._connection.executemany("DELETE FROM timers WHERE instance=? AND execution=? AND timer=?", timers)

    def messages(self) -> list[Message]:
        rows = self._rows("SELECT id, target, execution, rank, body FROM messages ORDER BY rank, id")
        return [Message(row[0], row[1], row[2], row[3], json.loads(row[4])) for row in rows]

    # timers and activity calls

    def add_timer(self, instance_id: str, execution_id: str, timer: int, fire_at: str) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO timers VALUES(?,?,?,?)", (instance_id, execution_id, timer, fire_at)
        )

    def timers(self) -> list[tuple[str, str, int, str]]:
        return self._rows("SELECT instance, execution, timer, fire_at FROM timers")

    def add_work(self, instance_id: str, execution_id: str, task: int, name: str, text: str | None) -> Work:
        cursor = self._connection.execute(
            "INSERT INTO work(instance, execution, task, name, input) VALUES(?,?,?,?,?)",
            (instance_id, execution_id, task, name, text),
        )
        return Work(int(cursor.lastrowid or 0), instance_id, execution_id, task, name, text)

    def end_work(self, work_id: int) -> bool:
        """False when the call was forgotten meanwhile (its instance ended or was replaced)."""
        return self._connection.execute("DELETE FROM work WHERE id=?", (work_id,)).rowcount > 0

    def forget_calls(self, instance_id: str) -> None:
        self._connection.execute("DELETE FROM timers WHERE instance=?", (instance_id,))
        self._connection.execute("DELETE FROM work WHERE instance=?", (instance_id,))

    def work(self) -> list[Work]:
        return [Work(*row) for row in self._rows("SELECT * FROM work ORDER BY id")]

    # entities and timer triggers

    def entity_state(self, entity_id: str) -> str | None:
        rows = self._rows("SELECT state FROM entities WHERE id=?", entity_id)
        return rows[0][0] if rows else None

    def entities(self, prefix: str = "@") -> list[tuple[str, str | None, str]]:
        return self._rows("SELECT id, state, updated FROM entities WHERE substr(id,1,?)=?", len(prefix), prefix)

    def put_entity(self, entity_id: str, state: str | None, updated: str) -> None:
        if state is None:
            self._connection.execute("DELETE FROM entities WHERE id=?", (entity_id,))
        else:
            self._connection.execute("INSERT OR REPLACE INTO entities VALUES(?,?,?)", (entity_id, state, updated))

    def schedule(self, function: str) -> tuple[str | None, str, str] | None:
        rows = self._rows("SELECT last, next, updated FROM schedules WHERE function=?", function)
        return rows[0] if rows else None

    def put_schedule(self, function: str, last: str | None, following: str, updated: str) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO schedules VALUES(?,?,?,?)", (function, last, following, updated)
        )


def _take_for_this_process(path: Path) -> IO[str]:
    """Two hosts on one file would run everything twice. The lock goes with the process, however it ends."""
    guard = path.with_name(path.name + ".lock").open("w")
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        guard.close()
        raise HostError(f"{path} is being served by another process; stop it or use another file") from error
    return guard


def _record(row: tuple[Any, ...]) -> Record:
    return Record(
        row[0], row[1], row[2], row[3], Status(row[4]), row[5], row[6], row[7], json.loads(row[8]) if row[8] else None,
        row[9], row[10],
    )
