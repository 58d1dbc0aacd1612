"""Peerings through the SDK: two sides, their states, their sync level, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

NETWORK = "Microsoft.Network/virtualNetworks"
RECOVERY = "rg-companyb-southeastasia"
NET = (
    "/subscriptions/0000b0b0-0000-4000-8000-00000000b0b0/resourceGroups/rg-companyb-southeastasia/providers"
    "/Microsoft.Network"
)


def make(azure: Any, name: str, *prefixes: str) -> None:
    body = {"location": "southeastasia", "properties": {"addressSpace": {"addressPrefixes": list(prefixes)}}}
    networks = azure.network().virtual_networks
    networks.begin_create_or_update(RECOVERY, name, body, polling=azure.polling()).result(60)


def peer(azure: Any, local: str, remote: str, **more: Any) -> Any:
    options = {"sync_remote_address_space": more.pop("sync")} if "sync" in more else {}
    body = {"properties": {"remoteVirtualNetwork": {"id": f"{NET}/virtualNetworks/{remote}"}, **more}}
    peerings = azure.network().virtual_network_peerings
    begun = peerings.begin_create_or_update(RECOVERY, local, f"to-{remote}", body, polling=azure.polling(), **options)
    return begun.result(60)


def read(azure: Any, local: str, remote: str) -> Any:
    return azure.network().virtual_network_peerings.get(RECOVERY, local, f"to-{remote}")


@pytest.fixture
def pair(azure: Any) -> Any:
    """Networks a and b, peered both ways."""
    make(azure, "a", "10.8.0.0/16")
    make(azure, "b", "10.9.0.0/16")
    peer(azure, "a", "b")
    peer(azure, "b", "a")
    return azure


def test_half_a_peering_is_succeeded_and_initiated(azure: Any) -> None:
    """Recorded: provisioningState says nothing of the other side."""
    make(azure, "a", "10.8.0.0/16")
    make(azure, "b", "10.9.0.0/16")
    half = peer(azure, "a", "b")
    assert (half.provisioning_state, half.peering_state) == ("Succeeded", "Initiated")
    assert half.peering_sync_level == "RemoteNotInSync"


def test_the_second_side_connects_the_first_without_a_write_to_it(pair: Any) -> None:
    """Recorded: Initiated becomes Connected by itself; both sides share one guid."""
    first, second = read(pair, "a", "b"), read(pair, "b", "a")
    assert (first.peering_state, second.peering_state) == ("Connected", "Connected")
    assert first.resource_guid == second.resource_guid
    assert (first.peering_sync_level, second.peering_sync_level) == ("FullyInSync", "FullyInSync")


def test_the_second_sides_first_answer_says_connected_and_updating(azure: Any) -> None:
    """Recorded: the 201 already knows the peering's state, not that it is provisioned."""
    make(azure, "a", "10.8.0.0/16")
    make(azure, "b", "10.9.0.0/16")
    peer(azure, "a", "b")
    path = f"{NET}/virtualNetworks/b/virtualNetworkPeerings/to-a?api-version=2022-01-01"
    body = {"properties": {"remoteVirtualNetwork": {"id": f"{NET}/virtualNetworks/a"}}}
    shown = azure.raw("PUT", path, body).json()["properties"]
    assert (shown["peeringState"], shown["provisioningState"]) == ("Connected", "Updating")


def test_deleting_one_side_disconnects_the_other_which_stays_succeeded(pair: Any) -> None:
    """Recorded through Databricks: the peering that is left looks healthy by its provisioning state alone."""
    peerings = pair.network().virtual_network_peerings
    peerings.begin_delete(RECOVERY, "a", "to-b", polling=pair.polling()).result(60)
    left = read(pair, "b", "a")
    assert (left.provisioning_state, left.peering_state) == ("Succeeded", "Disconnected")


def test_a_peering_to_a_disconnected_side_is_refused_until_that_is_made_anew(pair: Any) -> None:
    """Reported: RemotePeeringIsDisconnected; the cure is to write the remote side first."""
    peerings = pair.network().virtual_network_peerings
    peerings.begin_delete(RECOVERY, "a", "to-b", polling=pair.polling()).result(60)
    with pytest.raises(HttpResponseError) as refused:
        peer(pair, "a", "b")
    assert refused.value.error is not None
    assert refused.value.error.code == "RemotePeeringIsDisconnected"
    peer(pair, "b", "a")
    assert peer(pair, "a", "b").peering_state == "Connected"


