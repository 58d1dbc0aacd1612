"""How long each kind of step usually takes, in seconds (recorded: sources: Durations; others are our own bounds)."""

from __future__ import annotations

EXPECTED_SECONDS: dict[str, int] = {
    "check-readiness": 2,
    "disconnect-connection": 45,
    "fence-site": 10,
    "fence-by-person": 600,
    "failover-item": 150,
    "failover-plan": 450,
    "check-machine": 5,
    "group-up": 0,
    "connect-connection": 45,
    "verify-routing": 35,
    "collect-evidence": 5,
    "wait-person": 900,
    "restore-connection": 45,
    "unfence-site": 10,
}

DEADLINE_SECONDS: dict[str, int] = {
    "check-readiness": 300,
    "fence-site": 300,
    "fence-by-person": 3600,
    "failover-item": 3600,
    "failover-plan": 4 * 3600,
    "check-machine": 900,
    "group-up": 60,
    "connect-connection": 900,
    "collect-evidence": 120,
    "wait-person": 24 * 3600,
    "restore-connection": 900,
    "unfence-site": 300,
}
"""All tries and polls of a step included. Site Recovery's RTO SLA is one hour (sources: Site Recovery)."""
