"""Company B's estate: the network of the main job, as ARM documents and one on-premises site.

East Asia runs three tiers of machines in 10.1.0.0/16, joined to a datacenter (10.50.0.0/16) by a site-to-site VPN with
BGP. Southeast Asia holds a recovery network of the same space, its gateway provisioned and connected to nothing. What
a run leans on (vaults, secrets, workspace) stands in a group of its own, none of it in East Asia.

``python -m simulator.company_b [MACHINES]`` prints it; ``python -m simulator.estates`` writes the file that the
repository ships.
"""

from __future__ import annotations

import json
import sys

from simulator.estates.gateways import local_network_gateway, public_address, site_to_site, vpn_gateway
from simulator.estates.networks import virtual_network
from simulator.estates.place import Document, Place
from simulator.estates.surroundings import key_vault, network_watcher, site, workspace
from simulator.site_recovery.company_b_items import DR, OWNER, RECOVERY, SOURCE, protected_estate

SPACE = "10.1.0.0/16"
SUBNETS = {"web": "10.1.1.0/24", "app": "10.1.2.0/24", "data": "10.1.3.0/24"}
SITE = {"asn": 65050, "publicAddress": "203.0.113.10", "bgpPeeringAddress": "10.50.255.1"}
KEY_VAULT = "kv-companyb-dr"


def company_b(virtual_machines: int = 9) -> list[Document]:
    """The whole estate; the machines are spread over the tiers in thirds."""
    source = _network_side(SOURCE, "10.1.255", "198.51.100.21")
    gateway, local = source[-2:]
    return [
        *(place.resource_group() for place in (SOURCE, RECOVERY, DR)),
        *source,
        site_to_site(SOURCE, "cn-eastasia-datacenter", gateway, local),
        *_network_side(RECOVERY, "10.1.254", "198.51.100.34"),
        key_vault(DR, KEY_VAULT, ["psk-datacenter", "fence-datacenter"]),
        workspace(DR, "law-companyb-dr"),
        *(network_watcher(OWNER.at(DR.group, place.region)) for place in (SOURCE, RECOVERY)),
        *protected_estate(virtual_machines),
        site("datacenter", "companyb.example", KEY_VAULT, **SITE, prefixes=["10.50.0.0/16"]),
    ]


def _network_side(place: Place, gateway_net: str, address: str) -> list[Document]:
    """Network, public address, gateway, and the local network gateway that stands for the datacenter."""
    region, peering = place.region, str(SITE["bgpPeeringAddress"])
    subnets = {**SUBNETS, "GatewaySubnet": f"{gateway_net}.0/27"}
    network = virtual_network(place, f"vnet-companyb-{region}", SPACE, subnets)
    public = public_address(place, f"pip-vgw-companyb-{region}", address)
    return [
        network,
        public,
        vpn_gateway(place, f"vgw-companyb-{region}", network, [public], [f"{gateway_net}.30"]),
        local_network_gateway(
            place, f"lng-datacenter-{region}", str(SITE["publicAddress"]), [f"{peering}/32"], (65050, peering)
        ),
    ]


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    json.dump(company_b(count), sys.stdout, indent=2)
    sys.stdout.write("\n")
