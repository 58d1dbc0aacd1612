"""Microsoft.RecoveryServices: vaults and Azure-to-Azure Site Recovery.

The room holds the replication state of every protected machine and moves it as the recorded service does: writes are
answered with an empty 202, each is one job whose name is the operation's name, and lists are thinner than gets. What
nobody recorded (a whole plan failing over, an item between failover and commit, a failed failover) is a guess that the
evidence table grades and whose variants can be switched. It must not touch networks beyond the interface that a
failed-over machine gets.
"""

from simulator.core.room import Room
from simulator.site_recovery import bodies
from simulator.site_recovery.models import ROOM as NAME
from simulator.site_recovery.models import begin
from simulator.site_recovery.transitions import DURATIONS
from simulator.site_recovery.urls import URLS

ROOM = Room(name=NAME, urls=URLS, types=bodies.TYPES, durations=DURATIONS, begin=begin)
