"""Tunnels between Azure's gateways and the owner's devices: both ends must want one, and it takes its time.

A tunnel's states, as data. ``Unknown`` just after the connection is provisioned is recorded; the times between the
states and ``Connecting`` are guesses (no live peer was ever recorded).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.core import ids
from simulator.core.chance import Duration
from simulator.core.documents import Document
from simulator.core.schedule import Due
from simulator.on_premises import azure_side
from simulator.on_premises.site import Site, shared_key, site_at

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
}
AT_ONCE = ("peer blocked", "connection deleted", "gateway deleted")


@dataclass
class Tunnel:
    """One connection's tunnel and the BGP session in it. ``up_since`` and ``bgp_since`` in seconds, None when down."""

    connection: str
    gateway: str
    site: Site
    state: str = "Unknown"
    why_not: str | None = None
    up_since: float | None = None
    bgp_since: float | None = None
    pending: Due | None = field(default=None, repr=False)
    going_down: bool = False

    @property
    def up(self) -> bool:
        return self.state == "Connected"


class Tunnels:
    """All tunnels by connection. `evaluate` compares what should be with what is and sets it going."""

    def __init__(self, world: World, on_session: Callable[[Tunnel, bool], None]) -> None:
        self._world = world
        self._on_session = on_session
        self._tunnels: dict[str, Tunnel] = {}
        self._provisioned: set[str] = set()

    def get(self, connection_id: str) -> Tunnel | None:
        return self._tunnels.get(ids.key(connection_id))

    def all(self) -> list[Tunnel]:
        return list(self._tunnels.values())

    def of_gateway(self, gateway_id: str) -> list[Tunnel]:
        return [tunnel for tunnel in self._tunnels.values() if ids.same(tunnel.gateway, gateway_id)]

    def evaluate(self, *, at_start: bool = False) -> None:
        """Look at every connection. ``at_start`` brings up at once what an estate calls connected."""
        connections = {ids.key(found["id"]): found for found in self._world.documents.of_type(azure_side.CONNECTION)}
        for key in [key for key in self._tunnels if key not in connections]:
            self._drop(self._tunnels.pop(key), "connection deleted")
            self._provisioned.discard(key)
        for key, connection in connections.items():
            if connection["properties"].get("provisioningState") == "Succeeded":
                self._provisioned.add(key)
            if key in self._provisioned:
                self._settle(connection, at_start)

    def _settle(self, connection: Document, at_start: bool) -> None:
        site = self._site_of(connection)
        if site is None:
            return
        gateway_id = connection["properties"]["virtualNetworkGateway1"]["id"]
        tunnel = self._tunnels.setdefault(ids.key(connection["id"]), Tunnel(connection["id"], gateway_id, site))
        tunnel.why_not = self._obstacle(connection, site)
        if tunnel.why_not is None:
            if tunnel.going_down and tunnel.pending is not None:
                tunnel.pending.cancel()
                tunnel.pending, tunnel.going_down = None, False
            if at_start and connection["properties"].get("connectionStatus") in (None, "Connected"):
                tunnel.state, tunnel.up_since = "Connected", self._world.seconds
                self._session(tunnel, True)
        if tunnel.up and tunnel.why_not is not None:
            self._go_down(tunnel, tunnel.why_not)
        elif not tunnel.up and tunnel.pending is None:
            self._try(tunnel)

    def _try(self, tunnel: Tunnel) -> None:
        """A new tunnel negotiates whatever stands in its way; it goes on only when nothing does."""
        if tunnel.state == "Unknown" or (tunnel.state == "NotConnected" and tunnel.why_not is None):
            self._later(tunnel, "tunnel/negotiate", self._connecting)
        elif tunnel.state == "Connecting" and tunnel.why_not is None:
            self._later(tunnel, "tunnel/establish", self._connected)

    def _site_of(self, connection: Document) -> Site | None:
        properties = connection["properties"]
        local = (properties.get("localNetworkGateway2") or {}).get("id")
        document = self._world.documents.get(local) if local else None
        if document is None or not properties.get("virtualNetworkGateway1"):
            return None
        return site_at(self._world, str(document["properties"].get("gatewayIpAddress", "")))

    def _obstacle(self, connection: Document, site: Site) -> str | None:
        """Why the tunnel cannot be, or None when both ends want it."""
        deleting = connection["properties"].get("provisioningState") == "Deleting"
        if deleting and self._world.variant("network.disconnect_takes_effect", "at-end") == "at-once":
            return "connection deleted"
        gateway = azure_side.gateway(self._world, connection["properties"]["virtualNetworkGateway1"]["id"])
        if gateway is None:
            return "gateway deleted"
        if site.refuses(set(gateway.addresses)):
            return "peer blocked"
        if self._world.faults.data_plane_is_dark(gateway.region):
            return "gateway does not answer"
        expected = shared_key(self._world, site)
        if expected is not None and connection["properties"].get("sharedKey") != expected:
            return "pre-shared keys differ"
        return None

    def _later(self, tunnel: Tunnel, action: str, then: Callable[[Tunnel], None]) -> None:
        def arrive() -> None:
            tunnel.pending = None
            then(tunnel)

        tunnel.pending = self._world.after(self._world.draw(action, tunnel.connection), arrive)

    def _connecting(self, tunnel: Tunnel) -> None:
        if self.get(tunnel.connection) is tunnel:
            self._turn(tunnel, "Connecting")
            self._try(tunnel)

    def _connected(self, tunnel: Tunnel) -> None:
        if tunnel.why_not is None and self.get(tunnel.connection) is tunnel:
            self._turn(tunnel, "Connected")
            tunnel.up_since = self._world.seconds
            self._session(tunnel, True)

    def _go_down(self, tunnel: Tunnel, why: str) -> None:
        """At once when an end says so; after dead peer detection when the other end just falls silent."""
        if why in AT_ONCE:
            if tunnel.pending is not None:
                tunnel.pending.cancel()
                tunnel.pending = None
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
            tunnel.up_since = None
            self._session(tunnel, False)

    def _turn(self, tunnel: Tunnel, state: str, why: str | None = None) -> None:
        if state == tunnel.state:
            return
        if state not in TRANSITIONS[tunnel.state]:
            raise ValueError(f"a tunnel does not go from {tunnel.state} to {state}")
        tunnel.state = state
        fields = {"why": why} if why else {}
        self._world.log.write(
            "tunnel.changed",
            connection=tunnel.connection,
            gateway=tunnel.gateway,
            site=tunnel.site.name,
            state=state,
            **fields,
        )

    def _session(self, tunnel: Tunnel, up: bool) -> None:
        if not up:
            tunnel.bgp_since = None
        self._on_session(tunnel, up)
