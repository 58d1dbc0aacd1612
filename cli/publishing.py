"""Publishing a plan: what it says and what stands in the way, for a person."""

from __future__ import annotations

import getpass
import logging
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from cli.failing import Code, Problem
from cli.files import read_plan, read_snapshot, read_text

if TYPE_CHECKING:
    from azure_clients.documents import Documents
    from azure_clients.plan_library import Published


def publish_plan(
    plan: Path, snapshot: Path, documents: str, *, by: str | None = None, now: datetime | None = None
) -> Published:
    """Check both files, then publish. Raises Problem with everything that stands in the way.

    ``documents`` is a folder or the https URL of a blob container.
    """
    from azure_clients.errors import CallFailed
    from azure_clients.plan_library import publish
    from domain.compile import Refused

    logging.getLogger("azure").setLevel(logging.CRITICAL)  # what it has to say is in the error
    read_plan(plan)
    read_snapshot(snapshot)
    moment = (now or datetime.now(timezone.utc)).isoformat()
    try:
        return publish(
            _store(documents), read_text(plan, "plan"), read_text(snapshot, "snapshot"), by=by or _me(), now=moment
        )
    except Refused as refused:
        raise Problem(f"{plan} is refused", refused.reasons) from None
    except CallFailed as failed:
        raise Problem(f"{documents}: {failed}", code=Code.UNREACHABLE) from None


def _store(documents: str) -> Documents:
    """The store named on the command line; a blob container by the same settings that the app reads."""
    if "://" in documents and not documents.startswith("https://"):
        raise Problem(f"{documents}: expected a folder, or the https URL of a blob container")
    if not documents.startswith("https://"):
        from azure_clients.folder_documents import folder_documents

        return folder_documents(documents)
    from azure_clients.documents import documents as open_store
    from azure_clients.factory import Clients
    from azure_clients.settings import SettingsError, read_settings

    try:
        settings = read_settings({**os.environ, "BRIDGEHEAD_DOCUMENTS": documents})
    except SettingsError as wrong:
        raise Problem("the environment cannot be used", wrong.problems) from None
    return open_store(Clients(settings))


def _me() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "command line"
