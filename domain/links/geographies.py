"""How far an ExpressRoute circuit reaches: within its geopolitical region, or anywhere when it is Premium.

Sources: sources, ExpressRoute. What the table does not know is not judged, and told instead.
"""

from __future__ import annotations

import re

from domain import arm_ids
from domain.findings import Findings
from domain.regions import display_name
from domain.snapshot import Document, properties, region_name

_TABLE = """
Australia Government|Australia Central,Australia Central 2|Canberra
Europe|France Central,France South,Germany North,Germany West Central,Italy North,North Europe,Norway East,Norway West,\
Poland Central,Sweden Central,Switzerland North,Switzerland West,UK West,UK South,West Europe|Amsterdam,Berlin,\
Copenhagen,Dublin,Frankfurt,Geneva,London,Madrid,Marseille,Milan,Munich,Newport,Oslo,Paris,Stavanger,Stockholm,Warsaw,\
Zurich
North America|East US,West US,East US 2,West US 2,West US 3,Central US,South Central US,North Central US,\
West Central US,Canada Central,Canada East|Atlanta,Chicago,Dallas,Denver,Las Vegas,Los Angeles,Miami,Minneapolis,\
Montreal,New York,Phoenix,Quebec City,Queretaro,Quincy,San Antonio,Seattle,Silicon Valley,Toronto,Vancouver,\
Washington DC
Asia|East Asia,Southeast Asia|Bangkok,Hong Kong,Jakarta,Kuala Lumpur,Singapore,Taipei
India|West India,Central India,South India|Chennai,Mumbai,Pune
Israel|Israel Central|Tel Aviv
Japan|Japan West,Japan East|Osaka,Tokyo
Oceania|Australia East,Australia Southeast|Auckland,Melbourne,Perth,Sydney
South Korea|Korea Central,Korea South|Busan,Seoul
UAE|UAE Central,UAE North|Abu Dhabi,Dubai
South Africa|South Africa West,South Africa North|Cape Town,Johannesburg
South America|Brazil South|Campinas,Rio de Janeiro,Sao Paulo,Santiago
Qatar|Qatar Central|Doha
"""
_ROWS = [line.split("|") for line in _TABLE.strip().splitlines()]
OF_REGION = {"".join(one.split()).lower(): row[0] for row in _ROWS for one in row[1].split(",")}
"""ARM name of a region -> geopolitical region."""
OF_LOCATION = {one.lower(): row[0] for row in _ROWS for one in row[2].split(",")}


def geography_of(location: str | None) -> str | None:
    """Of an ExpressRoute location, as circuits name it: ``Hong Kong SAR`` and ``Hong Kong2`` are Hong Kong."""
    plain = re.sub(r"\s*(\(.*\)|SAR|\d+)\s*$", "", str(location or "")).strip()
    return OF_LOCATION.get(plain.lower())


def check_reach(path: str, circuit: Document, gateway: Document, findings: Findings) -> None:
    """Refuse a gateway beyond the circuit's own geopolitical region, unless the circuit is Premium."""
    tier = str((circuit.get("sku") or {}).get("tier") or "")
    if tier.lower() == "premium":
        return
    name, region = arm_ids.name_of(circuit["id"]), region_name(gateway.get("location"))
    location = (properties(circuit).get("serviceProviderProperties") or {}).get("peeringLocation")
    there, here = geography_of(location), OF_REGION.get(region or "")
    shown = display_name(region or "an unknown region")
    if there is None or here is None:
        findings.warn(f"whether {name} ({tier or 'of no tier'}, at {location}) reaches {shown} is not known here")
    elif there != here:
        findings.refuse(
            path,
            f"{name}, a {tier} circuit at {location} ({there}), for a gateway in {shown} ({here})",
            "a Premium circuit: others reach the regions of their own geography only",
            "change its tier beforehand, which Azure does without downtime",
        )
    elif tier.lower() == "local":
        findings.warn(f"{name} is a Local circuit: it reaches only the regions next to {location}; is {shown} one?")