def test_networks_that_overlap_are_not_peered(azure: Any) -> None:
    """Reported: VnetAddressSpacesOverlap names the prefixes."""
    make(azure, "a", "10.8.0.0/16")
    make(azure, "b", "10.8.4.0/24")
    with pytest.raises(HttpResponseError) as refused:
        peer(azure, "a", "b")
    assert refused.value.error is not None
    assert refused.value.error.code == "VnetAddressSpacesOverlap"
    assert "10.8.4.0/24" in refused.value.message


def test_a_remote_gateway_needs_transit_on_the_other_side(pair: Any) -> None:
    """Reported: the side with the gateway goes first."""
    with pytest.raises(HttpResponseError) as refused:
        peer(pair, "a", "b", useRemoteGateways=True)
    assert "AllowGatewayTransit" in refused.value.message


def test_a_network_leaves_by_one_hub_alone(start_azure: Any) -> None:
    """Reported: a second peering with useRemoteGateways is refused, and so is one of a network that has its own."""
    estate = json.loads((Path(__file__).parents[2] / "estates" / "hub-and-spoke.json").read_text())
    azure = start_azure(estate=estate)
    networks = {document["name"]: document["id"] for document in azure.world.documents.of_type(NETWORK)}
    hubs = [networks[f"vnet-hub-{region}"] for region in ("southeastasia", "eastasia")]
    azure.world.documents.get(hubs[0])["properties"]["addressSpace"]["addressPrefixes"] = ["10.100.0.0/16"]
    for half in azure.world.documents.children(hubs[0], f"{NETWORK}/virtualNetworkPeerings"):
        azure.world.documents.delete(half["id"])
    spoke, flags = networks["vnet-web-eastasia"], {"useRemoteGateways": True}
    code, said = refusal_of(azure, spoke, hubs[0], **flags)
    assert code == "PeeringCannotUseRemoteGateways"
    assert "another peering" in said
    code, said = refusal_of(azure, hubs[1], hubs[0], **flags)
    assert code == "PeeringCannotUseRemoteGateways"
    assert "its own gateway" in said


def refusal_of(azure: Any, local: str, remote: str, **flags: bool) -> tuple[str, str]:
    body = {"properties": {"remoteVirtualNetwork": {"id": remote}, **flags}}
    answer = azure.raw("PUT", f"{local}/virtualNetworkPeerings/another?api-version=2024-05-01", body)
    error = answer.json()["error"]
    return str(error["code"]), str(error["message"])


def test_a_grown_network_is_out_of_sync_until_its_peer_takes_its_space_anew(pair: Any) -> None:
    """Connected and not in sync is possible; PUT with syncRemoteAddressSpace cures it (documented)."""
    make(pair, "b", "10.9.0.0/16", "10.19.0.0/16")
    mine, other = read(pair, "a", "b"), read(pair, "b", "a")
    assert (mine.peering_state, mine.peering_sync_level) == ("Connected", "LocalNotInSync")
    assert other.peering_sync_level == "RemoteNotInSync"
    assert mine.remote_address_space.address_prefixes == ["10.9.0.0/16"]
    assert mine.remote_virtual_network_address_space.address_prefixes == ["10.9.0.0/16", "10.19.0.0/16"]
    peer(pair, "a", "b", sync="true")
    mine, other = read(pair, "a", "b"), read(pair, "b", "a")
    assert (mine.peering_sync_level, other.peering_sync_level) == ("FullyInSync", "FullyInSync")
    assert mine.remote_address_space.address_prefixes == ["10.9.0.0/16", "10.19.0.0/16"]


def test_an_older_api_version_knows_no_sync_level(pair: Any) -> None:
    """Recorded: absent in 2020-07-01, there in 2021-02-01."""
    path = f"{NET}/virtualNetworks/a/virtualNetworkPeerings/to-b?api-version="
    old, new = (pair.raw("GET", path + version).json()["properties"] for version in ("2020-07-01", "2021-02-01"))
    assert "peeringSyncLevel" not in old
    assert "peeringSyncLevel" in new
