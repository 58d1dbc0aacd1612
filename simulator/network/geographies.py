"""Which regions and peering locations lie in one geopolitical region: across them a circuit must be Premium.

Documented (ExpressRoute: locations and providers). Azure regions are told by their names, peering locations by cities.
"""

from __future__ import annotations

from simulator.core.documents import normalise_location

_AREAS: dict[str, tuple[str, str]] = {
    "Asia": (
        "eastasia southeastasia indonesiacentral malaysiawest taiwannorth",
        "Hong Kong, Jakarta, Kuala Lumpur, Singapore, Taipei",
    ),
    "Japan": ("japaneast japanwest", "Osaka, Tokyo"),
    "Korea": ("koreacentral koreasouth", "Busan, Seoul"),
    "India": ("centralindia southindia westindia jioindiawest", "Chennai, Mumbai, Pune"),
    "Oceania": (
        "australiaeast australiasoutheast australiacentral newzealandnorth",
        "Auckland, Canberra, Melbourne, Perth, Sydney",
    ),
    "Europe": (
        (
            "northeurope westeurope uksouth ukwest francecentral francesouth germanywestcentral germanynorth "
            "norwayeast norwaywest switzerlandnorth switzerlandwest swedencentral italynorth polandcentral spaincentral"
        ),
        (
            "Amsterdam, Berlin, Copenhagen, Dublin, Frankfurt, Geneva, London, Madrid, Marseille, Milan, Munich, "
            "Newport, Oslo, Paris, Stavanger, Stockholm, Warsaw, Zurich"
        ),
    ),
    "North America": (
        (
            "eastus eastus2 centralus northcentralus southcentralus westcentralus westus westus2 westus3 canadacentral "
            "canadaeast mexicocentral"
        ),
        (
            "Atlanta, Chicago, Dallas, Denver, Las Vegas, Los Angeles, Miami, Minneapolis, Montreal, New York, "
            "Phoenix, Quebec City, Queretaro, San Antonio, Seattle, Silicon Valley, Toronto, Vancouver, Washington DC"
        ),
    ),
    "South America": (
        "brazilsouth brazilsoutheast chilecentral",
        "Bogota, Campinas, Rio de Janeiro, Santiago, Sao Paulo",
    ),
    "Middle East": ("uaenorth uaecentral qatarcentral israelcentral", "Abu Dhabi, Doha, Dubai, Tel Aviv"),
    "South Africa": ("southafricanorth southafricawest", "Cape Town, Johannesburg"),
}
_REGIONS = {region: area for area, (regions, _) in _AREAS.items() for region in regions.split()}
_CITIES = {normalise_location(city): area for area, (_, cities) in _AREAS.items() for city in cities.split(", ")}


def area_of_region(region: str | None) -> str | None:
    return _REGIONS.get(normalise_location(region or ""))


def area_of_place(city: str | None) -> str | None:
    """Of a peering location; ``Singapore2`` is in Singapore."""
    return _CITIES.get(normalise_location(city or "").rstrip("0123456789"))
