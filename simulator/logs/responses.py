"""POST /v1/workspaces/{id}/query (documented: Log Analytics query API)."""

from __future__ import annotations

from simulator.core.web import Request, Response
from simulator.core.world import World
from simulator.logs import models


def query(world: World, request: Request) -> Response:
    workspace = request.params["workspace"]
    if models.workspace(world, workspace) is None:
        return _error(404, "WorkspaceNotFoundError", f"The workspace {workspace} could not be found.")
    try:
        text = (request.json or {}).get("query")
    except ValueError:
        text = None
    if not isinstance(text, str):
        return _error(400, "BadArgumentError", "The request had some invalid properties: query is missing.")
    found = models.answer(world, text)
    if found is None:
        return _error(400, "BadArgumentError", "This workspace knows only the queries that Bridgehead ships.")
    columns = [{"name": name, "type": kind} for name, kind in found.columns]
    return Response(200, {"tables": [{"name": "PrimaryResult", "columns": columns, "rows": found.rows}]})


def _error(status: int, code: str, message: str) -> Response:
    return Response(status, {"error": {"code": code, "message": message, "correlationId": ""}})
