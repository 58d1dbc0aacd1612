"""The Service Tags API: which addresses a service has, by region (sources: Service tags).

The list is one answer, perhaps of several pages. ``location`` is whose version of the list is read; it filters nothing.
"""

from __future__ import annotations

from typing import Any

from azure_clients.answers import call, request
from azure_clients.errors import NotUnderstood
from azure_clients.factory import Clients

Document = dict[str, Any]

MOST_PAGES = 50


def read_list(clients: Clients, subscription: str, location: str) -> Document:
    """The whole list as one document: ``changeNumber``, ``cloud`` and ``values``. Raises CallFailed."""
    client, doing = clients.network(subscription), f"reading the service tags of {location}"
    whole = dict(call(doing, client.service_tags.list, location).document)
    values = whole.get("values")
    if not isinstance(values, list):
        raise NotUnderstood(f"{doing}: an answer without values", code="ServiceTagsNotUnderstood")
    link, pages = whole.pop("nextLink", None), 1
    whole["values"] = list(values)
    while link:
        pages += 1
        if pages > MOST_PAGES:
            raise NotUnderstood(f"{doing}: more than {MOST_PAGES} pages", code="ServiceTagsNotUnderstood")
        page = request(doing, client, "GET", str(link)).document
        whole["values"] += page.get("values") or []
        link = page.get("nextLink")
    return whole
