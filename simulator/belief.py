"""One belief about Azure and how sure it is; `simulator.evidence` puts them all in one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grade = Literal["recorded", "documented", "reported", "guessed"]
GRADES: tuple[Grade, ...] = ("recorded", "documented", "reported", "guessed")
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
