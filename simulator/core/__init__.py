"""What every room of the simulator stands on: documents, time, operations, faults, the log, and the way in.

A *room* simulates one service. It is a package with three files, as in moto: ``urls`` (a table of `Url` rows),
``responses`` (functions ``(world, request) -> Response``, synchronous, under one lock, well under a millisecond) and
``models`` (what it keeps and its declared state transitions). It hands the server one `Room`, listed in
`simulator.rooms`. A room may use:

``world.now``, ``world.seconds``            the virtual moment of the request or event being handled
``world.after(seconds, action)``            do something later; actions run in time order, lazily, at the next request
``world.documents``                         ARM documents by id, whatever the case (`Documents`)
``world.operations.begin(...)``             accept a long-running operation; logs accepted and ended (`Operations`)
``world.draw(action, resource)``            a seeded duration in seconds, the scenario's if it names the action
``world.guid(*salt)``, ``world.random(..)`` seeded identity and chance
``world.log.write(kind, **fields)``         append an event; ``world.log.on(kind, f)`` hears of it
``world.faults``                            dark regions, job and address faults
``world.machines``                          which virtual machine runs where, with which address
``world.secrets``                           Key Vault values made from the seed
``errors.error(...)`` and its table         the bodies that Azure answers with

Nothing here knows a provider: no resource type is named in this package.
"""
