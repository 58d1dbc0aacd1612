"""What the simulator believes of Azure, graded (rule 18), for everything that Company B's run leans on.

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
from collections.abc import Sequence

from simulator.belief import A2A, GRADES, PS, Evidence, Grade
from simulator.network.beliefs import network
from simulator.site_recovery.transitions import TRANSITIONS, Transition

BEGIN, END = "<!-- evidence: begin -->", "<!-- evidence: end -->"


def _site_recovery() -> Sequence[Evidence]:
    asr, item, job, plan = (
        "Site Recovery",
        "replicationProtectedItems",
        "replicationJobs",
        "replicationRecoveryPlans",
    )
    guess = "site-recovery."
    return (
        Evidence(asr, "every write: empty 202; the job is the last segment of Azure-AsyncOperation", "recorded", PS),
        Evidence(asr, "poll URLs beyond 3,000 characters, signed by t, c, s and h", "recorded", A2A),
        Evidence(asr, "a poll URL that was rebuilt without its signature is refused", "guessed", "-"),
        Evidence(asr, "statuses with all keys, endTime cut to the second, percentComplete null", "recorded", A2A),
        Evidence(asr, "NotStarted before InProgress", "recorded", "V2A (RCM) and Hyper-V recordings, not A2A"),
        Evidence(asr, "Succeeded with an error that is a warning (45031)", "recorded", "Hyper-V recording"),
        Evidence(asr, "404 NotFound with ArmResourceDoesNotExist inside, for DELETE too", "recorded", A2A),
        Evidence(
            asr, "a Failed operation: code, message, details null", "reported", "terraform-provider-azurerm#31927"
        ),
        Evidence(asr, "lists of plans without groups, of jobs without tasks", "recorded", A2A),
        Evidence("vaults", "created in a minute, polled at operationStatus; an update is 200 at once", "recorded", A2A),
        Evidence(
            item,
            "what it shows on its way to Protected: disks, heartbeat, interfaces, and a warning some minutes later",
            "recorded",
            A2A,
        ),
        Evidence(job, "year 1 without a zone for what has not ended, tasks Other / Skipped", "recorded", PS),
        Evidence(job, "re-protect's tasks", "recorded", PS),
        Evidence(job, "a single machine's failover and drill have the cluster job's tasks", "guessed", PS),
        Evidence(job, "errors[] of a failed job", "documented", "OpenAPI of site recovery"),
        Evidence(job, "newest first in a list; what $filter's clauses mean", "guessed", "ODataQuery of the .NET SDK"),
        Evidence(job, "a cancelled failover leaves the item as it was", "guessed", "-"),
        *(Evidence(item, f"{row.action}: {_way(row)}", _grade(row.grade), row.source) for row in TRANSITIONS),
        Evidence(item, "an unplanned failover of one machine takes 139 to 172 s", "recorded", A2A),
        Evidence(item, "initial replication: 310 to 425 s, then 20 and more minutes to Protected", "recorded", A2A),
        Evidence(item, "state while it fails over", "guessed", "-", guess + "while_failing_over"),
        Evidence(
            item,
            "state between failover and commit",
            "guessed",
            "VMware and cluster analogues only",
            guess + "failed_over",
        ),
        Evidence(item, "state after commit", "reported", "reliability-workbook#130", guess + "committed"),
        Evidence(
            item,
            "body of a POST's operationresults after success",
            "guessed",
            "OpenAPI says the resource",
            guess + "operation_result",
        ),
        Evidence(
            item,
            "a failed failover leaves the item able to fail over",
            "guessed",
            "-",
            guess + "after_failed_failover",
        ),
        Evidence(
            item,
            "what its state does not allow, a second failover among it, is refused at once",
            "guessed",
            "allowedOperations is recorded, the refusal is not",
            guess + "refusal",
        ),
        Evidence(
            item,
            "one of a multi-VM consistency group does not fail over alone",
            "guessed",
            "Azure to Azure DR common questions say together",
            guess + "replication_group_member",
        ),
        Evidence(
            item,
            "the source is shut down when asked and able; the failover goes on without",
            "documented",
            "Azure to Azure failover tutorial",
            guess + "shutdown_needs",
        ),
        Evidence(
            item,
            "its name may change by a re-protect",
            "recorded",
            f"{A2A} (same); {PS} (new)",
            guess + "reprotected_name",
        ),
        Evidence(
            item,
            "a taken target address: the next free one, without failing",
            "documented",
            "Azure to Azure DR common questions",
        ),
        Evidence(
            "recoveryPoints", "one each 5 minutes; none after commit", "documented", "Azure to Azure DR questions"
        ),
        Evidence("recoveryPoints", "their names, phases and the source's last one before it died", "guessed", "-"),
        Evidence(plan, "Shutdown and Failover groups are added, virtualMachineId is a GUID", "recorded", A2A),
        Evidence(
            plan,
            "a whole A2A plan fails over as one job, group by group",
            "guessed",
            "OpenAPI examples of Hyper-V",
            guess + "whole_plan",
        ),
        Evidence(plan, "a member that fails stops the groups after it", "guessed", "-"),
        Evidence(
            "virtualMachines", "instance view; a recovered machine has an attached disk and no image", "recorded", A2A
        ),
        Evidence(
            "virtualMachines",
            "delete in 38 s, its headers and polls",
            "recorded",
            "azure-cli delete_dependent_resources",
        ),
        Evidence("virtualMachines", "start, powerOff and deallocate go like delete", "documented", "Compute REST"),
        Evidence(
            "virtualMachines", "the control plane says running of machines whose data plane is dark", "guessed", "-"
        ),
    )


def _way(row: Transition) -> str:
    return f"from {' or '.join(row.frm) if len(row.frm) < 4 else 'any state'} to {row.to}"


def _grade(word: str) -> Grade:
    return next(grade for grade in GRADES if grade == word)


def _the_rest() -> Sequence[Evidence]:
    arm, owner = "Azure Resource Manager", "on-premises"
    return (
        Evidence(arm, "404 ResourceNotFound, NotFound, ParentResourceNotFound", "recorded", f"{A2A}; private DNS"),
        Evidence(arm, "503 ServerTimeout of a gateway that gave up", "recorded", "azure-cli nw_flow_log_show"),
        Evidence(arm, "a dark region takes its resource groups' metadata with it", "documented", "ARM overview"),
        Evidence(arm, "which calls hang, are refused or answer 503 in an outage", "guessed", "-", "scenario faults"),
        Evidence(arm, "operations under way in a dark control plane stand still", "guessed", "-"),
        Evidence(arm, "token buckets and their headers", "documented", "request limits and throttling"),
        Evidence(arm, "groups: PUT at once, DELETE polled by Location, no type before 2019", "recorded", A2A),
        Evidence(
            arm,
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
        Evidence(owner, "routers learn in 8 to 20 s and forget at once", "guessed", "-", "scenario onPremises"),
        Evidence(owner, "a silent gateway is noticed after 45 s", "documented", "default DPD timeout of connections"),
        Evidence(owner, "equal routes of one prefix split traffic", "documented", "BGP (RFC 4271), ECMP of devices"),
    )


TABLE: tuple[Evidence, ...] = (*network(), *_site_recovery(), *_the_rest())


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
