"""Write what is handed to a person: the package of one device, in the run's documents, where a door serves it."""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

from activities.work import Work
from azure_clients import resources
from azure_clients.documents import BadName
from azure_clients.scrubbing import SCRUBBER
from domain import arm_ids
from domain.outcomes import Outcome, failed, retryable, succeeded


def begin(work: Work) -> Outcome:
    """Write the package whole. Written again it is the same.

    ``reads`` maps a dotted path of the content to the public address that belongs there, which is not known before.
    """
    content = copy.deepcopy(work.settings["content"])
    for path, resource_id in (work.settings.get("reads") or {}).items():
        address = ((resources.read(work.clients, resource_id) or {}).get("properties") or {}).get("ipAddress")
        if not address:
            text = f"{arm_ids.name_of(resource_id)} has no address yet"
            return retryable(text, code="NoAddress", retry_after_seconds=10)
        *way, last = path.split(".")
        holder = content
        for part in way:
            holder = holder.setdefault(part, {})
        holder[last] = address
    return write(work, work.settings["document"], content)


def write(work: Work, document: str, content: Any) -> Outcome:
    """Keep ``content`` as a JSON file that a person can read and upload. No secret enters it."""
    name = f"runs/{work.call.run}/packages/{document}"
    text = json.dumps(SCRUBBER.scrub_value(content), indent=2, ensure_ascii=False)
    try:
        work.documents.write(name, text.encode())
    except BadName as wrong:
        return failed(str(wrong), code="BadName")
    digest = hashlib.sha256(text.encode()).hexdigest()
    return succeeded(f"{document} is written", document=name, bytes=len(text.encode()), sha256=digest)
