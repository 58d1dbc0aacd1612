"""A simulated Azure over HTTPS: the real SDK clients talk to it unmodified.

It loads an estate (ARM documents and on-premises documents) and behaves: resources change state over virtual time,
regions go dark, tunnels come up, routers on-premises learn routes, machines fail over. Every accepted operation and
every change that matters lands in an append-only log, from which the simulator judges the run (`simulator.verdict`).

It must not know the program that drives it: it imports `clock` and, of `domain`, address arithmetic and the query
texts alone. Where Azure's behaviour was never recorded it guesses, and `simulator.evidence` says so.
"""
