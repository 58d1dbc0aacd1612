"""What existed when a recording starts, and what other services made on the way, inferred from the recording itself.

A resource that is read before it is written was there, as that reading shows it; one that is updated (PUT answered
200) or only referred to was there too. What first shows after something out of scope was written (a deployment, a
disk) came with that. A resource that the recording writes itself is never taken from a later reading of it.
"""

from __future__ import annotations

import copy
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.conformance import machines
from simulator.conformance.cassettes import Interaction
from simulator.conformance.deployments import requests_of
from simulator.conformance.moments import poll_paths
from simulator.conformance.references import Story, referred_to
from simulator.conformance.scope import Scope, is_poll
from simulator.core import ids

Document = dict[str, Any]
OWN_WORK = "microsoft.recoveryservices/"
"""What nobody but the recording's own calls makes or changes."""
END = 10**9
GROUP = "Microsoft.Resources/resourceGroups"


@dataclass(frozen=True)
class Beginning:
    """``at_start`` are documents; ``on_the_way`` by the index of the call before which they appeared."""

    at_start: list[Document] = field(default_factory=list)
    on_the_way: dict[int, list[Document]] = field(default_factory=lambda: defaultdict(list))


def infer(calls: Sequence[Interaction], scope: Scope) -> Beginning:
    """Read a recording for what its requests take for granted."""
    stories = _stories(calls, scope)
    foreign = [call.index for call in calls if call.writes and call.ok and scope.out(call) is not None]
    found = Beginning()
    for story in stories.values():
        _tell(story, foreign, found)
    for document in [*found.at_start, *(one for some in found.on_the_way.values() for one in some)]:
        _leave_out_what_is_made_later(document, stories)
    known = {ids.key(document["id"]) for document in found.at_start}
    known |= {ids.key(document["id"]) for documents in found.on_the_way.values() for document in documents}
    for at, document in referred_to(calls, known, stories, scope):
        found.on_the_way[at].append(document)
    for at, document in machines.protected(calls, known):
        found.on_the_way[at].append(document)
    found.at_start.extend(_groups(calls, stories))
    found.at_start.sort(key=lambda document: document["id"].count("/"))
    return found


def _stories(calls: Sequence[Interaction], scope: Scope) -> dict[str, Story]:
    stories: dict[str, Story] = defaultdict(Story)
    polls = {path for call in calls for path in poll_paths(call)}
    for call in calls:
        if call.key in polls or is_poll(call):
            continue
        if call.method == "GET" and call.ok:
            for document, whole in _shown(call):
                stories[ids.key(document["id"])].readings.append((call.index, document, whole))
        elif call.method in ("GET", "HEAD") and call.status == 404:
            stories[call.key].absences.append(call.index)
        elif call.method in ("PUT", "PATCH", "DELETE") and call.ok and scope.out(call) is None:
            _written(stories, call)
    _find_absences(calls, stories)
    return stories


def _find_absences(calls: Sequence[Interaction], stories: dict[str, Story]) -> None:
    """What lists leave out, and what is below something that is made only now, was not there."""
    for call in calls:
        listed = call.body.get("value") if isinstance(call.body, dict) else None
        if call.method == "GET" and call.ok and isinstance(listed, list):
            _not_listed(stories, call)
        if call.method == "PUT" and call.status in (201, 202):
            _made_now(stories, call)
        for request in requests_of(call, ""):
            stories[ids.key(request.path)].absences.append(call.index - 0.5)
    for story in stories.values():
        story.absences.sort()


def _made_now(stories: Mapping[str, Story], call: Interaction) -> None:
    """What is below a resource that is made only now was not there; a 202 says so only of what was never seen."""
    own = stories[call.key]
    if call.status == 202 and any(at < call.index for at, _, _ in own.readings):
        return
    for key, story in stories.items():
        if key.startswith(call.key + "/"):
            story.absences.append(call.index)


def _not_listed(stories: Mapping[str, Story], call: Interaction) -> None:
    """Whatever a whole list does not name was not there."""
    if call.body.get("nextLink") or "/providers/" not in call.key:
        return
    scope, collection = call.key.rsplit("/providers/", 1)
    named = {ids.key(str(one.get("id", ""))) for one in call.body["value"] if isinstance(one, dict)}
    for key, story in stories.items():
        inside = key.startswith(scope + "/") and key.rsplit("/providers/", 1)[-1].rsplit("/", 1)[0] == collection
        if inside and key not in named:
            story.absences.append(call.index)


def _written(stories: dict[str, Story], call: Interaction) -> None:
    """A PUT writes what it embeds, too; an update that is a resource's first mention shows what was there."""
    story = stories[call.key]
    is_document = isinstance(call.body, dict) and "id" in call.body and "properties" in call.body
    if not story.writes and not story.readings and is_document and call.status == 200 and call.method != "DELETE":
        story.update = call.body
    story.made = story.made or (call.method == "PUT" and call.status == 201)
    story.writes.append(call.index)
    for child in _children(call.body) if is_document else ():
        stories[ids.key(child["id"])].writes.append(call.index)


