"""Is a machine up: its VM runs, has the address it should have, and the owner's probe answers (rule 7).

Azure takes the next free address without failing when the wanted one is taken (Azure docs:
azure-to-azure-common-questions), so the address is read from the network interface.
"""

from __future__ import annotations

import socket
from typing import Any

from activities.work import Work
from azure_clients import compute, owner_http, resources
from azure_clients.errors import CallFailed
from azure_clients.factory import CONNECT_SECONDS
from domain import arm_ids
from domain.outcomes import Outcome, failed, retryable, succeeded

AGAIN_SECONDS = 5.0


def verify(work: Work) -> Outcome:
    """Read the recovery machine, its interfaces and the probe."""
    name = work.settings["machine"]
    machine_id = f"{work.settings['resource_group']}/providers/Microsoft.Compute/virtualMachines/{name}"
    document = compute.read_machine(work.clients, machine_id)
    if document is None:
        return _not_up(f"{name} is not there yet")
    power = compute.power_state(document)
    if power != "running":
        return _not_up(f"{name} is {power or 'in an unknown power state'}")
    found = _addresses(work, document)
    wanted = [str(one) for one in work.settings.get("addresses") or ()]
    evidence: dict[str, Any] = {"machine": machine_id, "addresses": [address for address, _ in found]}
    outcome = _wrong_address(work, name, wanted, found)
    if outcome is not None:
        return outcome
    probe = work.settings.get("probe")
    if probe:
        try:
            evidence["probe"] = _probe(work, probe)
        except CallFailed as failure:
            return _not_up(f"{name} runs, but its probe does not answer: {failure.reason}", code="ProbeFailed")
    return succeeded(f"{name} is up at {', '.join(evidence['addresses']) or 'no address'}", **evidence)


def actual_addresses(work: Work, machine_id: str) -> list[str]:
    """The addresses that a machine really has; none when it is not there."""
    document = compute.read_machine(work.clients, machine_id)
    return [address for address, _ in _addresses(work, document)] if document else []


def _addresses(work: Work, document: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for interface_id in compute.interfaces(document):
        interface = resources.read(work.clients, interface_id)
        found += compute.addresses(interface) if interface else []
    return found


def _wrong_address(work: Work, name: str, wanted: list[str], found: list[tuple[str, str]]) -> Outcome | None:
    have = [address for address, _ in found]
    if not have:
        return _not_up(f"{name} has no address yet")
    missing = [address for address in wanted if address not in have]
    if missing:
        reason = f"{name} has {', '.join(have)}, expected {', '.join(wanted)}"
        return failed(reason, code="AddressDiffers", expected=wanted, found=have)
    home = work.settings.get("network")
    strays = [
        subnet for _, subnet in found if home and not arm_ids.key(subnet).startswith(f"{arm_ids.key(home)}/subnets/")
    ]
    if strays:
        reason = f"{name} is in {strays[0]}, expected the network {arm_ids.name_of(str(home))}"
        return failed(reason, code="NetworkDiffers", expected=home, found=strays)
    return None


def _probe(work: Work, probe: dict[str, Any]) -> dict[str, Any]:
    if probe.get("url"):
        answer = owner_http.get(work.clients, probe["url"], doing="asking the owner's probe")
        return {"url": probe["url"], "status": answer.status}
    address, port = str(probe["address"]), int(probe["port"])
    try:
        with socket.create_connection((address, port), timeout=CONNECT_SECONDS):
            return {"address": address, "port": port, "answers": True}
    except OSError as error:
        raise CallFailed(f"{address}:{port} does not answer ({type(error).__name__})") from None


def _not_up(reason: str, code: str = "NotUp") -> Outcome:
    return retryable(reason, code=code, retry_after_seconds=AGAIN_SECONDS)
