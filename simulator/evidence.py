"""What the simulator believes of Azure, graded (rule 18), for everything that a run leans on.

``recorded``    seen in traffic recorded against live Azure by Microsoft's own test suites
``documented``  stated by Microsoft's documentation or OpenAPI
``reported``    told by users in public issues
``guessed``     none of these; `variants` names the scenario's switch where the simulator can behave otherwise

``python -m simulator.evidence`` prints the table as Markdown; `docs/simulator.md` holds it between two marks, and a
test keeps the two alike.
"""

from __future__ import annotations

import sys
from collections import Counter

from simulator.belief import A2A, GRADES, Evidence
from simulator.compute.beliefs import COMPUTE
from simulator.dns.beliefs import DNS
from simulator.network.beliefs import NETWORK
from simulator.routes.beliefs import ROUTES
from simulator.site_recovery.beliefs import SITE_RECOVERY
from simulator.traffic_manager.beliefs import TRAFFIC_MANAGER

BEGIN, END = "<!-- evidence: begin -->", "<!-- evidence: end -->"


ARM, OWNER = "Azure Resource Manager", "on-premises"

BESIDES: tuple[Evidence, ...] = (
    Evidence(ARM, "404 ResourceNotFound, NotFound, ParentResourceNotFound", "recorded", f"{A2A}; private DNS"),
    Evidence(ARM, "503 ServerTimeout of a gateway that gave up", "recorded", "azure-cli nw_flow_log_show"),
    Evidence(ARM, "a dark region takes its resource groups' metadata with it", "documented", "ARM overview"),
    Evidence(ARM, "which calls hang, are refused or answer 503 in an outage", "guessed", "-", "scenario faults"),
    Evidence(ARM, "operations under way in a dark control plane stand still", "guessed", "-"),
    Evidence(ARM, "token buckets and their headers", "documented", "request limits and throttling"),
    Evidence(ARM, "groups: PUT at once, DELETE polled by Location, no type before 2019", "recorded", A2A),
    Evidence(
        ARM,
        "ScopeLocked, RequestDisallowedByPolicy, LinkedAuthorizationFailed",
        "documented",
        "ARM: lock resources, Azure Policy deny effect, deployment errors",
        "scenario faults",
    ),
    Evidence("Resource Health", "events: their shape", "documented", "OpenAPI of Resource Health 2025-05-01"),
    Evidence("Resource Health", "an event can be read five minutes after its outage began", "guessed", "-"),
    Evidence("Key Vault", "challenge, secret bundle, 404 SecretNotFound", "documented", "Key Vault REST"),
    Evidence(
        "managed identity", "App Service protocol of 2019-08-01", "documented", "App Service managed identity"
    ),
    Evidence(
        "Log Analytics",
        "tables of a query; columns of the VPN diagnostics",
        "documented",
        "troubleshoot VPN Gateway with diagnostic logs",
    ),
    Evidence("Log Analytics", "rows arrive two minutes late", "guessed", "-"),
    Evidence(OWNER, "routers learn in 8 to 20 s and forget at once", "guessed", "-", "scenario onPremises"),
    Evidence(OWNER, "a silent gateway is noticed after 45 s", "documented", "default DPD timeout of connections"),
    Evidence(OWNER, "equal routes of one prefix split traffic", "documented", "BGP (RFC 4271), ECMP of devices"),
)

TABLE: tuple[Evidence, ...] = (*NETWORK, *ROUTES, *DNS, *TRAFFIC_MANAGER, *COMPUTE, *SITE_RECOVERY, *BESIDES)


def markdown() -> str:
    """The table, worst grade last, with a count of each grade above it."""
    counts = Counter(row.grade for row in TABLE)
    lines = [
        f"{len(TABLE)} beliefs: " + ", ".join(f"{counts[grade]} {grade}" for grade in GRADES) + ".",
        "",
        "| of | what the simulator believes | grade | source | variants |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in sorted(TABLE, key=lambda row: GRADES.index(row.grade)):
        variant = f"`{row.variant}`" if row.variant else ""
        lines.append(f"| {row.of} | {row.belief} | {row.grade} | {row.source} | {variant} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(markdown() + "\n")
