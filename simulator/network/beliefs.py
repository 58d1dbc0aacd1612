"""What is believed of Microsoft.Network, graded."""

from __future__ import annotations

from simulator.belief import A2A, BASE, CONN, PEER, WATCH, Evidence

NET, CONNECTION, GATEWAY, PEERING = (
    "Microsoft.Network",
    "connections",
    "virtualNetworkGateways",
    "virtualNetworkPeerings",
)
FIREWALL = "firewallPolicies"
CIRCUIT, WATCHER, MANAGER = "expressRouteCircuits", "networkWatchers", "trafficManagerProfiles"

NETWORK: tuple[Evidence, ...] = (
    Evidence(NET, "PUT of what is new: 201, Updating, Azure-AsyncOperation and no Location", "recorded", BASE),
    Evidence(NET, "DELETE: 202 with both headers, 204 for what is missing", "recorded", BASE),
    Evidence(NET, "status bodies hold status alone; failed operations come over HTTP 200", "recorded", BASE),
    Evidence(NET, "Retry-After of 10, 10, 20, 20, 40, 40, 80 s", "recorded", "poll times in " + BASE),
    Evidence(
        NET,
        "a write on what is being updated: 429 RetryableError",
        "recorded",
        "azure-cli connection_monitor_v2, private_endpoint_connection_event_grid_topic",
        "network.lock",
    ),
    Evidence(
        NET,
        "a write that refers to what is being updated: 429 RetryableError, ReferencedResourceNotProvisioned inside",
        "recorded",
        "azure-cli vm_lb_integration; 400 in terraform-provider-azurerm#2605",
        "network.reference_not_ready",
    ),
    Evidence(NET, "a subnet's write cancels its network's", "recorded", "azure-cli mysql_flexible_server_vnet"),
    Evidence(NET, "If-Match that is stale: 412", "guessed", "seen of private DNS only"),
    Evidence(
        NET, "DELETE while deleting names the operation under way", "guessed", "-", "network.delete_while_deleting"
    ),
    Evidence(CONNECTION, "create and delete take 41 s, an update 10 s, a shared key 40 s", "recorded", BASE),
    Evidence(CONNECTION, "connectionStatus absent while Updating, Unknown just after", "recorded", BASE),
    Evidence(
        CONNECTION,
        "Unknown, Connecting, Connected within seconds once both ends agree",
        "guessed",
        "the values are documented; no live peer was recorded",
    ),
    Evidence(
        CONNECTION,
        "the tunnel falls when the delete has ended, not when it is accepted",
        "guessed",
        "-",
        "network.disconnect_takes_effect",
    ),
    Evidence(CONNECTION, "a list tells no connectionStatus", "guessed", "-", "network.list_tells_tunnels"),
    Evidence(CONNECTION, "sharedKey in clear in GET", "recorded", f"{BASE}; {CONN}"),
    Evidence(
        CONNECTION,
        "gateways serialise writes on their connections",
        "reported",
        "Azure/Azure-Landing-Zones#4134, terraform-provider-azurerm#10582",
    ),
    Evidence(CONNECTION, "a missing end: 400 InvalidResourceReference", "documented", "ARM deployment errors"),
    Evidence(GATEWAY, "no ETag header; the etag is in the body", "recorded", BASE),
    Evidence(GATEWAY, "PATCH: Updating for 130 s with nothing to poll", "recorded", BASE),
    Evidence(
        GATEWAY,
        "create may fail at 7207 s with GwmOperationTimeOut",
        "recorded",
        "azure-mgmt-network 19.0.0 virtual_network",
    ),
    Evidence(
        GATEWAY,
        "rows of live learned routes and BGP peers",
        "documented",
        "VPN Gateway: view BGP metrics and status",
    ),
    Evidence(
        GATEWAY,
        "readings of a gateway whose region is dark are empty",
        "guessed",
        "-",
        "network.dark_gateway_readings",
    ),
    Evidence(GATEWAY, "which code refuses the delete of a gateway in use", "guessed", "-"),
    Evidence(
        PEERING, "Initiated, Connected, Disconnected and both sides' flips", "recorded", PEER
    ),
    Evidence(
        PEERING,
        "RemotePeeringIsDisconnected, overlaps, a second peering to one network, missing transit or gateway: 400",
        "reported",
        "hashicorp/terraform#18091 and #30569, Azure/ResourceModules#731, microsoft/AzureTRE#1927, kyma cloud-manager",
    ),
    Evidence(WATCHER, "nextHop and connectivityCheck, their values and times", "recorded", WATCH),
    Evidence(
        NET,
        "which keys each api-version shows (2017-10-01 to 2022-11-01); between two recorded versions a guess",
        "recorded",
        f"{BASE}; {CONN}; azure-cli vm_lb_integration; {A2A}",
    ),
    Evidence(
        NET,
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
    Evidence(WATCHER, "ipFlowVerify, configuration diagnostic, topology", "recorded", WATCH),
    Evidence(WATCHER, "troubleshoot of a gateway without connections", "recorded", "azure-mgmt-network 17.0.0"),
    Evidence(WATCHER, "securityGroupView is empty", "recorded", "machines a minute old only"),
    Evidence(
        CIRCUIT,
        "key and Enabled when provisioned, Disabled while changed; peerings' ports likewise",
        "recorded",
        "azure-cli network_express_route",
    ),
    Evidence(
        CIRCUIT,
        "Global Reach of unprovisioned circuits fails, and the circuit's whole tree with it",
        "recorded",
        "azure-cli express_route_global_reach; azure-mgmt-network 17.0.0 express_route",
    ),
    Evidence(CIRCUIT, "a circuit in use is not deleted; which code says so", "guessed", "-"),
    Evidence(
        MANAGER, "everything at once; an endpoint's PUT is always 201", "recorded", "azure-cli traffic_manager"
    ),
    Evidence(MANAGER, "an enabled endpoint is Online after 90 s", "guessed", "no recording lasts that long"),
    Evidence("serviceTags", "the list's shape, not its content", "recorded", "azure-mgmt-network 19.0.0"),
    Evidence(
        FIREWALL,
        "polls at nfvOperations, an etag of each one's own that stays at the end, types in a casing of their own",
        "recorded",
        "azure-cli-extensions azure-firewall: policy_rules_with_ip_groups, policy_rcg_draft",
    ),
    Evidence(FIREWALL, "one writer at a time per policy", "documented", "Azure Firewall policy rule sets"),
    Evidence(FIREWALL, "which codes refuse rules that mean nothing, and a policy in use", "guessed", "-"),
    Evidence(
        "virtualNetworks",
        "subnets outside the space, over each other, taken away or moved while in use: 400 Netcfg..., InUseSubnet...",
        "reported",
        "Azure/bicep#5132, troubleshooting of virtual networks",
    ),
    Evidence(GATEWAY, "its subnet is called GatewaySubnet, /29 or larger", "documented", "about VPN Gateway settings"),
    Evidence(GATEWAY, "which codes refuse a subnet that does not fit, or a second gateway", "guessed", "-"),
    Evidence("routeTables", "in use: 400 InUseRouteTableCannotBeDeleted", "reported", "ARM troubleshooting pages"),
)
