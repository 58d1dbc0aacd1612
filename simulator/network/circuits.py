"""What is particular about ExpressRoute circuits, their authorizations, peerings and Global Reach connections.

Recorded (command line's tests, api-version 2020-07-01, against Microsoft's test providers): a circuit's key and its
``Enabled`` come when it is provisioned, and show ``Disabled`` while it is being changed; a peering's ports and ASN come
the same way; a Global Reach connection between circuits that the provider has not provisioned fails and stays.
"""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

from simulator.core import errors, ids
from simulator.core.documents import Document
from simulator.core.operations import Failure
from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.network.gateways import CONNECTION
from simulator.network.readings import read, target_of

CIRCUIT = "Microsoft.Network/expressRouteCircuits"
PEERING = f"{CIRCUIT}/peerings"
REACH = f"{PEERING}/connections"
AUTHORIZATION = f"{CIRCUIT}/authorizations"
MICROSOFT_ASN = 12076
NO_KEY = "00000000-0000-0000-0000-000000000000"


def shape_circuit(world: World, document: Document) -> None:
    """What the provider and Azure add is kept over an update; the state shows Disabled until it has ended."""
    before = world.documents.get(document["id"])
    known = before["properties"] if before else {}
    properties = document["properties"]
    properties["circuitProvisioningState"] = "Disabled"
    properties["serviceKey"] = known.get("serviceKey", NO_KEY)
    for name in ("stag", "gatewayManagerEtag"):
        if name in known:
            properties.setdefault(name, known[name])


def finish_circuit(world: World, document: Document) -> None:
    properties = document["properties"]
    properties["circuitProvisioningState"] = "Enabled"
    properties.setdefault("gatewayManagerEtag", "")
    properties.setdefault("stag", world.random("stag", document["id"]).randint(1, 60))
    if properties["serviceKey"] == NO_KEY:
        properties["serviceKey"] = world.guid("service-key", document["id"])


def circuit_in_use(world: World, document: Document) -> Response | None:
    """Which code it is was never recorded."""
    for connection in world.documents.of_type(CONNECTION):
        if ids.same((connection["properties"].get("peer") or {}).get("id"), document["id"]):
            message = f"Circuit {document['id']} is in use by {connection['id']} and cannot be deleted."
            return errors.error(400, "CircuitInUseCannotBeDeleted", message, [])
    return None


def shape_authorization(world: World, document: Document) -> None:
    document["properties"].setdefault("authorizationKey", world.guid("authorization", document["id"]))


def finish_peering(world: World, document: Document) -> None:
    """The provider's ports, Microsoft's ASN, and who changed it last are known at the end."""
    drawn = world.random("port", ids.parent_of(document["id"])).choice("ABCD")
    properties = document["properties"]
    properties["azureASN"] = MICROSOFT_ASN
    properties["lastModifiedBy"] = "Customer"
    properties.setdefault("primaryAzurePort", f"SIM-06GMR-CIS-1-PRI-{drawn}")
    properties.setdefault("secondaryAzurePort", f"SIM-06GMR-CIS-2-SEC-{drawn}")
    properties.setdefault("gatewayManagerEtag", "")
    public = properties.get("microsoftPeeringConfig")
    if isinstance(public, dict) and public.get("advertisedPublicPrefixesState") == "NotConfigured":
        public["advertisedPublicPrefixesState"] = "ValidationNeeded"


def shape_peering(world: World, document: Document) -> None:
    """Public prefixes are checked by Microsoft before they are used."""
    document["properties"].setdefault("peeringType", document["name"])
    public = document["properties"].get("microsoftPeeringConfig")
    if isinstance(public, dict):
        public.setdefault("advertisedPublicPrefixesState", "NotConfigured")
        public.setdefault("legacyMode", 0)


def reach_outcome(world: World, document: Document) -> Failure | None:
    """Both circuits must be provisioned by their provider."""
    peering = (document["properties"].get("expressRouteCircuitPeering") or {}).get("id") or ""
    circuit = world.documents.get(ids.parent_of(peering) or "")
    state = circuit["properties"].get("serviceProviderProvisioningState") if circuit else "NotProvisioned"
    document["properties"]["circuitConnectionStatus"] = "Connected"
    if state == "Provisioned":
        return None
    key = circuit["properties"].get("serviceKey") if circuit else ""
    message = (
        f"Put Global Reach Connection Initiating Circuit Subscription = {ids.parse(document['id']).subscription}, "
        f"ServiceKey = {key} is Not Provisioned. Current Status {state}"
    )
    return {"code": "InitiatingCircuitNotProvisioned", "message": message, "details": []}


def stats(world: World, request: Request) -> Response:
    """No traffic is counted."""
    circuit = target_of(request)
    if circuit not in world.documents:
        return errors.resource_not_found(circuit)
    counted = ("primaryBytesIn", "primaryBytesOut", "secondaryBytesIn", "secondaryBytesOut")
    return Response(200, dict.fromkeys(counted, 0))


def device_table(world: World, request: Request) -> Response:
    """ARP and route tables of a device: empty, as recorded of circuits that carry nothing."""
    path = request.path.rstrip("/").rsplit("/", 2)
    peering = world.documents.get(path[0])
    if peering is None:
        return errors.child_not_found(path[0])
    return read(world, request, peering, path[1], list)


def no_peer_connections(world: World, request: Request) -> Response:
    """No other circuit asks for Global Reach to this one."""
    peering = target_of(request)
    return Response(200, {"value": []}) if peering in world.documents else errors.child_not_found(peering)


def no_peer_connection(world: World, request: Request) -> Response:
    return errors.child_not_found(world.casing.id(request.path))
