"""An estate drawn, as Mermaid: regions are boxes, networks stand in them, and links join what they join."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from simulator.core import ids
from simulator.estates.place import Document
from simulator.estates.reading import NET, SITE, Link, Picture

GATEWAYS = {"Vpn": "VPN gateway", "ExpressRoute": "ExpressRoute gateway"}
LINES = {"site-to-site VPN": "---", "VNet-to-VNet": "---", "ExpressRoute": "===", "circuit": "===", "peering": "-.-"}


def drawing(documents: Iterable[Document]) -> str:
    """The text of a Mermaid flowchart; the same documents give the same text, in whatever order they come."""
    picture = Picture(documents)
    lines = ["flowchart LR", *_regions(picture), *_circuits(picture), *_sites(picture), *_names(picture)]
    return "\n".join([*lines, *(_line(link) for link in picture.links())])


def _regions(picture: Picture) -> Iterator[str]:
    for region, networks in picture.regions().items():
        yield f'  subgraph {_word(region)}["{region}"]'
        for network in networks:
            yield f"    {_key(network['id'])}[{_label(_network(picture, network))}]"
        yield "  end"


def _network(picture: Picture, network: Document) -> Iterator[str]:
    yield f"<b>{network['name']}</b>"
    yield ", ".join(network["properties"]["addressSpace"]["addressPrefixes"])
    for gateway in picture.gateways(network):
        properties = gateway["properties"]
        yield GATEWAYS[properties["gatewayType"]] + (" (active-active)" if properties.get("activeActive") else "")
    for appliance in picture.appliances(network):
        yield f"routes by way of {appliance}"
    machines = picture.machines(network)
    yield ", ".join(machines) if machines else "<i>no machines</i>"


def _circuits(picture: Picture) -> Iterator[str]:
    for circuit in picture.of(f"{NET}/expressRouteCircuits"):
        lines = [f"<b>{circuit['name']}</b>", f"ExpressRoute circuit, {circuit['sku']['tier']}"]
        yield f"  {_key(circuit['id'])}{{{{{_label(lines)}}}}}"


def _sites(picture: Picture) -> Iterator[str]:
    for site in picture.of(SITE):
        how = "BGP" if site["properties"].get("asn") else "static routes"
        lines = [f"<b>{site['name']}</b>", ", ".join(site["properties"]["prefixes"]), how]
        yield f"  {_key(site['id'])}([{_label(lines)}])"


def _names(picture: Picture) -> Iterator[str]:
    """What people on the internet are told."""
    for profile in picture.of(f"{NET}/trafficManagerProfiles"):
        endpoints = picture.of(f"{NET}/trafficManagerProfiles/externalEndpoints")
        enabled = [
            one["name"]
            for one in endpoints
            if ids.key(one["id"]).startswith(f"{ids.key(profile['id'])}/")
            and one["properties"]["endpointStatus"] == "Enabled"
        ]
        yield f"  {_key(profile['id'])}>{_label([profile['properties']['dnsConfig']['fqdn'], *enabled])}]"
    for record in picture.of(f"{NET}/dnszones/A"):
        addresses = [one["ipv4Address"] for one in record["properties"].get("ARecords") or ()]
        yield f"  {_key(record['id'])}>{_label([record['properties']['fqdn'].rstrip('.'), *addresses])}]"


def _line(link: Link) -> str:
    told = [link.kind, link.note] if link.kind != "circuit" else [link.note]
    words = ", ".join(filter(None, told if link.whole else [f"half a {link.kind}"]))
    line = LINES[link.kind] if link.whole else "-.-x"
    return f"  {_key(link.ends[0])} {line}" + (f'|"{words}"|' if words else "") + f" {_key(link.ends[1])}"


def _key(resource_id: str) -> str:
    """Group and name: two resource groups may each have a network of one name."""
    parts = [part for part in resource_id.split("/") if part]
    kept = [parts[3], *parts[7::2]] if parts[0].lower() == "subscriptions" else parts[1:]
    return _word("-".join(kept).lower())


def _word(text: str) -> str:
    return re.sub(r"[^a-zA-Z0-9]+", "_", text)


def _label(lines: Iterable[str]) -> str:
    return '"' + "<br/>".join(lines) + '"'
