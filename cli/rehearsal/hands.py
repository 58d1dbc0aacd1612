"""What people of a rehearsal do before they answer *done*: a device that only a person can change is changed by one."""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.arm_ids import same
from domain.runbook import Runbook, Step

Order = dict[str, Any]
Documents = Callable[[], list[dict[str, Any]]]


def hands_of(runbook: Runbook) -> dict[str, Step]:
    """Step id -> the step that asks a person to change a site's device."""
    return {step.id: step for step in runbook.steps if step.kind in _ORDERS}


def orders_of(step: Step, documents: Documents) -> list[Order]:
    """What the person does with the device, as its automation would be asked; ``documents`` are Azure's now."""
    return _ORDERS[step.kind](step.settings, documents)


def _fence(settings: dict[str, Any], documents: Documents) -> list[Order]:
    return [{"action": "block-peer", "site": settings["site"], "peer": peer} for peer in settings["peers"]]


def _prefer(settings: dict[str, Any], documents: Documents) -> list[Order]:
    order = {"action": "prefer-peer", "peer": settings["prefer"], "over": settings["over"]}
    return [{**order, "site": settings["site"]}]


def _prepare(settings: dict[str, Any], documents: Documents) -> list[Order]:
    """A gateway that the run has made has a public address by now: the question tells it."""
    peers = [
        peer if peer.get("publicAddress") else {**peer, "publicAddress": _public_address(peer["gateway"], documents())}
        for peer in settings["peers"]
    ]
    hops = [peer["publicAddress"] for peer in peers]
    routes = [
        {"prefix": route["prefix"], "nextHop": hop}
        for route in settings.get("routes") or ()
        for hop in ([route["next_hop"]] if route.get("next_hop") else hops)
    ]
    return [{"action": "prepare-peer", "site": settings["site"], "peers": peers, "routes": routes}]


def _public_address(gateway: str, documents: list[dict[str, Any]]) -> str | None:
    found = next((one for one in documents if same(one["id"], gateway)), {})
    for configuration in found.get("properties", {}).get("ipConfigurations") or ():
        public = (configuration["properties"].get("publicIPAddress") or {}).get("id")
        for one in documents:
            if same(one["id"], public):
                return str(one["properties"].get("ipAddress"))
    return None


_ORDERS: dict[str, Callable[[dict[str, Any], Documents], list[Order]]] = {
    "fence-by-person": _fence,
    "prefer-by-person": _prefer,
    "prepare-by-person": _prepare,
}
