"""What Traffic Manager's probes find: an endpoint's monitor status, and where a profile sends who asks.

Documented (endpoint monitoring): an endpoint is Degraded when it has failed once more than the tolerated number of
times, Online with the first probe that succeeds; a profile is Degraded as soon as one endpoint is. How long a new
endpoint stays CheckingEndpoint is a guess. An endpoint is down while the data plane of its target's region is dark.
"""

from __future__ import annotations

from simulator.core import ids
from simulator.core.documents import Document, normalise_location
from simulator.core.world import World

CHECKING_SECONDS = 90.0
_SINCE, _DARK = "traffic-manager.since", "traffic-manager.dark"


def watch(world: World) -> None:
    """Remember when each region went dark, and when it was lit again."""

    def changed(region: str) -> None:
        dark = world.faults.data_plane_is_dark(region)
        known: dict[str, list[tuple[float, bool]]] = world.state.setdefault(_DARK, {})
        story = known.setdefault(region, [])
        if dark != (bool(story) and story[-1][1]):
            story.append((world.seconds, dark))

    world.faults.on_region_change(changed)


def look_anew(world: World, endpoint_id: str) -> None:
    """It is new, enabled again, or points elsewhere."""
    world.state.setdefault(_SINCE, {})[ids.key(endpoint_id)] = world.seconds


def known_of_old(world: World, endpoint_id: str) -> None:
    """The estate has it; its first probes are long past."""
    world.state.get(_SINCE, {}).pop(ids.key(endpoint_id), None)


def monitor_status(world: World, profile: Document, endpoint: Document) -> str:
    """Disabled | Inactive | CheckingEndpoint | Degraded | Online."""
    if endpoint["properties"]["endpointStatus"] == "Disabled":
        return "Disabled"
    if profile["properties"].get("profileStatus") == "Disabled":
        return "Inactive"
    since = world.state.setdefault(_SINCE, {}).get(ids.key(endpoint["id"]), -CHECKING_SECONDS)
    if world.seconds - since < CHECKING_SECONDS:
        return "CheckingEndpoint"
    return "Degraded" if _is_down(world, profile, endpoint) else "Online"


def _is_down(world: World, profile: Document, endpoint: Document) -> bool:
    story: list[tuple[float, bool]] = world.state.get(_DARK, {}).get(_region_of(world, endpoint) or "", [])
    if not story:
        return False
    monitor = profile["properties"].get("monitorConfig") or {}
    interval = float(monitor.get("intervalInSeconds") or 30)
    patience = interval * (int(monitor.get("toleratedNumberOfFailures", 3)) + 1)
    at, dark = story[-1]
    if dark:
        return world.seconds - at >= patience
    lasted = at - story[-2][0] if len(story) > 1 else at
    return lasted >= patience and world.seconds - at < interval


def _region_of(world: World, endpoint: Document) -> str | None:
    """Where its target lives: the resource that it names, a public address of the estate, or what it says itself."""
    properties = endpoint["properties"]
    if properties.get("targetResourceId"):
        return world.documents.location_of(str(properties["targetResourceId"]))
    target = str(properties.get("target") or "").lower()
    for public in world.documents.of_type("Microsoft.Network/publicIPAddresses"):
        names = (public["properties"].get("ipAddress"), (public["properties"].get("dnsSettings") or {}).get("fqdn"))
        if target and target in [str(name).lower() for name in names if name]:
            return world.documents.location_of(public["id"])
    said = properties.get("endpointLocation")
    return normalise_location(str(said)) if said else None


def profile_status(profile: Document, statuses: set[str]) -> str:
    """What a profile says of itself, from what its endpoints say (documented)."""
    if profile["properties"].get("profileStatus") == "Disabled":
        return "Disabled"
    looked_at = statuses - {"Disabled"}
    if not looked_at:
        return "Inactive"
    for worst, word in (("Degraded", "Degraded"), ("CheckingEndpoint", "CheckingEndpoints")):
        if worst in looked_at:
            return word
    return "Online"


def directed_to(world: World, profile: Document, endpoints: list[Document]) -> list[str]:
    """Ids of the endpoints that a client may be sent to now: by priority the first one, else all that serve.

    When none is healthy, all that are enabled are given out (documented: better a chance than none)."""
    told = {endpoint["id"]: monitor_status(world, profile, endpoint) for endpoint in endpoints}
    serving = [one for one in endpoints if told[one["id"]] in ("Online", "CheckingEndpoint")]
    serving = serving or [one for one in endpoints if told[one["id"]] == "Degraded"]
    if profile["properties"].get("trafficRoutingMethod") == "Priority":
        serving = sorted(serving, key=lambda one: int(one["properties"].get("priority") or 0))[:1]
    return [one["id"] for one in serving]