def _shown(call: Interaction) -> Iterator[tuple[Document, bool]]:
    """The documents of an answer: the one asked for (whole), or those of a list (which may be thin)."""
    body = call.body
    if not isinstance(body, dict):
        return
    listed = body.get("value")
    for shown in listed if isinstance(listed, list) else [body]:
        document = dict(shown) if isinstance(shown, dict) else shown
        if isinstance(document, dict) and _is_resource(document) and (listed is None or _below(call, document)):
            if listed is None and ids.key(document["id"]) != call.key:
                continue
            yield document, listed is None
            for child in _children(document):
                yield child, False


def _below(call: Interaction, document: Document) -> bool:
    kind = str(document["type"]).lower()
    return call.key.rsplit("/", 1)[-1] == kind.rsplit("/", 1)[-1]


def _is_resource(document: Document) -> bool:
    """Whether it is one with an id. Old api-versions show no type of a resource group: it is filled in."""
    try:
        parsed = ids.parse(str(document.get("id", "")))
    except ValueError:
        return False
    if not parsed.provider and parsed.resource_group:
        document.setdefault("type", GROUP)
    return isinstance(document.get("type"), str)


def _children(document: Document) -> Iterator[Document]:
    """What a body shows inside itself: everything with an id below its own."""
    mine = ids.key(str(document.get("id", "")))
    properties = document.get("properties")
    for inner in properties.values() if isinstance(properties, dict) else ():
        for child in inner if isinstance(inner, list) else ():
            below = ids.key(str(child.get("id", ""))) if isinstance(child, dict) else ""
            if below.startswith(mine + "/") and isinstance(child.get("properties"), dict):
                yield child


def _tell(story: Story, foreign: list[int], found: Beginning) -> None:
    """Put a resource where it belongs: at the start, on the way, or nowhere (the recording makes it itself)."""
    first_write = story.writes[0] if story.writes else None
    before = [row for row in story.readings if first_write is None or row[0] < first_write]
    if not before:
        if story.update is not None:
            found.at_start.append(_settled(story.update))
        return
    shown: Document | None = None
    since: float = -1
    for at, document, whole in _fullest(before):
        if shown is not None and (not whole or _alike(shown, document)):
            since = at
            continue
        absent = max((index for index in story.absences if index < at), default=-1)
        since = max(since, absent)
        cause = next((index for index in reversed(foreign) if since < index < at), None)
        later = next((index for index in foreign if index > at), END)
        best = _richest(before, at, later) if whole else document
        if shown is None and since < 0:
            found.at_start.append(copy.deepcopy(best))
        elif cause is not None and not ids.parse(document["id"]).type.lower().startswith(OWN_WORK):
            found.on_the_way[cause].append(copy.deepcopy(best))
        shown, since = document, at


def _fullest(readings: list[tuple[int, Document, bool]]) -> list[tuple[int, Document, bool]]:
    """Readings in order, the thin ones of a resource that is once read whole standing for that whole."""
    whole = next((document for _, document, is_whole in readings if is_whole), None)
    if whole is None or readings[0][2]:
        return readings
    return [(readings[0][0], whole, True), *(row for row in readings if row[2])]


def _richest(readings: list[tuple[int, Document, bool]], first: int, until: int) -> Document:
    """Of readings between which nothing happened, the one that shows most: a newer api-version knows more."""
    same = [row for row in readings if row[2] and first <= row[0] < until]
    if not same:
        return next(document for at, document, _ in readings if at == first)
    etags = {json.dumps(document.get("etag")) for _, document, _ in same}
    if len(etags) != 1 or "null" in etags:
        return same[0][1]
    return max((document for _, document, _ in same), key=lambda document: len(json.dumps(document)))


def _alike(left: Document, right: Document) -> bool:
    def text(document: Document) -> str:
        kept = {name: value for name, value in document.items() if name != "etag"}
        return json.dumps(kept, sort_keys=True)

    return text(left) == text(right)


def _leave_out_what_is_made_later(document: Document, stories: Mapping[str, Story]) -> None:
    """A parent read late shows children that the recording has made by then."""
    properties = document.get("properties")
    if not isinstance(properties, dict):
        return
    for name, inner in properties.items():
        if isinstance(inner, list):
            properties[name] = [one for one in inner if not _is_made(one, stories)]


def _is_made(child: Any, stories: Mapping[str, Story]) -> bool:
    key = (
        ids.key(str(child.get("id", "")))
        if isinstance(child, dict) and isinstance(child.get("properties"), dict)
        else ""
    )
    return bool(key) and key in stories and stories[key].made


def _settled(document: Document) -> Document:
    """A document as it was before the update that shows it: at rest."""
    settled = copy.deepcopy(document)
    if settled["properties"].get("provisioningState"):
        settled["properties"]["provisioningState"] = "Succeeded"
    return settled


def _groups(calls: Sequence[Interaction], stories: Mapping[str, Story]) -> Iterator[Document]:
    """Resource groups in which something is written or read, unless the recording makes them itself."""
    told: set[str] = set()
    for call in calls:
        parts = call.path.strip("/").split("/")
        if len(parts) < 6 or parts[2].lower() != "resourcegroups" or call.status >= 400:
            continue
        group = "/" + "/".join(parts[:4])
        key = ids.key(group)
        if key in told or (key in stories and (stories[key].readings or stories[key].writes)):
            continue
        told.add(key)
        sent = call.sent if isinstance(call.sent, dict) else {}
        location = sent.get("location") or "eastus"
        properties = {"provisioningState": "Succeeded"}
        yield {"id": group, "name": parts[3], "type": GROUP, "location": location, "properties": properties}
