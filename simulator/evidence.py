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
from dataclasses import dataclass
from typing import Literal

from simulator.site_recovery.transitions import TRANSITIONS, Transition

Grade = Literal["recorded", "documented", "reported", "guessed"]
GRADES: tuple[Grade, ...] = ("recorded", "documented", "reported", "guessed")
BEGIN, END = "<!-- evidence: begin -->", "<!-- evidence: end -->"

BASE = "azure-mgmt-network 19.0.0 test_network (api 2021-02-01)"
CONN = "azure-cli 2.18.0 network_vpn_connection_ipsec"
PEER = "azure-cli 2.18.0 network_vnet_peering; databricks vnet_peering (2024)"
WATCH = "azure-cli 2.18.0 network_watcher_vm"
A2A = "azure-cli-extensions site-recovery A2A (api 2022-08-01)"
PS = "azure-powershell SiteRecovery session records"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One belief: of which type or service, what it is, how sure, from where, and the switch if there is one."""

    of: str
    belief: str
    grade: Grade
    source: str
    variant: str = ""


def _network() -> Sequence[Evidence]:
    net, connection, gateway = "Microsoft.Network", "connections", "virtualNetworkGateways"
    return (
        Evidence(net, "PUT of what is new: 201, Updating, Azure-AsyncOperation and no Location", "recorded", BASE),
        Evidence(net, "DELETE: 202 with both headers, 204 for what is missing", "recorded", BASE),
        Evidence(net, "status bodies hold status alone; failed operations come over HTTP 200", "recorded", BASE),
        Evidence(net, "Retry-After of 10, 10, 20, 20, 40, 40, 80 s", "recorded", "poll times in " + BASE),
        Evidence(
            net,
            "a write on what is being updated: 429 RetryableError",
            "recorded",
            "azure-cli connection_monitor_v2, private_endpoint_connection_event_grid_topic",
            "network.lock",
        ),
        Evidence(net, "a subnet's write cancels its network's", "recorded", "azure-cli mysql_flexible_server_vnet"),
        Evidence(net, "If-Match that is stale: 412", "guessed", "seen of private DNS only"),
        Evidence(
            net, "DELETE while deleting names the operation under way", "guessed", "-", "network.delete_while_deleting"
        ),
        Evidence(connection, "create and delete take 41 s, an update 10 s, a shared key 40 s", "recorded", BASE),
        Evidence(connection, "connectionStatus absent while Updating, Unknown just after", "recorded", BASE),
        Evidence(
            connection,
            "Unknown, Connecting, Connected within seconds once both ends agree",
            "guessed",
            "the values are documented; no live peer was recorded",
        ),
        Evidence(
            connection,
            "the tunnel falls when the delete has ended, not when it is accepted",
            "guessed",
            "-",
            "network.disconnect_takes_effect",
        ),
        Evidence(connection, "a list tells no connectionStatus", "guessed", "-", "network.list_tells_tunnels"),
        Evidence(connection, "sharedKey in clear in GET", "recorded", f"{BASE}; {CONN}"),
        Evidence(
            connection,
            "gateways serialise writes on their connections",
            "reported",
            "Azure/Azure-Landing-Zones#4134, terraform-provider-azurerm#10582",
        ),
        Evidence(connection, "a missing end: 400 InvalidResourceReference", "documented", "ARM deployment errors"),
        Evidence(gateway, "no ETag header; the etag is in the body", "recorded", BASE),
        Evidence(gateway, "PATCH: Updating for 130 s with nothing to poll", "recorded", BASE),
        Evidence(
            gateway,
            "create may fail at 7207 s with GwmOperationTimeOut",
            "recorded",
            "azure-mgmt-network 19.0.0 virtual_network",
        ),
        Evidence(
            gateway,
            "rows of live learned routes and BGP peers",
            "documented",
            "VPN Gateway: view BGP metrics and status",
        ),
        Evidence(
            gateway,
            "readings of a gateway whose region is dark are empty",
            "guessed",
            "-",
            "network.dark_gateway_readings",
        ),
        Evidence(gateway, "which code refuses the delete of a gateway in use", "guessed", "-"),
        Evidence(
            "virtualNetworkPeerings", "Initiated, Connected, Disconnected and both sides' flips", "recorded", PEER
        ),
        Evidence(
            "virtualNetworkPeerings",
            "RemotePeeringIsDisconnected, overlap, missing transit: 400",
            "reported",
            "hashicorp/terraform#18091, Azure/ResourceModules#731",
        ),
        Evidence("networkWatchers", "nextHop and connectivityCheck, their values and times", "recorded", WATCH),
        *_network_besides(),
    )


def _network_besides() -> Sequence[Evidence]:
    circuit, watcher, manager = "expressRouteCircuits", "networkWatchers", "trafficManagerProfiles"
    return (
        Evidence(
            "Microsoft.Network",
            "which keys each api-version shows (2017-10-01 to 2022-11-01); between two recorded versions a guess",
            "recorded",
            f"{BASE}; {CONN}; azure-cli vm_lb_integration; {A2A}",
        ),
        Evidence(
            "Microsoft.Network",
            "a PUT that changes no property is Succeeded at once; Azure-AsyncNotification on changed tags only",
            "recorded",
            f"azure-cli network_local_gateway; {A2A}",
        ),
        Evidence(
            "networkInterfaces",
            "effective routes: all keys, and the prefixes that go nowhere",
            "recorded",
            "azure-mgmt-network 17.0.0 interface",
        ),
        Evidence(watcher, "ipFlowVerify, configuration diagnostic, topology", "recorded", WATCH),
        Evidence(watcher, "troubleshoot of a gateway without connections", "recorded", "azure-mgmt-network 17.0.0"),
        Evidence(watcher, "securityGroupView is empty", "recorded", "machines a minute old only"),
        Evidence(
            circuit,
            "key and Enabled when provisioned, Disabled while changed; peerings' ports likewise",
            "recorded",
            "azure-cli network_express_route",
        ),
        Evidence(
            circuit,
            "Global Reach of unprovisioned circuits fails, and the circuit's whole tree with it",
            "recorded",
            "azure-cli express_route_global_reach; azure-mgmt-network 17.0.0 express_route",
        ),
        Evidence(circuit, "a circuit in use is not deleted; which code says so", "guessed", "-"),
        Evidence(
            manager, "everything at once; an endpoint's PUT is always 201", "recorded", "azure-cli traffic_manager"
        ),
        Evidence(manager, "an enabled endpoint is Online after 90 s", "guessed", "no recording lasts that long"),
        Evidence("serviceTags", "the list's shape, not its content", "recorded", "azure-mgmt-network 19.0.0"),
    )


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


TABLE: tuple[Evidence, ...] = (*_network(), *_site_recovery(), *_the_rest())


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
