"""Documents keep the same promises in a folder and in a blob container."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_clients.blob_documents import BlobDocuments
from azure_clients.documents import BadName, Documents, checked, documents
from azure_clients.errors import CallFailed, Changed
from azure_clients.factory import Clients
from azure_clients.folder_documents import FolderDocuments


class Blobs:
    """As much of Blob Storage as a container of documents needs, on the wire: conditions, etags, a listing."""

    def __init__(self, wire: Any, said: Any) -> None:
        self._said, self._lock = said, threading.Lock()
        self.blobs: dict[str, bytes] = {}
        for method in ("GET", "PUT", "DELETE", "HEAD"):
            wire.answer(method, "^/documents", self._answer)

    def _answer(self, asked: Any) -> Any:
        with self._lock:
            parts = urlsplit(asked.path)
            if parse_qs(parts.query).get("comp") == ["list"]:
                return self._list(parse_qs(parts.query).get("prefix", [""])[0])
            name = unquote(parts.path).removeprefix("/documents/")
            found = self.blobs.get(name)
            if asked.method == "PUT":
                return self._put(name, found, asked)
            if found is None:
                return self._refused(404, "BlobNotFound")
            if asked.method == "DELETE":
                del self.blobs[name]
                return self._said(202)
            headers = {"ETag": self._etag(found), "x-ms-blob-type": "BlockBlob", "Content-Type": "application/json"}
            headers["Last-Modified"] = "Sat, 14 Mar 2026 02:00:00 GMT"
            headers["Content-Range"] = f"bytes 0-{len(found) - 1}/{len(found)}"
            return self._said(206 if "x-ms-range" in asked.headers else 200, found, headers)

    def _put(self, name: str, found: bytes | None, asked: Any) -> Any:
        if asked.headers.get("if-none-match") == "*" and found is not None:
            return self._refused(409, "BlobAlreadyExists")
        wanted = asked.headers.get("if-match")
        if wanted is not None and (found is None or wanted != self._etag(found)):
            return self._refused(412, "ConditionNotMet")
        self.blobs[name] = asked.body
        headers = {"ETag": self._etag(asked.body), "Last-Modified": "Sat, 14 Mar 2026 02:00:00 GMT"}
        return self._said(201, None, headers)

    def _refused(self, status: int, code: str) -> Any:
        text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>m</Message></Error>'
        return self._said(status, text, {"Content-Type": "application/xml", "x-ms-error-code": code})

    def _list(self, prefix: str) -> Any:
        names = "".join(
            f"<Blob><Name>{name}</Name><Properties><Etag>{self._etag(content)}</Etag></Properties></Blob>"
            for name, content in sorted(self.blobs.items())
            if name.startswith(prefix)
        )
        inside = f"<Blobs>{names}</Blobs><NextMarker />"
        text = f'<?xml version="1.0" encoding="utf-8"?><EnumerationResults>{inside}</EnumerationResults>'
        return self._said(200, text, {"Content-Type": "application/xml"})

    @staticmethod
    def _etag(content: bytes) -> str:
        return f'"{hashlib.sha256(content).hexdigest()[:16]}"'


Stores = Callable[[], Documents]


@pytest.fixture(params=["folder", "blob"])
def store(request: Any, tmp_path: Path, clients: Any, wire: Any, said: Any) -> Documents:
    """Each test runs on both."""
    if request.param == "folder":
        return FolderDocuments(tmp_path / "documents")
    Blobs(wire, said)
    settings = replace(clients.settings, documents=f"{wire.endpoint}/documents")
    found = documents(Clients(settings))
    assert isinstance(found, BlobDocuments)
    return found


def test_what_was_written_is_read(store: Documents) -> None:
    """Content and etag come back; nothing is None."""
    assert store.read("runs/r/report.json") is None
    etag = store.write("runs/r/report.json", b'{"a": 1}')
    assert store.read("runs/r/report.json") == (b'{"a": 1}', etag)


def test_create_succeeds_once(store: Documents) -> None:
    """The second leaves what is there untouched."""
    assert store.create("intents/r/s-1.json", b"first") is True
    assert store.create("intents/r/s-1.json", b"second") is False
    found = store.read("intents/r/s-1.json")
    assert found is not None
    assert found[0] == b"first"


def test_of_many_creators_exactly_one_succeeds(store: Documents) -> None:
    """Twenty threads at once."""
    gate, results = threading.Barrier(20), list[bool]()

    def create(number: int) -> None:
        gate.wait()
        results.append(store.create("intents/r/s-1.json", str(number).encode()))

    threads = [threading.Thread(target=create, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 19 + [True]


def test_a_write_on_an_old_etag_is_refused(store: Documents) -> None:
    """Of two who read the same, the second is told to look again."""
    first = store.write("plans/p/pointer.json", b"one")
    store.write("plans/p/pointer.json", b"two", etag=first)
    with pytest.raises(Changed):
        store.write("plans/p/pointer.json", b"three", etag=first)
    with pytest.raises(Changed):
        store.write("plans/p/none.json", b"x", etag=first)
    found = store.read("plans/p/pointer.json")
    assert found is not None
    assert found[0] == b"two"


def test_names_are_listed_by_prefix(store: Documents) -> None:
    """A prefix may end within a name."""
    for name in ("runs/a/steps/1.json", "runs/a/steps/2.json", "runs/ab/steps/1.json", "plans/p/pointer.json"):
        store.write(name, b"{}")
    assert store.list("runs/a/") == ["runs/a/steps/1.json", "runs/a/steps/2.json"]
    assert store.list("runs/a") == ["runs/a/steps/1.json", "runs/a/steps/2.json", "runs/ab/steps/1.json"]
    assert store.list("nothing/") == []


def test_what_was_deleted_is_gone(store: Documents) -> None:
    """Deleting it again is harmless."""
    store.write("runs/r/request.json", b"{}")
    store.delete("runs/r/request.json")
    store.delete("runs/r/request.json")
    assert store.read("runs/r/request.json") is None


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/../../x",
        "/etc/passwd",
        "a//b",
        "",
        ".",
        "..",
        "a/./b",
        "a\\..\\b",
        "a\x00b",
        "a/b/c/d/e/f/g/h/i",
        "ü",
        "a?b",
    ],
)
def test_a_name_that_leads_outside_is_refused(store: Documents, name: str) -> None:
    """Before anything is touched."""
    for call in (store.read, store.delete):
        with pytest.raises(BadName):
            call(name)
    with pytest.raises(BadName):
        store.create(name, b"")
    with pytest.raises(BadName):
        store.write(name, b"")


@given(name=st.text(max_size=40))
def test_no_name_leads_outside(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever is accepted lies in the folder."""
    folder = Path("/var/documents")
    try:
        path = folder / checked(name)
    except BadName:
        return
    assert folder in Path(*[part for part in path.parts if part != "."]).parents
    assert ".." not in path.parts


def test_a_torn_write_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies before the rename leaves the old content, and its leftovers are not listed."""
    store = FolderDocuments(tmp_path)
    store.write("runs/r/report.json", b"old")

    def die(self: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        store.write("runs/r/report.json", b"new")
    monkeypatch.undo()
    found = store.read("runs/r/report.json")
    assert found is not None
    assert found[0] == b"old"
    assert store.list("runs/") == ["runs/r/report.json"]


def test_a_store_that_fails_is_a_failed_call(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(CallFailed):
        FolderDocuments(tmp_path / "file").write("runs/r/report.json", b"{}")


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_blob_call_is_one_request(clients: Any, wire: Any, said: Any, status: int) -> None:
    """Storage's SDK retries by itself unless told not to."""
    for method in ("GET", "PUT", "DELETE"):
        wire.answer(method, ".", said(status, None, {"Retry-After": "0"}))
    store = documents(Clients(replace(clients.settings, documents=f"{wire.endpoint}/documents")))
    for number, call in enumerate(
        (lambda: store.read("a/b"), lambda: store.create("a/b", b"x"), lambda: store.list("a/")), 1
    ):
        with pytest.raises(CallFailed):
            call()
        assert len(wire.asked) == number
