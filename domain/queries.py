"""The Log Analytics queries that Bridgehead ships, by name.

Columns and categories are those of Microsoft's page "Troubleshoot Azure VPN Gateway using diagnostic logs"
(AzureDiagnostics: TunnelDiagnosticLog, RouteDiagnosticLog, IKEDiagnosticLog). Logs arrive minutes late: they are
evidence after the fact and never gate a run. ``{gateway}`` is the gateway's name; only names valid in ARM are put in.
"""

from __future__ import annotations

import re

QUERIES: dict[str, str] = {
    "tunnel-events": (
        "AzureDiagnostics\n"
        '| where Category == "TunnelDiagnosticLog" and Resource =~ "{gateway}" and TimeGenerated > ago(1h)\n'
        "| project TimeGenerated, OperationName, instance_s, Resource, ResourceGroup\n"
        "| sort by TimeGenerated asc"
    ),
    "route-events": (
        "AzureDiagnostics\n"
        '| where Category == "RouteDiagnosticLog" and Resource =~ "{gateway}" and TimeGenerated > ago(1h)\n'
        "| project TimeGenerated, OperationName, Message, Resource, ResourceGroup\n"
        "| sort by TimeGenerated asc"
    ),
}

_ARM_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")


def query_text(name: str, *, gateway: str) -> str:
    """The query ``name`` about one gateway. Raises KeyError for an unknown query, ValueError for an unsafe name."""
    if not _ARM_NAME.match(gateway):
        raise ValueError(f"{gateway!r} is no name of an Azure resource")
    return QUERIES[name].format(gateway=gateway)
