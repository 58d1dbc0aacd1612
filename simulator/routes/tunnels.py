"""Tunnels over every kind of link: both ends must want one, it takes its time, and its routes take theirs.

A tunnel's states, as data. ``Unknown`` just after the connection is provisioned is recorded; the times between the
states and ``Connecting`` are guesses (no live peer was ever recorded).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.core import ids
from simulator.core.chance import Duration
from simulator.core.schedule import Due
from simulator.routes.obstacles import AT_ONCE, DELETED, obstacle
from simulator.routes.wishes import CIRCUIT, EDGE, PAIR, Wish, all_wishes

if TYPE_CHECKING:
    from simulator.core.world import World

TRANSITIONS = {
    "Unknown": ("Connecting",),
    "Connecting": ("Connected",),
    "Connected": ("NotConnected",),
    "NotConnected": ("Connecting",),
}
DURATIONS: dict[str, Duration] = {
    "tunnel/negotiate": (1.0, 4.0),
    "tunnel/establish": (3.0, 9.0),
    "tunnel/dead-peer-detection": 45.0,
    "circuit/negotiate": (1.0, 2.0),
    "circuit/establish": (1.0, 4.0),
    "bgp/azure": (8.0, 20.0),
}


@dataclass
class Tunnel:
    """One tunnel. ``up_since`` and ``carries_since`` (its routes have arrived) in seconds, None when it does not."""

    wish: Wish
    state: str = "Unknown"
    why_not: str | None = None
    up_since: float | None = None
    carries_since: float | None = None
    pending: Due | None = field(default=None, repr=False)
    going_down: bool = False

    @property
    def up(self) -> bool:
        return self.state == "Connected"


class Tunnels:
    """All tunnels by key. `evaluate` compares what should be with what is and sets it going.

    ``on_change`` is called when what tunnels carry has changed.
    """

    def __init__(self, world: World, on_change: Callable[[], None]) -> None:
        self._world = world
        self._on_change = on_change
        self._tunnels: dict[str, Tunnel] = {}
        self._provisioned: set[str] = set()
        self._looking = False

    def all(self) -> list[Tunnel]:
        return list(self._tunnels.values())

    def of(self, connection_id: str) -> list[Tunnel]:
        return [tunnel for tunnel in self._tunnels.values() if ids.same(tunnel.wish.connection, connection_id)]

    def of_gateway(self, gateway_id: str) -> list[Tunnel]:
        return [tunnel for tunnel in self._tunnels.values() if ids.same(tunnel.wish.gateway, gateway_id)]

    def carrying(self) -> dict[str, tuple[Wish, float]]:
        """Key -> (wish, since when) of the tunnels whose routes have arrived."""
        return {
            key: (one.wish, one.carries_since) for key, one in self._tunnels.items() if one.carries_since is not None
        }

    def evaluate(self, *, at_start: bool = False) -> None:
        """Look at every tunnel. ``at_start`` brings up at once what an estate calls connected."""
        before, self._looking = self.carrying(), True
        wishes = all_wishes(self._world)
        for key in [key for key in self._tunnels if wishes.get(key) != self._tunnels[key].wish]:
            self._drop(self._tunnels.pop(key), DELETED)
        self._provisioned &= {ids.key(wish.connection) for wish in wishes.values()}
        for wish in wishes.values():
            if self._is_provisioned(wish):
                self._settle(wish, at_start)
        self._looking = False
        if self.carrying() != before:
            self._on_change()

    def _is_provisioned(self, wish: Wish) -> bool:
        """A connection is once its first write has ended, and stays so while it is written again."""
        if wish.kind == EDGE:
            return True
        connection = self._world.documents.get(wish.connection)
        if connection is not None and connection["properties"].get("provisioningState") == "Succeeded":
            self._provisioned.add(ids.key(wish.connection))
        return ids.key(wish.connection) in self._provisioned

    def _settle(self, wish: Wish, at_start: bool) -> None:
        tunnel = self._tunnels.setdefault(wish.key, Tunnel(wish))
        tunnel.why_not = obstacle(self._world, wish)
        if tunnel.why_not is None:
            if tunnel.going_down and tunnel.pending is not None:
                tunnel.pending.cancel()
                tunnel.pending, tunnel.going_down = None, False
            if at_start and self._told_connected(wish):
                tunnel.state, tunnel.up_since = "Connected", self._world.seconds
                self._carry(tunnel)
        if tunnel.up and tunnel.why_not is not None:
            self._go_down(tunnel, tunnel.why_not)
        elif not tunnel.up and tunnel.pending is None:
            self._try(tunnel)

    def _told_connected(self, wish: Wish) -> bool:
        connection = self._world.documents.get(wish.connection)
        return connection is None or connection["properties"].get("connectionStatus") in (None, "Connected")

    def _try(self, tunnel: Tunnel) -> None:
        """A new tunnel negotiates whatever stands in its way; it goes on only when nothing does."""
        how = "circuit" if tunnel.wish.kind in (CIRCUIT, EDGE) else "tunnel"
        if tunnel.state == "Unknown" or (tunnel.state == "NotConnected" and tunnel.why_not is None):
            self._later(tunnel, f"{how}/negotiate", self._connecting)
        elif tunnel.state == "Connecting" and tunnel.why_not is None:
            self._later(tunnel, f"{how}/establish", self._connected)

    def _later(self, tunnel: Tunnel, action: str, then: Callable[[Tunnel], None]) -> None:
        def arrive() -> None:
            tunnel.pending = None
            then(tunnel)

        tunnel.pending = self._world.after(self._world.draw(action, tunnel.wish.key), arrive)

    def _connecting(self, tunnel: Tunnel) -> None:
        if self._tunnels.get(tunnel.wish.key) is tunnel:
            self._turn(tunnel, "Connecting")
            self._try(tunnel)

    def _connected(self, tunnel: Tunnel) -> None:
        if tunnel.why_not is None and self._tunnels.get(tunnel.wish.key) is tunnel:
            self._turn(tunnel, "Connected")
            tunnel.up_since = since = self._world.seconds
            seconds = self._world.draw(f"bgp/{tunnel.wish.who}", tunnel.wish.key)
            self._world.after(seconds, lambda: self._converged(tunnel, since))

    def _converged(self, tunnel: Tunnel, since: float) -> None:
        if tunnel.up and tunnel.up_since == since:
            self._carry(tunnel)

    def _carry(self, tunnel: Tunnel) -> None:
        tunnel.carries_since = self._world.seconds
        self._tell()

    def _tell(self) -> None:
        """Once for all that one look has changed."""
        if not self._looking:
            self._on_change()

    def _go_down(self, tunnel: Tunnel, why: str) -> None:
        """At once when an end says so; after dead peer detection when the other end just falls silent."""
        if why in AT_ONCE:
            self._drop(tunnel, why)
        elif tunnel.pending is None:
            tunnel.going_down = True
            self._later(tunnel, "tunnel/dead-peer-detection", lambda gone: self._drop(gone, why))

    def _drop(self, tunnel: Tunnel, why: str) -> None:
        tunnel.going_down = False
        tunnel.why_not = tunnel.why_not or why
        if tunnel.pending is not None:
            tunnel.pending.cancel()
            tunnel.pending = None
        if tunnel.up:
            self._turn(tunnel, "NotConnected", why)
            tunnel.up_since = tunnel.carries_since = None
            self._tell()

    def _turn(self, tunnel: Tunnel, state: str, why: str | None = None) -> None:
        if state == tunnel.state:
            return
        if state not in TRANSITIONS[tunnel.state]:
            raise ValueError(f"a tunnel does not go from {tunnel.state} to {state}")
        tunnel.state = state
        if tunnel.wish.kind == EDGE:
            return
        far = {"site": tunnel.wish.site_in(self._world).name} if tunnel.wish.site else {"remote": tunnel.wish.remote}
        fields = {**far, **({"instance": tunnel.wish.instance} if tunnel.wish.instance else {})}
        self._world.log.write(
            "tunnel.changed",
            connection=tunnel.wish.connection,
            gateway=tunnel.wish.gateway,
            state=state,
            **fields,
            **({"why": why} if why else {}),
        )


def state_of(tunnels: list[Tunnel]) -> str:
    """What a connection's status says of its tunnels: that of the one that has come furthest."""
    best = ("Connected", "Connecting", "NotConnected", "Unknown")
    states = {tunnel.state for tunnel in tunnels}
    return next((state for state in best if state in states), "Unknown")


def both_carry(live: Mapping[str, tuple[Wish, float]], wish: Wish) -> bool:
    """Whether the other half of a pair carries, too."""
    return wish.kind != PAIR or any(
        other.kind == PAIR and ids.same(other.gateway, wish.remote) and ids.same(other.remote, wish.gateway)
        for other, _ in live.values()
    )
