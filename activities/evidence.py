"""Keep what the gateways' logs say, after the fact. A query that fails is evidence too, and never fails a run."""

from __future__ import annotations

from typing import Any

from activities.work import Work
from azure_clients import logs
from azure_clients.errors import CallFailed
from domain.outcomes import Outcome, succeeded
from domain.queries import query_text

ROWS_KEPT = 12


def verify(work: Work) -> Outcome:
    """Run the step's queries once each."""
    parameters = work.settings.get("parameters") or {}
    found: dict[str, Any] = {}
    for name in work.settings["queries"]:
        try:
            table = logs.query(work.clients, work.settings["workspace"], query_text(name, **parameters))
        except CallFailed as failure:
            found[name] = {"failed": failure.reason}
        except (KeyError, ValueError, TypeError) as error:
            found[name] = {"failed": f"the query cannot be made: {error}"}
        else:
            found[name] = {**table, "rows": table["rows"][:ROWS_KEPT], "count": len(table["rows"])}
    failures = sum("failed" in one for one in found.values())
    return succeeded(f"{len(found) - failures} of {len(found)} queries were answered", logs=found)
