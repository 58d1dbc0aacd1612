"""Every estate by name."""

from __future__ import annotations

from collections.abc import Callable

from simulator.company_b import company_b
from simulator.estates import company_b_places, company_b_routes
from simulator.estates.company_a import company_a, company_a_app
from simulator.estates.edge import edge_region, edge_service
from simulator.estates.fabrikam import recreated_network, replica_network
from simulator.estates.hub_and_spoke import hub_and_spoke, peered_application
from simulator.estates.place import Document

ESTATES: dict[str, Callable[[], list[Document]]] = {
    "company-a": company_a,
    "company-a-app": company_a_app,
    "company-b": company_b,
    "company-b-expressroute": company_b_routes.one_circuit,
    "company-b-two-circuits": company_b_routes.two_circuits,
    "company-b-both": company_b_routes.both,
    "company-b-sites": company_b_places.sites,
    "company-b-app": company_b_places.app,
    "edge-region": edge_region,
    "edge-service": edge_service,
    "hub-and-spoke": hub_and_spoke,
    "peered-application": peered_application,
    "recreated-network": recreated_network,
    "replica-network": replica_network,
}
"""Name of the files estates/NAME.json and plans/NAME.yaml -> what makes the estate."""
