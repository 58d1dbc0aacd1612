"""The tasks of each job, as a table: id, name, what a person reads, and its share of the job's time.

Re-protect's tasks are recorded for one machine (PowerShell excerpt reprotect_job); the vault's health refresh too
(VAULT #28). A single machine's failover, drill and cleanup follow the recorded cluster jobs with the word cluster
taken out; a recovery plan's tasks follow the OpenAPI's RecoveryPlanGroupTaskDetails. Those are guesses.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TaskRow:
    """``until`` is the part of the job's time at which the task ends; ``skipped_when`` names a condition."""

    task_id: str
    friendly_name: str
    until: float
    name: str = ""
    skipped_when: str = ""


TASKS: dict[str, tuple[TaskRow, ...]] = {
    "UnplannedFailover": (
        TaskRow("UnplannedFailoverPreflightChecksTask", "Prerequisites check for failover", 0.05),
        TaskRow("ShutdownVmTask", "Shut down the virtual machine", 0.25, skipped_when="no shutdown"),
        TaskRow("FailoverTask", "Start failover", 0.75),
        TaskRow("StartReplicaVmTask", "Start the replica virtual machine", 1.0),
    ),
    "TestFailover": (
        TaskRow("TestFailoverPreflightChecksTask", "Prerequisites check for test failover", 0.05),
        TaskRow("CreateTestVmTask", "Create test virtual machine", 0.8),
        TaskRow("StartTestVmTask", "Start the virtual machine", 1.0),
    ),
    "TestFailoverCleanup": (
        TaskRow("TestFailoverCleanupPreflightChecksTask", "Prerequisites check for test failover cleanup", 0.05),
        TaskRow("VmTestFailoverCleanupTask", "Test failover cleanup of virtual machine", 1.0),
    ),
    "CommitFailover": (
        TaskRow("CommitFailoverPreflightChecksTask", "Prerequisite check", 0.1),
        TaskRow("CommitFailoverTask", "Committing failover", 1.0, name="VmCommitFailover"),
    ),
    "ChangePit": (
        TaskRow("ChangePitPreflightChecksTask", "Prerequisite check", 0.05),
        TaskRow("ChangePitTask", "Change recovery point", 1.0),
    ),
    "SwitchReplicationGroupProtection": (
        TaskRow("SwitchReplicationGroupProtectionPreflightTask", "Prerequisite check", 0.02),
        TaskRow("CommitFailoverTask", "Committing failover", 0.02, "VmCommitFailover", skipped_when="committed"),
        TaskRow("DiscoverReplicaTask", "Discovering replica virtual machine", 0.03),
        TaskRow("GetSwitchProtectionRequirementsTask", "Getting reprotection requirements", 0.04),
        TaskRow("ProtectReplicaTask", "Reprotecting virtual machine (1)", 1.0),
    ),
    "RefreshVaultHealth": (TaskRow("RefreshFailoverHealthTask", "Refreshing failover health", 1.0),),
    "EnableDr": (
        TaskRow("EnableDrPreflightChecksTask", "Prerequisites check for enabling protection", 0.1),
        TaskRow("InstallMobilityServiceTask", "Installing Mobility Service and preparing target", 0.8),
        TaskRow("EnableReplicationTask", "Enable replication", 1.0),
    ),
}
"""By scenario name. A scenario that is not here has one task of its own name."""


FRIENDLY_NAMES: dict[str, str] = {
    "UnplannedFailover": "Failover",
    "TestFailover": "Test failover",
    "TestFailoverCleanup": "Test failover cleanup",
    "CommitFailover": "Commit",
    "ChangePit": "Change recovery point",
    "SwitchReplicationGroupProtection": "Reprotect",
    "ReverseReplication": "Reprotect",
    "EnableDr": "Enable replication",
    "DisableDr": "Disable replication",
    "PurgeDr": "Purge replication",
    "UpdateVmProperties": "Update the virtual machine",
    "CreateSite": "Create a site",
    "DeleteSite": "Delete a site",
    "CreateProtectionContainer": "Create protection container",
    "DeleteProtectionContainer": "Delete protection container",
    "PairClouds": "Pair protection containers",
    "UnpairClouds": "Unpair protection containers",
    "PairNetworks": "Pair networks",
    "UnpairNetworks": "Unpair networks",
    "AddProtectionProfile": "Create replication policy",
    "DeleteProtectionProfile": "Delete replication policy",
    "SaveRecoveryPlan": "Save a recovery plan",
    "DeleteRecoveryPlan": "Delete a recovery plan",
    "CancelJob": "Cancel a job",
    "RefreshVaultHealth": "Refresh vault health",
}


def tasks_of(scenario: str) -> tuple[TaskRow, ...]:
    return TASKS.get(scenario) or (TaskRow(f"{scenario}Task", FRIENDLY_NAMES.get(scenario, scenario), 1.0),)
