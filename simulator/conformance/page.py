"""The generated part of docs/simulator.md: the figure, what disagrees, and why.

``python -m simulator.conformance FOLDER`` prints it. A disagreement that no row of `REASONS` explains is printed as
unexplained, so that the page cannot hide one.
"""

from __future__ import annotations

import re
from collections import defaultdict

from simulator.conformance.replay import Verdict
from simulator.conformance.report import Report, Tally

BEGIN, END = "<!-- conformance: begin -->", "<!-- conformance: end -->"

REASONS: tuple[tuple[str, str, str], ...] = (
    (
        r"^GET .*/vaults$",
        "backupStorageVersion",
        (
            "some vaults tell of backup storage and soft delete, others of the "
            "same api-version do not; nothing in the requests says which"
        ),
    ),
    (r"replicationSupportedOperatingSystems", "supportedOs", "Azure's catalogue of systems; the simulator has a few"),
    (r"serviceTags", "values", "Azure's catalogue of addresses; the simulator has the tags that rules name"),
    (r"/subnets$", "networkSecurityGroup", "a policy of the recorded subscription attached a group; no call did"),
    (r"Microsoft.Resources/resources", "items", "managed disks are out of scope, so a list of all lacks them"),
    (r"^GET .*/virtualNetworks$", "DOCTYPE", "a malformed path, answered by a web server's own page"),
    (r"networkSecurityGroups$", "flowLogs", "made by a flow log, which is out of scope"),
    (r"expressRouteCircuits/peerings$", "gatewayManagerEtag", "an internal number of Azure's gateway manager"),
    (
        r"virtualNetworkGateways$",
        r"body\.name|provisioningState|ipConfigurations",
        "two sessions stitched into one recording: one gateway's answers stand under another's path",
    ),
    (r"virtualMachines$", "instanceView", "the guest's progress after its deployment"),
)
"""(operation, difference, reason), the first two as regular expressions; first match wins."""


def reason_of(verdict: Verdict) -> str:
    for operation, difference, reason in REASONS:
        matches = re.search(operation, str(verdict.operation), re.IGNORECASE)
        if matches and re.search(difference, verdict.difference or ""):
            return reason
    return "unexplained"


def markdown(report: Report) -> str:
    """Counts by provider, then every operation that disagrees, with its reason."""
    total = report.total
    lines = [
        (
            f"{_percent(total)} of {total.in_scope} interactions agree ({total.disagreed} do not); polls apart, "
            f"{total.polls_agreed} of {total.polls_agreed + total.polls_disagreed} agree; {total.out_of_scope} are out "
            f"of scope. Of those that agree, {total.seeded} only read back what a recording starts from."
        ),
        "",
        "| provider | agreed | disagreed | share | polls | out of scope |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, tally in report.providers.items():
        if tally.in_scope:
            polls = f"{tally.polls_agreed}/{tally.polls_agreed + tally.polls_disagreed}"
            row = (name, tally.agreed, tally.disagreed, _percent(tally), polls, tally.out_of_scope)
            lines.append("| " + " | ".join(map(str, row)) + " |")
    lines += ["", "| disagrees | times | first difference | why |", "| --- | --- | --- | --- |"]
    groups: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for one in report.disagreements:
        groups[f"{'poll of ' if one.poll else ''}{one.operation}", reason_of(one)].append(one)
    for (operation, reason), found in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        difference = (found[0].difference or "").split(": recorded")[0].split(" (")[0]
        lines.append(f"| {operation} | {len(found)} | `{difference}` | {reason} |")
    return "\n".join(lines)


def _percent(tally: Tally) -> str:
    return "-" if tally.share is None else f"{tally.share:.2f} %"
