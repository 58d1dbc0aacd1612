"""The services that this Azure has. A new one is a package and a line here."""

from __future__ import annotations

from collections.abc import Sequence

from simulator import (
    compute,
    dns,
    key_vault,
    logs,
    network,
    on_premises,
    resource_health,
    resources,
    site_recovery,
    traffic_manager,
    verdict,
    vpn_clients,
)
from simulator.core.room import Room
from simulator.door import control

ROOMS: Sequence[Room] = (
    control.ROOM,
    resources.ROOM,
    network.ROOM,
    dns.ROOM,
    traffic_manager.ROOM,
    resource_health.ROOM,
    compute.ROOM,
    site_recovery.ROOM,
    key_vault.ROOM,
    logs.ROOM,
    on_premises.ROOM,
    vpn_clients.ROOM,
    verdict.ROOM,
)
