"""Write what is handed to a person: the package of one device, in the run's documents, where a door serves it."""

from __future__ import annotations

import json
from typing import Any

from activities.work import Work
from azure_clients.documents import BadName
from azure_clients.scrubbing import SCRUBBER
from domain.outcomes import Outcome, failed, succeeded


def begin(work: Work) -> Outcome:
    """Write the package whole. Written again it is the same."""
    return write(work, work.settings["document"], work.settings["content"])


def write(work: Work, document: str, content: Any) -> Outcome:
    """Keep ``content`` as a JSON file that a person can read and upload. No secret enters it."""
    name = f"runs/{work.call.run}/packages/{document}"
    text = json.dumps(SCRUBBER.scrub_value(content), indent=2, ensure_ascii=False)
    try:
        work.documents.write(name, text.encode())
    except BadName as wrong:
        return failed(str(wrong), code="BadName")
    return succeeded(f"{document} is written", document=name, bytes=len(text.encode()))
