"""A fleet's steps by hand: the az command or the sentence for each kind."""

from __future__ import annotations

import json
from collections.abc import Callable

from domain import arm_ids
from domain.az import az
from domain.runbook import Step

Lines = list[str]

API_VERSION = "2024-05-01"
"""A published version of Microsoft.Network."""


def _url(step: Step) -> str:
    return f"https://management.azure.com{step.target}?api-version={API_VERSION}"


def _ranges(step: Step) -> Lines:
    settings = step.settings
    lines = []
    if settings.get("location"):
        seen = f"  # {settings['change_number']}, or the same ranges"
        query = {"location": settings["location"], "query": "changeNumber", "o": "tsv"}
        lines.append(az("network list-service-tags", **query) + seen)
    if settings.get("table"):
        room = settings["at_most"] - settings["adds"]
        command = az("network route-table show", ids=settings["table"], query="length(routes)")
        lines.append(f"{command}  # at most {room}")
    return lines or ["Nothing to check: the ranges are those of a file."]


def _extend(step: Step) -> Lines:
    settings, name = step.settings, arm_ids.name_of(step.target)
    rows = json.dumps(settings.get("rows", []), sort_keys=True, separators=(",", ":"))
    return [
        az("rest", method="get", url=_url(step)),
        f"Send {name} back (method put, If-Match with its etag) with these added to properties.{settings['list']}:",
        rows,
    ]


def _shrink(step: Step) -> Lines:
    names = ", ".join(str(one["name"]) for one in step.settings.get("rows", []))
    return [f"Send {arm_ids.name_of(step.target)} back without {names or 'what the run added'}."]


def _files(step: Step) -> Lines:
    settings = step.settings
    return [
        f"Keep the list of service tags as {settings['before']}; write {settings['document']} like it, with the ranges",
        f"of the new region added to each service's tag of {settings['region']} and to its AzureCloud tag.",
    ]


BY_HAND: dict[str, Callable[[Step], Lines]] = {
    "check-ranges": _ranges,
    "extend-resource": _extend,
    "shrink-resource": _shrink,
    "write-route-file": _files,
}
