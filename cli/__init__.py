"""The ``bridgehead`` command: what a person or a script asks of a plan, of a run, and of a rehearsal.

This room only presents and starts: what a plan means is the domain's to say, what a run does is the function app's.
It imports what is heavy inside its commands, so that help and completion are quick.
"""
