"""Names on the internet that are switched once routing is verified: Traffic Manager endpoints and DNS records."""

from __future__ import annotations

from typing import Any

from domain import arm_ids
from domain.findings import Findings
from domain.plans.reading import Plan, nearest
from domain.plans.routing import DnsRecord, InternetName
from domain.runbook import Step
from domain.snapshot import Document, properties
from domain.steps import make_step

PROFILE_TYPE = "Microsoft.Network/trafficManagerProfiles"
ZONE_TYPE = "Microsoft.Network/dnsZones"
LONG_TTL = 300
"""Seconds: an older answer may live this long with every resolver after the switch."""


def internet_steps(plan: Plan, needs: tuple[str, ...], findings: Findings) -> tuple[Step, ...]:
    """Each name's steps, one name beside the other."""
    steps: list[Step] = []
    for index, name in enumerate(plan.internet):
        path = f"internet[{index}]"
        made = _profile_steps if name.traffic_manager else _record_steps
        steps += made(plan, path, name, needs, findings)
    return tuple(steps)


def _profile_steps(plan: Plan, path: str, name: InternetName, needs: tuple[str, ...], findings: Findings) -> list[Step]:
    """The recovery endpoint is enabled, then the failing one disabled."""
    profile = findings.resolve(f"{path}.trafficManager", PROFILE_TYPE, name.traffic_manager or "")
    if profile is None:
        return []
    steps: list[Step] = []
    for field, wanted, status in (("enable", name.enable, "Enabled"), ("disable", name.disable, "Disabled")):
        if wanted is None:
            continue
        endpoint = _endpoint(profile, f"{path}.{field}", wanted, findings)
        if endpoint is None:
            continue
        if field == "enable" and properties(endpoint).get("endpointStatus") == "Enabled":
            findings.warn(f"{path}: {wanted} is enabled already; it gets traffic before anything is verified")
        steps.append(
            update_step(
                plan,
                endpoint["id"],
                f"{field} {wanted} of {arm_ids.name_of(profile['id'])}",
                {"properties": {"endpointStatus": status}},
                {"properties": {"endpointStatus": properties(endpoint).get("endpointStatus") or "Enabled"}},
                (*needs, *(step.id for step in steps)),
                lock=(profile["id"],),
            )
        )
    return steps


def _endpoint(profile: Document, path: str, wanted: str, findings: Findings) -> Document | None:
    endpoints: list[Document] = list(properties(profile).get("endpoints") or [])
    for one in endpoints:
        if str(one.get("name")).lower() == wanted.lower():
            return one
    names = [str(one.get("name")) for one in endpoints]
    findings.refuse(path, repr(wanted), f"an endpoint of {arm_ids.name_of(profile['id'])}", nearest(wanted, names))
    return None


def _record_steps(plan: Plan, path: str, name: InternetName, needs: tuple[str, ...], findings: Findings) -> list[Step]:
    assert name.dns is not None
    record = name.dns
    zone = findings.resolve(f"{path}.dns.zone", ZONE_TYPE, record.zone)
    if zone is None:
        return []
    target = f"{zone['id']}/{record.type}/{record.record}"
    old = findings.snapshot.get(target)
    if old is None:
        findings.warn(f"{path}: the snapshot does not hold {record.record}.{record.zone}; it cannot be put back")
    ttl = properties(old).get("TTL")
    if isinstance(ttl, int) and ttl > LONG_TTL:
        findings.warn(
            f"{path}: {record.record}.{record.zone} has a TTL of {ttl} s; resolvers keep the old answer so long"
        )
    before = {"properties": {key: properties(old)[key] for key in _values(record) if key in properties(old)}}
    label = f"point {record.record}.{record.zone} at {', '.join(record.values)}"
    return [update_step(plan, target, label, {"properties": _values(record)}, before if old else None, needs)]


def _values(record: DnsRecord) -> dict[str, Any]:
    """A record set's properties (sources: Names)."""
    if record.type == "CNAME":
        return {"TTL": record.ttl, "CNAMERecord": {"cname": record.values[0]}}
    key, inner = ("ARecords", "ipv4Address") if record.type == "A" else ("AAAARecords", "ipv6Address")
    return {"TTL": record.ttl, key: [{inner: value} for value in record.values]}


def update_step(
    plan: Plan,
    target: str,
    name: str,
    changes: dict[str, Any],
    before: dict[str, Any] | None,
    needs: tuple[str, ...],
    *,
    stage: str = "internet",
    lock: tuple[str, ...] = (),
) -> Step:
    """A resource gets ``changes``; ``before`` is what it gets back when that is undone."""
    held = {"lock": list(lock)}
    undo = {"kind": "update-resource", "name": f"undo: {name}", "settings": {"changes": before, **held}}
    return make_step(
        plan,
        "update-resource",
        target,
        name,
        stage,
        settings={"changes": changes, **held},
        needs=needs,
        compensation=undo if before is not None else None,
    )
