"""What is believed of links, of what travels over them, and of how Azure refuses them, graded."""

from __future__ import annotations

from simulator.belief import Evidence

CONNECTION, CIRCUIT, GATEWAY = "connections", "expressRouteCircuits", "virtualNetworkGateways"
PEERING, WATCHER, TABLE, GROUP = "virtualNetworkPeerings", "networkWatchers", "routeTables", "networkSecurityGroups"
OWNER = "on-premises"
BGP_FAQ = "About BGP with Azure VPN Gateway; VPN Gateway FAQ"
ER_FAQ = "ExpressRoute FAQ; link a virtual network to a circuit"
UDR = "Virtual network traffic routing"

ROUTES: tuple[Evidence, ...] = (
    Evidence(
        GATEWAY,
        "announces its network, spokes in transit, local network gateways' prefixes, what other BGP sessions told",
        "documented",
        BGP_FAQ,
        "network.static_prefixes_over_bgp",
    ),
    Evidence(GATEWAY, "takes no route whose prefix lies in its own network's space", "documented", BGP_FAQ),
    Evidence(GATEWAY, "a route that has passed its own ASN is dropped", "documented", "BGP (RFC 4271)"),
    Evidence(
        GATEWAY,
        "VPN and ExpressRoute gateways of one network tell each other nothing",
        "documented",
        "Route Server FAQ",
    ),
    Evidence(
        GATEWAY, "active-active: two instances, each with a tunnel and a session to every device", "documented", BGP_FAQ
    ),
    Evidence(
        GATEWAY, "AS paths in readings are joined by hyphens; routes by hand are of origin Network", "guessed", "-"
    ),
    Evidence(GATEWAY, "an ExpressRoute gateway's BGP peer is an address of its subnet", "guessed", "-"),
    Evidence(
        CONNECTION,
        "two networks are joined by two connections of one key that answer each other; one alone stays Connecting",
        "documented",
        "VPN Gateway: VNet-to-VNet connections; the state of one alone is a guess",
    ),
    Evidence(CONNECTION, "when one half goes the other is NotConnected at once", "guessed", "-"),
    Evidence(
        CONNECTION, "Vnet2Vnet without BGP knows the other network's space", "documented", "VPN Gateway: VNet-to-VNet"
    ),
    Evidence(CONNECTION, "status of a connection to a circuit: Connected", "guessed", "-", "network.circuit_status"),
    Evidence(CONNECTION, "bytes grow in both directions while it is up", "guessed", "-"),
    Evidence(CONNECTION, "a gateway of the wrong type is refused; with which code", "guessed", "-"),
    Evidence(
        CIRCUIT,
        "joins sites and networks; AS path 12076, neighbor the second usable address of the primary /30",
        "documented",
        "ExpressRoute routing requirements; " + ER_FAQ,
    ),
    Evidence(
        CIRCUIT,
        "refuses a network whose space overlaps one that is on it; with which code",
        "guessed",
        "Set up disaster recovery with ExpressRoute says that it cannot be done",
        "network.circuit_overlap",
    ),
    Evidence(CIRCUIT, "another subscription needs an authorization; with which code it is refused", "guessed", ER_FAQ),
    Evidence(
        CIRCUIT,
        "an authorization serves one connection at a time",
        "documented",
        ER_FAQ + "; that it is spent is reported: MicrosoftDocs/azure-docs#30810",
        "network.authorization_reuse",
    ),
    Evidence(
        CIRCUIT,
        "revoking an authorization ends its connections",
        "documented",
        ER_FAQ + "; in a dark region the document goes when it can be written: a guess",
    ),
    Evidence(
        CIRCUIT,
        "across geopolitical regions a circuit must be Premium; with which code it is refused",
        "guessed",
        "ExpressRoute locations and providers",
    ),
    Evidence(
        PEERING,
        "two networks' own prefixes and no further; gateways both ways with both flags",
        "documented",
        "Peering",
    ),
    Evidence(PEERING, "leads to the prefixes that its half knew at its last sync", "documented", "Update peering sync"),
    Evidence(
        PEERING,
        "a second peering with useRemoteGateways, or one of a network with its own gateway: 400",
        "reported",
        "owners' blogs have the sentence; the code is a guess",
    ),
    Evidence(TABLE, "longest prefix, then User, gateway, Default; Azure's own stands for networks", "documented", UDR),
    Evidence(TABLE, "an appliance must be up and forward; peers must allow forwarded traffic", "documented", UDR),
    Evidence(GROUP, "VirtualNetwork: network, peers, what gateways reach, own routes", "documented", "Service tags"),
    Evidence(
        WATCHER,
        "a connectivity check needs the agent in the machine; with which code it is refused",
        "guessed",
        "the need is documented (connection troubleshoot)",
        "network.no_watcher_agent",
    ),
    Evidence(OWNER, "a device that was not told of a gateway builds no tunnel", "guessed", "-", "requiresPreparation"),
    Evidence(OWNER, "a site passes on what it learned where the ASN allows", "documented", "BGP (RFC 4271)"),
)
