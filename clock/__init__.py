"""The one clock that a rehearsal shares (rule 17).

A clock is a small JSON file made by the command line. The simulator and the embedded host read the same file, so
that both live at the same virtual moment, also when one of them is killed and comes back. With a number as speed,
virtual time runs that many times as fast as wall time. With ``max`` it stands still while anybody works, and jumps
to the next thing due when everybody waits: a run then takes exactly as long as its waits, on any machine.

Without a clock file (in Azure), ``now()`` is the system's UTC time.
"""

from clock.clock import MAX_SPEED, Clock, SystemClock, VirtualClock, create, from_environment

__all__ = ["MAX_SPEED", "Clock", "SystemClock", "VirtualClock", "create", "from_environment"]
