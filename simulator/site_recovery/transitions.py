"""The life of an Azure-to-Azure protected item, as a table of states and a table of transitions.

Pure data and three questions (which state is this, what may it do, what becomes of it). States are told from the
document itself, so that a captured estate starts where it really is. Sources are given per row as in the evidence
table: A2A = recordings A2A_selfcreated, RCM = V2A_RCMInMage, PS = PowerShell excerpts, SPEC = OpenAPI examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.site_recovery.guesses import Guesses

Properties = dict[str, Any]

REPLICATING = "replicating"
FINISHING = "finishing"
PROTECTED = "protected"
DRILLED = "drilled"
FAILED_OVER = "failed over"
COMMITTED = "committed"
FAILOVER_FAILED = "failover failed"
GONE = "gone"
UNKNOWN = "unknown"


def states(guesses: Guesses) -> dict[str, Properties]:
    """What an item in each state shows. ``currentScenario`` is not part of it but for a drill's."""
    idle = {"testFailoverState": "None", "testFailoverStateDescription": "None", "activeLocation": "Primary"}
    ready = ["UnplannedFailover", "DisableProtection", "TestFailover"]
    return {
        REPLICATING: {
            **idle,
            "protectionState": "InitialReplicationInProgress",
            "protectionStateDescription": "Initial replication is in progress",
            "allowedOperations": ["DisableProtection"],
        },
        FINISHING: {
            **idle,
            "protectionState": "InitialReplicationRecoveryCompletionPending",
            "protectionStateDescription": "Waiting for first recovery point",
            "allowedOperations": ["DisableProtection"],
        },
        PROTECTED: {
            **idle,
            "protectionState": "Protected",
            "protectionStateDescription": "Protected",
            "allowedOperations": ready,
        },
        DRILLED: {
            "activeLocation": "Primary",
            "protectionState": "Protected",
            "protectionStateDescription": "Cleanup test failover pending",
            "testFailoverState": "WaitingForCompletion",
            "testFailoverStateDescription": "Waiting for user input",
            "allowedOperations": ["TestFailoverCleanup"],
        },
        FAILED_OVER: {
            **idle,
            "protectionState": guesses.failed_over,
            "protectionStateDescription": "Failover completed",
            "activeLocation": "Recovery",
            "allowedOperations": ["Commit", "DisableProtection", "ChangePit", "SwitchProtection"],
        },
        COMMITTED: {
            **idle,
            "protectionState": guesses.committed,
            "protectionStateDescription": "Failover committed",
            "activeLocation": "Recovery",
            "allowedOperations": ["DisableProtection", "SwitchProtection"],
        },
        FAILOVER_FAILED: {
            **idle,
            "protectionState": guesses.after_failed_failover,
            "protectionStateDescription": "Failover failed",
            "allowedOperations": ready,
        },
    }


_STATE_OF = {
    "InitialReplicationInProgress": REPLICATING,
    "InitialReplicationRecoveryCompletionPending": FINISHING,
    "Protected": PROTECTED,
    "UnplannedFailoverInProgress": PROTECTED,
    "UnplannedFailoverCommitPendingStatesBegin": FAILED_OVER,
    "FailoverCompleted": FAILED_OVER,
    "UnplannedFailoverCommitted": COMMITTED,
    "FailoverCommitted": COMMITTED,
    "UnplannedFailoverFailed": FAILOVER_FAILED,
}


def state_of(properties: Mapping[str, Any]) -> str:
    """The state that an item's properties show; UNKNOWN for a protectionState that this table does not have."""
    if properties.get("testFailoverState") == "WaitingForCompletion":
        return DRILLED
    return _STATE_OF.get(str(properties.get("protectionState")), UNKNOWN)


def running_scenario(properties: Mapping[str, Any]) -> str | None:
    """The scenario that runs on an item. A drill that only waits for its cleanup is not running."""
    scenario = (properties.get("currentScenario") or {}).get("scenarioName", "None")
    if scenario in ("None", None) or (state_of(properties) == DRILLED and scenario == "TestFailover"):
        return None
    return str(scenario)


@dataclass(frozen=True)
class Transition:
    """One thing that can be asked of an item. ``allowed`` is what its allowedOperations must hold; None: nothing."""

    action: str
    frm: tuple[str, ...]
    to: str
    allowed: str | None
    scenario: str
    friendly_name: str
    grade: str
    source: str

    @property
    def wire(self) -> str:
        """The name under which durations and the event log know it."""
        return f"replicationProtectedItems/{self.action}"


ANY = (REPLICATING, FINISHING, PROTECTED, DRILLED, FAILED_OVER, COMMITTED, FAILOVER_FAILED, UNKNOWN)

TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        "unplannedFailover",
        (PROTECTED, FAILOVER_FAILED),
        FAILED_OVER,
        "UnplannedFailover",
        "UnplannedFailover",
        "Failover",
        "recorded",
        "A2A #181-187; the item between failover and commit by analogy with RCM #130",
    ),
    Transition(
        "testFailover",
        (PROTECTED, FAILOVER_FAILED),
        DRILLED,
        "TestFailover",
        "TestFailover",
        "Test failover",
        "documented",
        "SPEC (Hyper-V), job and durations PS testFailover_job",
    ),
    Transition(
        "testFailoverCleanup",
        (DRILLED,),
        PROTECTED,
        "TestFailoverCleanup",
        "TestFailoverCleanup",
        "Test failover cleanup",
        "documented",
        "SPEC (Hyper-V), 202 and job PS testFailoverCleanup",
    ),
    Transition(
        "failoverCommit",
        (FAILED_OVER,),
        COMMITTED,
        "Commit",
        "CommitFailover",
        "Commit",
        "recorded",
        "A2A #188-191; the committed item itself is reported only",
    ),
    Transition(
        "applyRecoveryPoint",
        (FAILED_OVER,),
        FAILED_OVER,
        "ChangePit",
        "ChangePit",
        "Change recovery point",
        "documented",
        "SPEC (Hyper-V); that A2A replaces its machine is a guess",
    ),
    Transition(
        "reProtect",
        (FAILED_OVER, COMMITTED),
        REPLICATING,
        "SwitchProtection",
        "SwitchReplicationGroupProtection",
        "Reprotect",
        "guessed",
        "A2A uses the container's switchprotection (#193-213); the item's own verb is recorded for V2A only",
    ),
    Transition(
        "remove",
        ANY,
        GONE,
        None,
        "DisableDr",
        "Disable replication",
        "recorded",
        "A2A #222-230",
    ),
    Transition(
        "delete",
        ANY,
        GONE,
        None,
        "PurgeDr",
        "Purge replication",
        "recorded",
        "A2A' (112 s); a missing item is 404, A2A #231",
    ),
)

ACTIONS = {row.action.lower(): row for row in TRANSITIONS}

NEVER_OFFERED = ("plannedFailover", "failoverCancel")
"""Asked of an A2A item these are always refused: they are in no recorded allowedOperations of one."""


@dataclass(frozen=True)
class Refusal:
    """Why an item does not take an operation. ``reason`` is a sentence for a person."""

    code: str
    reason: str


def take(action: str, name: str, properties: Mapping[str, Any], busy: str | None = None) -> Transition | Refusal:
    """The transition that ``action`` makes from where the item is, or why not. ``busy`` names a scenario that was
    accepted on it and may not show yet: of two equal requests the second is always refused."""
    row = ACTIONS.get(action.lower())
    if row is None:
        return Refusal("OperationNotSupported", f"Operation '{action}' is not supported for '{name}' (provider A2A).")
    running = busy or running_scenario(properties)
    if running:
        return Refusal(
            "AnotherOperationInProgress",
            f"Operation '{row.scenario}' can't be started on '{name}' because '{running}' is in progress on it.",
        )
    state = state_of(properties)
    allowed = properties.get("allowedOperations") or []
    if state not in row.frm or (row.allowed and row.allowed not in allowed):
        return Refusal(
            "OperationNotAllowedInCurrentState",
            f"Operation '{row.scenario}' isn't allowed on '{name}' in its current state "
            f"'{properties.get('protectionState')}' (active location {properties.get('activeLocation')}). "
            f"Allowed operations: {', '.join(allowed) or 'none'}.",
        )
    return row


DURATIONS: dict[str, float | tuple[float, float]] = {
    "replicationProtectedItems/unplannedFailover": (139, 172),
    "replicationProtectedItems/failoverCommit": (8, 37),
    "replicationProtectedItems/testFailover": (141, 146),
    "replicationProtectedItems/testFailoverCleanup": (113, 146),
    "replicationProtectedItems/applyRecoveryPoint": (139, 172),
    "replicationProtectedItems/reProtect": (413, 506),
    "replicationProtectedItems/remove": 204,
    "replicationProtectedItems/delete": 112,
    "replicationProtectedItems/write": (310, 425),
    "replicationProtectedItems/update": (5, 30),
    "replicationProtectedItems/initialReplication": (1200, 1530),
    "replicationProtectedItems/finishReplication": (600, 900),
    "replicationProtectedItems/firstValidation": (60, 600),
    "replicationProtectionContainers/switchprotection": (413, 506),
    "replicationProtectionContainers/write": (0.2, 10),
    "replicationProtectionContainers/remove": (0.2, 10),
    "replicationFabrics/write": (64, 84),
    "replicationFabrics/remove": (1, 25),
    "replicationFabrics/delete": (1, 25),
    "replicationProtectionContainerMappings/write": (64, 166),
    "replicationProtectionContainerMappings/remove": (1, 25),
    "replicationProtectionContainerMappings/delete": (1, 25),
    "replicationNetworkMappings/write": (3, 4),
    "replicationNetworkMappings/delete": (1, 4),
    "replicationPolicies/write": (0.5, 25),
    "replicationPolicies/delete": (0.5, 5),
    "replicationRecoveryPlans/write": (0.2, 0.9),
    "replicationRecoveryPlans/delete": (0.2, 5),
    "replicationJobs/cancel": (2, 10),
    "replicationJobs/export": (0.2, 5),
    "replicationVaultHealth/refresh": (0.5, 5),
    "vaults/write": 60,
    "site-recovery/queued": (-4, 2),
    "site-recovery/recoveryPlanStep": (1, 3),
}
"""Seconds, from the server's own start and end times (recorded; commit, drill and cleanup likewise). What Azure
shows only at a 30 s poll has a range. ``site-recovery/queued`` is how long an operation says NotStarted; at or below
zero it is InProgress at once, as most recorded ones are. ``initialReplication`` and then ``finishReplication`` is the
way to Protected."""
