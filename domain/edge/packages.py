"""What is handed to whoever stands before a device: the file to upload, the settings, a checklist, and the way back.

The device's own screen has no API (sources: Azure Stack Edge VPN). Which tags of an uploaded file a device reads is
not documented; so the failover ranges go into the home region's tag of each service, and into the region's own
AzureCloud tag where the list has one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from domain import regions
from domain.edge.model import Edge, EdgeDevice
from domain.edge.ranges import aggregate, tags_of
from domain.snapshot import Document

UPLOAD = "service-tags-upload.json"
BEFORE = "service-tags-before.json"
"""Names of the two files among a run's packages: what is uploaded, and what was there before."""

_CLOUD = "azurecloud"
_OURS = ("id", "type", "nextLink", "name")
"""What the API's answer has and the weekly file has not."""

VPN = {"PFS": "None", "DH group": "Group2", "Integrity": "SHA256", "Cipher": "GCMAES256", "IKE encryption": "AES256"}
"""What the device's VPN page asks of a Pro R beside key and gateway (sources: Azure Stack Edge VPN)."""


def upload_file(document: Document, additions: dict[str, Iterable[str]], home: str) -> Document:
    """The list in the form of the weekly file, with ``additions`` (service -> prefixes) in the tags of ``home``."""
    file = {name: copy.deepcopy(value) for name, value in document.items() if name not in _OURS}
    everything = [prefix for prefixes in additions.values() for prefix in prefixes]
    wanted = {service.lower(): list(prefixes) for service, prefixes in additions.items()}
    wanted.setdefault(_CLOUD, everything)
    homes = {tag.name: tag.service for tag in tags_of(document) if tag.region == home and tag.service in wanted}
    for value in file.get("values") or []:
        service = homes.get(value.get("name"))
        if service:
            details = value["properties"]
            details["addressPrefixes"] = list(aggregate([*details["addressPrefixes"], *wanted[service]]))
    return file


def service_package(edge: Edge, device: EdgeDevice, home: str, target: str) -> dict[str, Any]:
    """For a service's failover: the file goes up again, with the home region chosen as it is."""
    page = "Configuration > VPN > Configure"
    return {
        **_about(device, "service-failover"),
        "services": list(edge.services),
        "upload": {"document": UPLOAD, "region": home, "region_name": regions.display_name(home)},
        "checklist": [
            f"Open the local screen of {device.name}: {page}.",
            f"Upload {UPLOAD} as the service tags file and choose {regions.display_name(home)}, as before.",
            "Apply, and wait until the page says that the VPN is enabled.",
            f"Say done: Bridgehead looks at the tunnel from Azure, which now takes {regions.display_name(target)} too.",
        ],
        "undo": [f"Upload {BEFORE} on the same page with {regions.display_name(home)} chosen, and apply."],
    }


def region_package(edge: Edge, device: EdgeDevice, home: str, target: str) -> dict[str, Any]:
    """For a move: another gateway, another region, and for a Mini R another phone book."""
    there = regions.display_name(target)
    pro = device.model == "pro-r"
    settings: dict[str, Any] = {"region": target, "region_name": there, "services": list(edge.services)}
    settings |= {"ipsec": VPN, "shared_key": _key(device)} if pro else {"phone_book": "from the new gateway"}
    if edge.client_address_pool and not pro:
        settings["client_address_pool"] = list(edge.client_address_pool)
    first = (
        "Enter the gateway's address and the shared key from Key Vault."
        if pro
        else "Download the VPN client of the new gateway and upload its phone book."
    )
    return {
        **_about(device, "region-failover"),
        "settings": settings,
        "upload": {"document": UPLOAD, "region": target, "region_name": there},
        "backup": _backup(device),
        "checklist": [
            f"Open the local screen of {device.name}: Configuration > VPN > Configure.",
            first,
            f"Upload {UPLOAD} as the service tags file and choose {there}.",
            "Apply, and wait until the page says that the VPN is enabled.",
            "Say done: Bridgehead then looks at the tunnel from Azure.",
        ],
        "undo": [f"Enter the old gateway again and upload {BEFORE} with {regions.display_name(home)} chosen."],
    }


def _about(device: EdgeDevice, situation: str) -> dict[str, Any]:
    about = {"device": device.name, "model": device.model, "site": device.site, "serial": device.serial}
    return {**{name: value for name, value in about.items() if value}, "situation": situation}


def _key(device: EdgeDevice) -> str | None:
    key = device.shared_key
    return f"Key Vault {key.vault}, secret {key.secret}" if key else None


def _backup(device: EdgeDevice) -> str:
    if device.backup is None or device.backup == "none":
        return "none"
    return f"of {device.backup.at}, in {regions.display_name(device.backup.location)}"
