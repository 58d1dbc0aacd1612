"""How machines come into the world with the estate, or later by somebody else's hand."""

from __future__ import annotations

from simulator.compute import extensions, models
from simulator.compute.bodies import MACHINE_TYPE
from simulator.core.documents import Document
from simulator.core.world import World


def begin(world: World) -> None:
    """Place every machine of the estate, and make documents of what is installed in it."""
    for document in world.documents.of_type(MACHINE_TYPE):
        adopt(world, document)


def adopt(world: World, document: Document) -> None:
    """Take one machine in; documents of other rooms are left alone."""
    if document["type"].lower() == MACHINE_TYPE.lower():
        models.adopt(world, document)
        extensions.take_apart(world, document)
