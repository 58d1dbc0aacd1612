"""Documents in an Azure Blob container: ``create`` is If-None-Match, ``write`` is If-Match."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from azure_clients.documents import checked, checked_prefix
from azure_clients.errors import Changed, Missing, calling

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient, ContentSettings


class BlobDocuments:
    """See ``azure_clients.documents.Documents``."""

    def __init__(self, container: ContainerClient) -> None:
        self._container = container

    def read(self, name: str) -> tuple[bytes, str] | None:
        try:
            with calling(f"reading document {name}"):
                found = self._container.download_blob(checked(name), max_concurrency=1)
                return found.readall(), str(found.properties.etag)
        except Missing:
            return None

    def create(self, name: str, content: bytes, *, content_type: str = "application/json") -> bool:
        from azure.core import MatchConditions
        from azure.core.exceptions import ResourceExistsError, ResourceModifiedError

        with calling(f"creating document {name}"):
            try:
                self._container.upload_blob(
                    checked(name),
                    content,
                    overwrite=True,
                    match_condition=MatchConditions.IfMissing,
                    content_settings=_settings(content_type),
                )
            except (ResourceExistsError, ResourceModifiedError):
                return False
        return True

    def write(
        self, name: str, content: bytes, *, etag: str | None = None, content_type: str = "application/json"
    ) -> str:
        from azure.core import MatchConditions
        from azure.core.exceptions import ResourceModifiedError, ResourceNotFoundError

        condition: dict[str, Any] = {}
        if etag is not None:
            condition = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
        with calling(f"writing document {name}"):
            try:
                blob = self._container.get_blob_client(checked(name))
                answer = blob.upload_blob(
                    content, overwrite=True, content_settings=_settings(content_type), **condition
                )
            except (ResourceModifiedError, ResourceNotFoundError):
                if etag is None:
                    raise
                raise Changed(f"document {name} has changed since it was read", code="ConditionNotMet") from None
        return str(answer["etag"])

    def list(self, prefix: str) -> list[str]:
        with calling(f"listing documents {prefix}"):
            return sorted(self._container.list_blob_names(name_starts_with=checked_prefix(prefix)))

    def delete(self, name: str) -> None:
        with contextlib.suppress(Missing), calling(f"deleting document {name}"):
            self._container.delete_blob(checked(name))

    def location(self, name: str) -> str:
        return f"{self._container.url}/{name}"


def _settings(content_type: str) -> ContentSettings:
    from azure.storage.blob import ContentSettings

    return ContentSettings(content_type=content_type)
