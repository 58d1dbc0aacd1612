"""What the fields of a plan ask of each other: read from the raw file, so that it is told with every other error.

A model checks its own rules only once all of its fields are right; a person who mends a plan wants to hear everything
at once. Whatever has the wrong shape here is passed over: the model names it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

from domain.edge.references import edge_errors
from domain.plans.errors import PlanError, nearest

Errors = Iterator[PlanError]


def cross_errors(data: dict[str, Any]) -> list[PlanError]:
    """Everything wrong between fields, in the order of the file."""
    return [error for check in CHECKS for error in check(data)]


def _regions(data: dict[str, Any]) -> Errors:
    primary, recovery = _map(data.get("primary")).get("region"), _map(data.get("recovery")).get("region")
    if isinstance(primary, str) and isinstance(recovery, str) and primary.strip() == recovery.strip():
        yield PlanError("recovery.region", repr(recovery), "another region than primary.region")


def _links(data: dict[str, Any]) -> Errors:
    links, sites = _rows(data.get("links")), _map(data.get("sites"))
    seen: set[Any] = set()
    for index, link in links:
        path, name, site = f"links[{index}]", link.get("name"), link.get("site")
        if isinstance(name, str) and name in seen:
            yield PlanError(f"{path}.name", repr(name), "a name that no other link has")
        seen.add(name if isinstance(name, str) else None)
        yield from _ends(path, link)
        if isinstance(site, str):
            if site not in sites:
                yield PlanError(f"{path}.site", repr(site), "the name of one of sites", nearest(site, sites))
            elif isinstance(sites[site], dict):
                yield from _fence(path, link, site, sites[site])
    if links and all(link.get("connect") is None and link.get("prefer") is None for _, link in links):
        yield PlanError("links", "no connect", "at least one link with connect: the new way home that is verified")


def _ends(path: str, link: dict[str, Any]) -> Errors:
    """Where a link leads, and what of it goes and comes."""
    site, network = link.get("site"), link.get("network")
    if (site is None) == (network is None):
        yield PlanError(path, "both" if site is not None else "neither", "either site or network: where the link leads")
    goes, comes, prefer = link.get("disconnect"), link.get("connect"), link.get("prefer")
    if prefer is not None:
        for field in ("disconnect", "connect", "like"):
            if link.get(field) is not None:
                yield PlanError(f"{path}.{field}", "given", "nothing beside prefer: both connections stay")
        if network is not None:
            yield PlanError(f"{path}.prefer", "given", "a link to a site: a network has no preference to set")
    elif goes is None and comes is None:
        yield PlanError(path, "neither", "disconnect, connect or both")
    if link.get("like") is not None and (goes is not None or comes is None):
        yield PlanError(f"{path}.like", "given", "connect beside it, and no disconnect: what is like it stays")
    if link.get("fence") is not None and network is not None:
        yield PlanError(
            f"{path}.fence", repr(link["fence"]), "nothing: the half at the network that stays is taken away instead"
        )
    for field, other in (("comesAfter", "before-failover"), ("comesBefore", "after-failover")):
        if link.get(field) is not None and comes is None:
            yield PlanError(f"{path}.{field}", repr(link[field]), "connect beside it")
        if link.get(field) is not None and link.get("comes") == other:
            yield PlanError(f"{path}.comes", repr(other), f"nothing beside {field}: it names the moment")


def _networks(data: dict[str, Any]) -> Errors:
    for index, pair in _rows(data.get("networks")):
        target, create = pair.get("target"), pair.get("create")
        if (target is None) == (create is None):
            found = "neither" if target is None else "both"
            yield PlanError(f"networks[{index}]", found, "either target, a network that is there, or create")


def _internet(data: dict[str, Any]) -> Errors:
    for index, name in _rows(data.get("internet")):
        path, profile, dns = f"internet[{index}]", name.get("trafficManager"), name.get("dns")
        if (profile is None) == (dns is None):
            yield PlanError(path, "neither" if dns is None else "both", "either trafficManager or dns")
        elif profile is not None and name.get("enable") is None:
            yield PlanError(f"{path}.enable", "nothing", "the endpoint of the recovery side")
        yield from _record(f"{path}.dns", _map(dns))


def _record(path: str, dns: dict[str, Any]) -> Errors:
    """Values are of the record's type: addresses, or one name."""
    kind, values = dns.get("type", "A"), dns.get("values")
    for index, value in enumerate(values if isinstance(values, list) else []):
        if kind in ("A", "AAAA") and not _is_address(value, 4 if kind == "A" else 6):
            yield PlanError(f"{path}.values[{index}]", repr(value), f"an IPv{4 if kind == 'A' else 6} address")
    if kind == "CNAME" and isinstance(values, list) and len(values) > 1:
        yield PlanError(f"{path}.values", f"a list of {len(values)}", "one name: a CNAME leads to one only")


def _is_address(value: Any, version: int) -> bool:
    try:
        return ip_address(value).version == version if isinstance(value, str) else False
    except ValueError:
        return False


def _fence(path: str, link: dict[str, Any], name: str, site: dict[str, Any]) -> Errors:
    how, automation, person = link.get("fence"), site.get("automation"), site.get("person")
    if how == "webhook" and automation is None:
        yield PlanError(f"{path}.fence", "'webhook'", f"sites.{name}.automation to be set for a webhook fence")
    elif how == "person" and person is None:
        yield PlanError(f"{path}.fence", "'person'", f"sites.{name}.person to name who changes the device")
    elif how is None and link.get("disconnect") is not None and automation is None and person is None:
        yield PlanError(
            f"{path}.fence", "nothing", "a way to fence the old path when Azure does not confirm the disconnect",
            f"give sites.{name} an automation or a person, or say fence: accept-split-risk",
        )  # fmt: skip


def _workload(data: dict[str, Any]) -> Errors:
    workload = data.get("workload")
    if not isinstance(workload, dict):
        return
    plan, groups = workload.get("recoveryPlan"), workload.get("groups")
    if (plan is None) == (not groups):
        yield PlanError("workload", "both" if groups else "neither", "either recoveryPlan or groups")
    elif workload.get("drive") == "plan" and plan is None:
        yield PlanError("workload.drive", "'plan'", "recoveryPlan: it is what Site Recovery walks as one job")
    yield from _groups(workload)


def _groups(workload: dict[str, Any]) -> Errors:
    rows = _rows(workload.get("groups"))
    named = [(f"workload.groups[{index}].name", group.get("name")) for index, group in rows]
    listed = workload.get("names")
    named += [
        (f"workload.names[{index}]", name) for index, name in enumerate(listed if isinstance(listed, list) else [])
    ]
    known: list[str] = []
    for path, name in named:
        if isinstance(name, str) and name in known:
            yield PlanError(path, repr(name), "a name that no other group has")
        known += [name] if isinstance(name, str) else []
    for index, group in rows:
        quorum, items = group.get("quorum"), group.get("items")
        if type(quorum) is int and isinstance(items, list) and quorum > len(items) > 0:
            yield PlanError(f"workload.groups[{index}].quorum", str(quorum), f"at most the group's {len(items)} items")
    for name in _map(workload.get("quorum")):
        if known and name not in known:
            yield PlanError(f"workload.quorum.{name}", repr(name), "the name of a group", nearest(name, known))


Check = Callable[[dict[str, Any]], Errors]
CHECKS: tuple[Check, ...] = (_regions, _networks, _links, _workload, _internet, edge_errors)


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _rows(value: Any) -> list[tuple[int, dict[str, Any]]]:
    return [(index, row) for index, row in enumerate(value) if isinstance(row, dict)] if isinstance(value, list) else []
