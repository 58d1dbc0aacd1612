"""The pure heart: plan, snapshot, compile, decide, outcomes, addresses.

Nothing here may do I/O, read a clock or the environment, or know of Azure SDKs or Durable Functions: what is asked
of this room before the event is answered by the same code that runs on the day.
"""
