"""Why a peering, or a network that is peered, is not written: the refusals that owners report (never recorded raw).

The codes are theirs; where a message is not quoted in full in public, its words are ours (sources: Errors).
"""

from __future__ import annotations

from collections.abc import Iterator

from domain import addresses
from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.web import Response
from simulator.core.world import World
from simulator.network import nets
from simulator.network.nets import PEERING, gateways_of, other_side, remote_of, space_of


def check_peering(world: World, wanted: Document, existing: Document | None) -> Response | None:  # noqa: ARG001
    """The first thing that stands in the way of this peering."""
    remote_id, local_id = remote_of(wanted), ids.parent_of(wanted["id"]) or ""
    remote, local = world.documents.get(remote_id or ""), world.documents.get(local_id)
    if remote is None or local is None:
        message = f"Resource {remote_id} referenced by resource {wanted['id']} was not found."
        return errors.error(400, "InvalidResourceReference", message, [])
    other = other_side(world, wanted)
    refusal = _twice(world, wanted, local, remote) or _disconnected(wanted, local_id, other)
    refusal = refusal or _overlaps(world, wanted, local, remote)
    if refusal is None and wanted["properties"].get("useRemoteGateways"):
        refusal = _gateways_already(world, wanted, local) or _no_transit(world, wanted, remote, other)
    return refusal


def check_network(world: World, wanted: Document, existing: Document | None) -> Response | None:
    """What a network must say by itself, and that it does not grow into one that it is peered with."""
    refusal = nets.check_network(world, wanted, existing)
    for peering, remote in _peered(world, wanted["id"]):
        refusal = refusal or _overlap(peering["id"], wanted, remote)
    return refusal


def _twice(world: World, wanted: Document, local: Document, remote: Document) -> Response | None:
    for peering in world.documents.children(local["id"], PEERING):
        if ids.same(remote_of(peering), remote["id"]) and not ids.same(peering["id"], wanted["id"]):
            message = (
                f"Peering {peering['id']} already references remote virtual network {remote['id']}. Cannot add another "
                f"peering {wanted['id']} referencing the same remote virtual network."
            )
            return errors.error(400, "AnotherPeeringAlreadyReferencesRemoteVnet", message, [])
    return None


def _disconnected(wanted: Document, local_id: str, other: Document | None) -> Response | None:
    if other is None or other["properties"]["peeringState"] != "Disconnected":
        return None
    message = (
        f"Cannot create or update peering {wanted['id']} because remote peering {other['id']} referencing parent "
        f"virtual network {local_id} is in Disconnected state. Update or re-create the remote peering to get it "
        "back to Initiated state. Peering gets Disconnected when remote vnet or remote peering is deleted and "
        "re-created."
    )
    return errors.error(400, "RemotePeeringIsDisconnected", message, [])


def _overlaps(world: World, wanted: Document, local: Document, remote: Document) -> Response | None:
    """Neither network may overlap the other, nor one that the other is peered with already."""
    refusal = _overlap(wanted["id"], local, remote)
    for first, second in ((local, remote), (remote, local)):
        for _, peered in _peered(world, second["id"]):
            if not ids.same(peered["id"], first["id"]):
                which = "first" if first is local else "second"
                refusal = refusal or _overlap_with_peered(wanted["id"], local, remote, which, first, peered)
    return refusal


def _overlap(peering_id: str, local: Document, remote: Document) -> Response | None:
    shared = addresses.overlapping(space_of(local), space_of(remote))
    if not shared:
        return None
    message = (
        f"Cannot create or update peering {peering_id}. Virtual networks {local['id']} and {remote['id']} cannot "
        f"be peered because their address spaces overlap. Overlapping address prefixes: {', '.join(shared[0])}."
    )
    return errors.error(400, "VnetAddressSpacesOverlap", message, [])


def _overlap_with_peered(
    peering_id: str, local: Document, remote: Document, which: str, overlapping: Document, peered: Document
) -> Response | None:
    shared = addresses.overlapping(space_of(overlapping), space_of(peered))
    if not shared:
        return None
    other = "second" if which == "first" else "first"
    message = (
        f"Cannot create or update peering {peering_id}. Virtual networks {local['id']} and {remote['id']} cannot be "
        f"peered because address space of the {which} virtual network overlaps with address space of virtual network "
        f"{peered['id']} already peered with the {other} virtual network. Overlapping address prefixes: {shared[0][0]}."
    )
    return errors.error(400, "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet", message, [])


def _peered(world: World, network_id: str) -> Iterator[tuple[Document, Document]]:
    """Each peering of a network, with the network at its other end."""
    for peering in world.documents.children(network_id, PEERING):
        remote = world.documents.get(remote_of(peering) or "")
        if remote is not None:
            yield peering, remote


def _gateways_already(world: World, wanted: Document, local: Document) -> Response | None:
    """A network leaves by one set of gateways: its own, or one hub's (documented; the second sentence is reported)."""
    code = "PeeringCannotUseRemoteGateways"
    own = gateways_of(world, local["id"])
    if own:
        message = (
            f"Peering {wanted['id']} cannot have UseRemoteGateways flag set to true, because virtual network "
            f"{local['id']} has its own gateway {own[0]['id']}."
        )
        return errors.error(400, code, message, [])
    for peering, _ in _peered(world, local["id"]):
        if peering["properties"].get("useRemoteGateways") and not ids.same(peering["id"], wanted["id"]):
            message = (
                f"Peering {wanted['id']} cannot have UseRemoteGateways flag set to true, because another peering "
                f"{peering['id']} already has UseRemoteGateways flag set to true."
            )
            return errors.error(400, code, message, [])
    return None


def _no_transit(world: World, wanted: Document, remote: Document, other: Document | None) -> Response | None:
    if other is not None and not other["properties"].get("allowGatewayTransit"):
        message = (
            f"Peering {wanted['id']} cannot have UseRemoteGateways flag set to true, because corresponding remote "
            "peering has AllowGatewayTransit flag set to false."
        )
        return errors.error(400, "PeeringCannotUseRemoteGateways", message, [])
    if not gateways_of(world, remote["id"]):
        message = (
            f"Peering {wanted['id']} cannot have UseRemoteGateway flag set to true because remote virtual network "
            f"{remote['id']} referenced by the peering does not have any gateways."
        )
        return errors.error(400, "RemoteVnetHasNoGateways", message, [])
    return None
