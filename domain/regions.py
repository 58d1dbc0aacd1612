"""The regions of Azure's public cloud: Service Health speaks display names (``East US 2``), ARM speaks ``eastus2``.

A table and not only the rule "lower case, no spaces", so that a name nobody knows is told instead of silently
matching no plan. Service Health alerts exist in the public cloud only (sources: Alerts), so sovereign regions are not
here. Sources: ``az account list-locations`` and the regional service tags of the discovery API; regions that Azure has
named but not opened are in, since alerts may name them first.
"""

from __future__ import annotations

import difflib

WORLDWIDE = "Global"
"""What Service Health writes for services that have no region. It is no region of ARM's."""

_DISPLAY_NAMES = """
Australia Central|Australia Central 2|Australia East|Australia Southeast|Austria East|Belgium Central|Brazil South
Brazil Southeast|Canada Central|Canada East|Central India|Central US|Central US EUAP|Chile Central|Denmark East
East Asia|East US|East US 2|East US 2 EUAP|East US 3|East US STG|Finland Central|France Central|France South
Germany North|Germany West Central|Greece Central|India South Central|Indonesia Central|Israel Central
Israel Northwest|Italy North|Japan East|Japan West|JIO India Central|JIO India West|Korea Central|Korea South
Malaysia South|Malaysia West|Mexico Central|New Zealand North|North Central US|North Europe|Northeast US 5
Norway East|Norway West|Poland Central|Qatar Central|Saudi Arabia East|South Africa North|South Africa West
South Central US|South Central US 2|South Central US STG|South India|Southeast Asia|Southeast Asia 3|Southeast US
Southeast US 3|Southeast US 5|Southwest US|Spain Central|Sweden Central|Sweden South|Switzerland North
Switzerland West|Taiwan North|Taiwan Northwest|UAE Central|UAE North|UK South|UK West|West Central US|West Europe
West India|West US|West US 2|West US 3
"""


def _arm_form(name: str) -> str:
    return "".join(name.split()).lower()


DISPLAY_NAMES: dict[str, str] = {
    _arm_form(display): display for line in _DISPLAY_NAMES.split("\n") for display in line.split("|") if display
}
"""ARM name -> display name."""


def arm_name(name: str) -> str | None:
    """ARM's name of a region written either way; None when Azure's public cloud has no such region."""
    form = _arm_form(name)
    return form if form in DISPLAY_NAMES else None


def display_name(arm: str) -> str:
    """How Azure shows an ARM region name; the name itself when it is unknown."""
    return DISPLAY_NAMES.get(arm, arm)


def is_worldwide(name: str) -> bool:
    return _arm_form(name) == WORLDWIDE.lower()


def nearest(name: str) -> str | None:
    """The display name that is most like ``name``; None when none is near."""
    found = difflib.get_close_matches(_arm_form(name)[:64], list(DISPLAY_NAMES), n=1, cutoff=0.6)
    return DISPLAY_NAMES[found[0]] if found else None
