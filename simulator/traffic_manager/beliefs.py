"""What is believed of Traffic Manager's probes, graded; its answers are graded with the network's."""

from __future__ import annotations

from simulator.belief import Evidence

PROFILE, PROBES = "trafficManagerProfiles", "Traffic Manager endpoint monitoring"

TRAFFIC_MANAGER: tuple[Evidence, ...] = (
    Evidence(
        PROFILE, "Degraded after one failure more than tolerated, Online with the next success", "documented", PROBES
    ),
    Evidence(PROFILE, "none healthy: all enabled endpoints are given out", "documented", PROBES),
    Evidence(PROFILE, "an endpoint is down while the data plane of its target's region is dark", "guessed", "-"),
)
