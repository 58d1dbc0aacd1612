"""Documents in a folder, for the embedded host: whole files, renamed or linked into place."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

from azure_clients.documents import checked, checked_prefix
from azure_clients.errors import Changed, Unanswered

_LOCKS = ".locks"


class FolderDocuments:
    """See ``azure_clients.documents.Documents``. Several processes may share one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def read(self, name: str) -> tuple[bytes, str] | None:
        path = self._path(name)
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise _failed("reading", name, error) from None
        return content, _etag(content)

    def create(self, name: str, content: bytes, *, content_type: str = "application/json") -> bool:  # noqa: ARG002
        path = self._path(name)
        try:
            temporary = _written(path, content)
            try:
                os.link(temporary, path)
            except FileExistsError:
                return False
            finally:
                temporary.unlink(missing_ok=True)
            _sync(path.parent)
        except OSError as error:
            raise _failed("creating", name, error) from None
        return True

    def write(
        self,
        name: str,
        content: bytes,
        *,
        etag: str | None = None,
        content_type: str = "application/json",  # noqa: ARG002
    ) -> str:
        path = self._path(name)
        try:
            with self._lock(name) if etag is not None else contextlib.nullcontext():
                if etag is not None:
                    found = self.read(name)
                    if found is None or found[1] != etag:
                        raise Changed(f"document {name} has changed since it was read", code="ConditionNotMet")
                temporary = _written(path, content)
                temporary.replace(path)
                _sync(path.parent)
        except OSError as error:
            raise _failed("writing", name, error) from None
        return _etag(content)

    def list(self, prefix: str) -> list[str]:
        checked_prefix(prefix)
        folder = self._folder / prefix.rpartition("/")[0]
        names = []
        for root, _, files in os.walk(folder):
            inside = Path(root).relative_to(self._folder).as_posix()
            names += [f"{inside}/{file}".removeprefix("./") for file in files if not file.endswith(".tmp")]
        return sorted(name for name in names if name.startswith(prefix) and not name.startswith(_LOCKS))

    def delete(self, name: str) -> None:
        path = self._path(name)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _failed("deleting", name, error) from None

    def location(self, name: str) -> str:
        return str(self._folder / name)

    def _path(self, name: str) -> Path:
        return self._folder / checked(name)

    @contextlib.contextmanager
    def _lock(self, name: str) -> Iterator[None]:
        folder = self._folder / _LOCKS
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / hashlib.sha256(name.encode()).hexdigest()[:16]).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@functools.cache
def folder_documents(folder: str) -> FolderDocuments:
    """The store in ``folder``, made on its first write."""
    return FolderDocuments(Path(folder))


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _etag(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _failed(doing: str, name: str, error: OSError) -> Unanswered:
    said = errno.errorcode.get(error.errno or 0, "failed")
    return Unanswered(f"{doing} document {name}: {said}", code="DocumentStore")
