"""What is believed of Site Recovery, its recovery points and its machines, graded."""

from __future__ import annotations

from simulator.belief import A2A, GRADES, PS, Evidence, Grade
from simulator.site_recovery.transitions import TRANSITIONS, Transition

ASR, ITEM, JOB, PLAN = "Site Recovery", "replicationProtectedItems", "replicationJobs", "replicationRecoveryPlans"
POINTS, MACHINES = "recoveryPoints", "virtualMachines"
GUESS = "site-recovery."


def _way(row: Transition) -> str:
    return f"from {' or '.join(row.frm) if len(row.frm) < 4 else 'any state'} to {row.to}"


def _grade(word: str) -> Grade:
    return next(grade for grade in GRADES if grade == word)


SITE_RECOVERY: tuple[Evidence, ...] = (
    Evidence(
        ITEM,
        "PATCH: an interface by nicId, a configuration by name, the network for the whole item; the rest stays",
        "documented",
        "OpenAPI of site recovery",
    ),
    Evidence(ITEM, "a target address outside its subnet, or one of Azure's five: the next free one", "guessed", "-"),
    Evidence(ASR, "every write: empty 202; the job is the last segment of Azure-AsyncOperation", "recorded", PS),
    Evidence(ASR, "poll URLs beyond 3,000 characters, signed by t, c, s and h", "recorded", A2A),
    Evidence(ASR, "a poll URL that was rebuilt without its signature is refused", "guessed", "-"),
    Evidence(ASR, "statuses with all keys, endTime cut to the second, percentComplete null", "recorded", A2A),
    Evidence(ASR, "NotStarted before InProgress", "recorded", "V2A (RCM) and Hyper-V recordings, not A2A"),
    Evidence(ASR, "Succeeded with an error that is a warning (45031)", "recorded", "Hyper-V recording"),
    Evidence(ASR, "404 NotFound with ArmResourceDoesNotExist inside, for DELETE too", "recorded", A2A),
    Evidence(
        ASR, "a Failed operation: code, message, details null", "reported", "terraform-provider-azurerm#31927"
    ),
    Evidence(ASR, "lists of plans without groups, of jobs without tasks", "recorded", A2A),
    Evidence("vaults", "created in a minute, polled at operationStatus; an update is 200 at once", "recorded", A2A),
    Evidence(
        ITEM,
        "what it shows on its way to Protected: disks, heartbeat, interfaces, and a warning some minutes later",
        "recorded",
        A2A,
    ),
    Evidence(JOB, "year 1 without a zone for what has not ended, tasks Other / Skipped", "recorded", PS),
    Evidence(JOB, "re-protect's tasks", "recorded", PS),
    Evidence(JOB, "a single machine's failover and drill have the cluster job's tasks", "guessed", PS),
    Evidence(JOB, "errors[] of a failed job", "documented", "OpenAPI of site recovery"),
    Evidence(JOB, "newest first in a list; what $filter's clauses mean", "guessed", "ODataQuery of the .NET SDK"),
    Evidence(JOB, "a cancelled failover leaves the item as it was", "guessed", "-"),
    *(Evidence(ITEM, f"{row.action}: {_way(row)}", _grade(row.grade), row.source) for row in TRANSITIONS),
    Evidence(ITEM, "an unplanned failover of one machine takes 139 to 172 s", "recorded", A2A),
    Evidence(ITEM, "initial replication: 310 to 425 s, then 20 and more minutes to Protected", "recorded", A2A),
    Evidence(ITEM, "state while it fails over", "guessed", "-", GUESS + "while_failing_over"),
    Evidence(
        ITEM,
        "state between failover and commit",
        "guessed",
        "VMware and cluster analogues only",
        GUESS + "failed_over",
    ),
    Evidence(ITEM, "state after commit", "reported", "reliability-workbook#130", GUESS + "committed"),
    Evidence(
        ITEM,
        "body of a POST's operationresults after success",
        "guessed",
        "OpenAPI says the resource",
        GUESS + "operation_result",
    ),
    Evidence(
        ITEM,
        "a failed failover leaves the item able to fail over",
        "guessed",
        "-",
        GUESS + "after_failed_failover",
    ),
    Evidence(
        ITEM,
        "what its state does not allow, a second failover among it, is refused at once",
        "guessed",
        "allowedOperations is recorded, the refusal is not",
        GUESS + "refusal",
    ),
    Evidence(
        ITEM,
        "one of a multi-VM consistency group does not fail over alone",
        "guessed",
        "Azure to Azure DR common questions say together",
        GUESS + "replication_group_member",
    ),
    Evidence(
        ITEM,
        "the source is shut down when asked and able; the failover goes on without",
        "documented",
        "Azure to Azure failover tutorial",
        GUESS + "shutdown_needs",
    ),
    Evidence(
        ITEM,
        "its name may change by a re-protect",
        "recorded",
        f"{A2A} (same); {PS} (new)",
        GUESS + "reprotected_name",
    ),
    Evidence(
        ITEM,
        "a taken target address: the next free one, without failing",
        "documented",
        "Azure to Azure DR common questions",
    ),
    Evidence(
        POINTS, "one each 5 minutes; none after commit", "documented", "Azure to Azure DR questions"
    ),
    Evidence(POINTS, "their names, phases and the source's last one before it died", "guessed", "-"),
    Evidence(PLAN, "Shutdown and Failover groups are added, virtualMachineId is a GUID", "recorded", A2A),
    Evidence(
        PLAN,
        "a whole A2A plan fails over as one job, group by group",
        "guessed",
        "OpenAPI examples of Hyper-V",
        GUESS + "whole_plan",
    ),
    Evidence(PLAN, "a member that fails stops the groups after it", "guessed", "-"),
    Evidence(
        MACHINES, "instance view; a recovered machine has an attached disk and no image", "recorded", A2A
    ),
    Evidence(
        MACHINES,
        "delete in 38 s, its headers and polls",
        "recorded",
        "azure-cli delete_dependent_resources",
    ),
    Evidence(MACHINES, "start, powerOff and deallocate go like delete", "documented", "Compute REST"),
    Evidence(
        MACHINES, "the control plane says running of machines whose data plane is dark", "guessed", "-"
    ),
)
