"""Long-running operations: accepted now, ended later, with a state that whoever polls may read.

An operation's transitions, as data: ``InProgress -> Succeeded | Failed | Canceled``. How a status poll looks on the
wire is its room's matter (Microsoft.Network's ``operations/{id}`` and Site Recovery's ``replicationOperationStatus``
have nothing in common).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from simulator.core import ids
from simulator.core.schedule import Due

if TYPE_CHECKING:
    from simulator.core.world import World

TRANSITIONS = {"InProgress": ("Succeeded", "Failed", "Canceled"), "Succeeded": (), "Failed": (), "Canceled": ()}
Failure = dict[str, Any]


@dataclass(slots=True)
class Operation:
    """One accepted operation. ``error`` is the ARM error object of one that failed; ``result`` what its POST yields."""

    id: str
    action: str
    resource: str
    location: str | None
    accepted: datetime
    duration_seconds: float
    title: str = ""
    status: str = "InProgress"
    ended: datetime | None = None
    error: Failure | None = None
    result: Any = None
    style: str = ""
    method: str = ""
    polls: int = 0
    locks: frozenset[str] = frozenset()
    data: dict[str, Any] = field(default_factory=dict)
    _due: Due | None = None
    _finish: Callable[[], Failure | None] | None = None
    _abandon: Callable[[], None] | None = None

    @property
    def running(self) -> bool:
        return self.status == "InProgress"

    def fails_with(self, error: Failure) -> None:
        """Let it fail at its end; its room finds the error in ``data["fails_with"]`` and may know a better one."""
        finish = self._finish
        self.data["fails_with"] = error

        def failing() -> Failure:
            own = finish() if finish is not None else None
            return own or error

        self._finish = failing


class Operations:
    """All operations of the run, and the locks that those in flight hold."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_id: dict[str, Operation] = {}
        self._stalled: list[Operation] = []
        self._holders: dict[str, Operation] = {}
        world.faults.on_region_change(self._resume)

    def begin(
        self,
        action: str,
        resource: str,
        *,
        location: str | None,
        finish: Callable[[], Failure | None] | None = None,
        abandon: Callable[[], None] | None = None,
        idempotent: bool = True,
        duration: float | None = None,
        locks: Sequence[str] = (),
        result: Any = None,
        style: str = "network",
        method: str = "",
        title: str = "",
        data: dict[str, Any] | None = None,
        operation_id: str | None = None,
    ) -> Operation:
        """Accept an operation and schedule its end.

        ``finish`` applies its effect at the end and returns None, or an ARM error object if it failed; ``abandon``
        undoes what is left when it is cancelled. Without ``duration`` one is drawn for ``action``. ``locks`` are the
        ids nobody else may write meanwhile. In a region whose control plane is dead the end waits for the light.
        """
        world = self._world
        operation = Operation(
            id=operation_id or world.fresh_guid("operation", action, resource),
            action=action,
            resource=resource,
            location=location,
            accepted=world.now,
            duration_seconds=world.draw(action, resource) if duration is None else duration,
            title=title or action,
            result=result,
            style=style,
            method=method,
            locks=frozenset(ids.key(lock) for lock in locks),
            data=data or {},
        )
        operation._finish, operation._abandon = finish, abandon
        self._by_id[operation.id.lower()] = operation
        for lock in operation.locks:
            self._holders[lock] = operation
        world.log.write(
            "operation.accepted",
            operation=operation.id,
            action=action,
            resource=resource,
            idempotent=idempotent,
            duration_seconds=operation.duration_seconds,
        )
        operation._due = world.after(operation.duration_seconds, lambda: self._end(operation))
        return operation

    def __len__(self) -> int:
        return len(self._by_id)

    def reschedule(self, operation: Operation, seconds: float) -> None:
        """Let an operation that runs end that many virtual seconds from now instead."""
        if operation.running and operation._due is not None:
            operation._due.cancel()
            operation._due = self._world.after(seconds, lambda: self._end(operation))

    def get(self, operation_id: str) -> Operation | None:
        return self._by_id.get(operation_id.lower())

    def all(self) -> list[Operation]:
        return list(self._by_id.values())

    def holder(self, resource_ids: Sequence[str]) -> tuple[Operation, str] | None:
        """The operation in flight that holds one of these ids, with the id; None when all are free."""
        for resource_id in resource_ids:
            operation = self._holders.get(ids.key(resource_id))
            if operation is not None and operation.running:
                return operation, resource_id
        return None

    def seconds_left(self, operation: Operation) -> float:
        if not operation.running or operation._due is None:
            return 0.0
        return max(0.0, (operation._due.at - self._world.now).total_seconds())

    def cancel(self, operation: Operation, error: Failure | None) -> None:
        """End an operation as Canceled, without its effect."""
        if operation.running:
            if operation._due is not None:
                operation._due.cancel()
            if operation._abandon is not None:
                operation._abandon()
            self._close(operation, "Canceled", error)

    def _end(self, operation: Operation) -> None:
        if not operation.running:
            return
        if self._world.faults.control_plane_is_dead(operation.location):
            self._stalled.append(operation)
            return
        error = operation._finish() if operation._finish is not None else None
        self._close(operation, "Failed" if error else "Succeeded", error)

    def _close(self, operation: Operation, status: str, error: Failure | None) -> None:
        if status not in TRANSITIONS[operation.status]:
            raise ValueError(f"an operation does not go from {operation.status} to {status}")
        operation.status, operation.error, operation.ended = status, error, self._world.now
        for lock in operation.locks:
            if self._holders.get(lock) is operation:
                del self._holders[lock]
        fields = {"code": error["code"]} if error else {}
        self._world.log.write(
            "operation.ended",
            operation=operation.id,
            action=operation.action,
            resource=operation.resource,
            status=status,
            **fields,
        )

    def _resume(self, region: str) -> None:
        if self._world.faults.control_plane_is_dead(region):
            return
        due = [operation for operation in self._stalled if operation.location == region]
        self._stalled = [operation for operation in self._stalled if operation.location != region]
        for operation in due:
            self._end(operation)
