"""Where a document stands: whose subscription, which resource group and region, and GUIDs that are the same each time.

Builders only: every function of this package returns ARM documents as ``az resource show`` prints them, and none of
them holds a secret.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]

_SPACE_OF_OWNERS = uuid.UUID("a7c2d6de-3c4f-5c57-9f0b-6f0e8a4f2b11")


@dataclass(frozen=True)
class Owner:
    """Whose estate it is. ``application`` is written into names and tags; ``guids`` is the space of its GUIDs."""

    application: str
    subscription_id: str
    guids: uuid.UUID

    @classmethod
    def named(cls, application: str, subscription_id: str) -> Owner:
        """An owner whose GUIDs follow from the two names."""
        return cls(application, subscription_id, uuid.uuid5(_SPACE_OF_OWNERS, f"{application}|{subscription_id}"))

    def guid(self, *words: str) -> str:
        return str(uuid.uuid5(self.guids, "|".join(words)))

    def at(self, group: str, region: str) -> Place:
        return Place(self, group, region)


@dataclass(frozen=True)
class Place:
    """A resource group, and the region of what is made there: mostly the group's own."""

    owner: Owner
    group: str
    region: str

    @property
    def group_id(self) -> str:
        return f"/subscriptions/{self.owner.subscription_id}/resourceGroups/{self.group}"

    def id(self, resource_type: str, name: str) -> str:
        """The id of a resource here; ``resource_type`` as ``Microsoft.KeyVault/vaults``, of one level."""
        return f"{self.group_id}/providers/{resource_type}/{name}"

    def resource_group(self) -> Document:
        """The group itself, in this region."""
        return {
            "id": self.group_id,
            "name": self.group,
            "type": "Microsoft.Resources/resourceGroups",
            "location": self.region,
            "tags": {"application": self.owner.application},
            "properties": {"provisioningState": "Succeeded"},
        }

    def network_resource(self, kind: str, name: str) -> Document:
        """A resource of Microsoft.Network with what all of them have; ``kind`` as ``virtualNetworks``."""
        resource_id = self.id(f"Microsoft.Network/{kind}", name)
        return {
            "name": name,
            "id": resource_id,
            "etag": f'W/"{self.owner.guid("etag", resource_id)}"',
            "type": f"Microsoft.Network/{kind}",
            "location": self.region,
            "properties": {"provisioningState": "Succeeded", "resourceGuid": self.owner.guid(resource_id)},
        }


def child(parent: Document, kind: str, name: str, properties: Document) -> Document:
    """A part of a network resource, shown inside it: it has its parent's etag."""
    return {
        "name": name,
        "id": f"{parent['id']}/{kind}/{name}",
        "etag": parent["etag"],
        "properties": {"provisioningState": "Succeeded", **properties},
        "type": f"{parent['type']}/{kind}",
    }


def told(user: Document, owner: Document, field: str) -> None:
    """``owner`` shows in ``field`` who uses it, as Azure does of security groups and route tables."""
    owner["properties"].setdefault(field, []).append({"id": user["id"]})
