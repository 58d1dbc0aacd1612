"""A rehearsal: simulated Azure, embedded host and one run of a plan, played by a scenario and judged at the end.

This room starts and watches processes; it does not reach into them. What Azure does is the simulator's, what the run
does the function app's, and what happened is read where an owner would read it: at the doors, in the report and in
the simulator's log.
"""
