"""The clients of VPN gateways (point-to-site), and what a gateway tells of them.

A client is a document of the estate's. This room reads gateways and changes nothing of Azure.
"""

from simulator.core.room import Room
from simulator.vpn_clients.models import TYPE
from simulator.vpn_clients.urls import URLS

ROOM = Room(name="vpn-clients", urls=URLS, types=[TYPE])
