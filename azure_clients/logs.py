"""Log Analytics: the shipped queries, bounded rows.

Logs arrive minutes late (sources: Routing): they are evidence after the fact and gate nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from azure_clients.errors import calling
from azure_clients.factory import Clients

ROW_LIMIT = 50
CELL_LIMIT = 300


def query(clients: Clients, workspace: str, text: str) -> dict[str, Any]:
    """``{"columns": [...], "rows": [[...]], "more": bool}`` of the query's first table. Raises CallFailed."""
    with calling(f"querying workspace {workspace}"):
        result = clients.logs().query_workspace(workspace, text, timespan=timedelta(hours=2), server_timeout=20)
        tables = getattr(result, "tables", None) or getattr(result, "partial_data", None) or []
        if not tables:
            return {"columns": [], "rows": [], "more": False}
        rows = [[_cell(value) for value in row] for row in tables[0].rows[:ROW_LIMIT]]
        return {"columns": list(tables[0].columns), "rows": rows, "more": len(tables[0].rows) > ROW_LIMIT}


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text[:CELL_LIMIT]
