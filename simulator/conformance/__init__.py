"""How far the simulator agrees with recorded Azure: recordings are put to it, one by one, and the answers compared.

`cassettes` reads them; `scope` says what the mission never touches; `beginnings` infers what existed when a recording
starts; `moments` when each call was made and when each operation ended; `replay` puts the requests to a simulated
Azure of their own; `comparing` says where two answers first differ, with what is volatile known by `kinds`; `report`
counts. Nothing here knows a file, a subscription or a resource by name, and no recorded answer is ever given back: the
simulator is told what a recording starts from, how long things took and what failed for Azure's own reasons.
"""

from simulator.conformance.cassettes import CassetteError, read_folder
from simulator.conformance.replay import replay
from simulator.conformance.report import Report, summarise

__all__ = ["CassetteError", "Report", "read_folder", "replay", "summarise"]
