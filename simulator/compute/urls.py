"""Which paths this room answers: machines alone; interfaces are the network room's."""

from __future__ import annotations

from simulator.compute import extensions, making, responses
from simulator.compute.models import AFTER
from simulator.core.web import Url

SUBSCRIPTION = "/subscriptions/{subscription}"
GROUP = f"{SUBSCRIPTION}/resourceGroups/{{group}}"
MACHINES = "/providers/Microsoft.Compute/virtualMachines"
MACHINE = f"{GROUP}{MACHINES}/{{machine}}"
EXTENSION = f"{MACHINE}/extensions/{{extension}}"

URLS = [
    Url("GET", f"{SUBSCRIPTION}{MACHINES}", responses.list_machines),
    Url("GET", f"{GROUP}{MACHINES}", responses.list_machines),
    Url("GET", MACHINE, responses.get_machine),
    Url("PUT", MACHINE, making.put_machine),
    Url("DELETE", MACHINE, responses.delete_machine),
    Url("GET", f"{MACHINE}/instanceView", responses.get_instance_view),
    Url("GET", f"{MACHINE}/extensions", extensions.list_extensions),
    Url("GET", EXTENSION, extensions.get_extension),
    Url("PUT", EXTENSION, extensions.put_extension),
    Url("PATCH", EXTENSION, extensions.put_extension),
    Url("DELETE", EXTENSION, extensions.delete_extension),
    *[Url("POST", f"{MACHINE}/{action}", responses.act) for action in AFTER],
    Url(
        "GET",
        f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations/{{location}}/operations/{{operation}}",
        responses.operation_status,
    ),
]
