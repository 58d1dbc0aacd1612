"""The command line's calls to a host whose connection is cut under them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from cli.failing import Problem
from cli.host_client import Host

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"


class CutsTheFirst:
    """Reads each request; the first connection it closes without a word, the others it answers."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self.requests.append(connection.recv(65536).split(b" ", 1)[0].decode())
                if len(self.requests) > 1:
                    connection.sendall(ANSWER)

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def cutting() -> Iterator[CutsTheFirst]:
    server = CutsTheFirst()
    yield server
    server.close()


def test_a_reading_whose_connection_is_cut_is_asked_again(cutting: CutsTheFirst) -> None:
    """Nothing but an answer was lost: a person who watches a run does not lose it over that."""
    host = Host(cutting.url, None)
    assert host.get("failovers") == {}
    assert cutting.requests == ["GET", "GET"]


def test_an_order_whose_connection_is_cut_is_not_sent_twice(cutting: CutsTheFirst) -> None:
    """Whether it was taken is for the person to look at."""
    host = Host(cutting.url, None)
    with pytest.raises(Problem, match="no answer"):
        host.post("failovers/a/abort", {})
    assert cutting.requests == ["POST"]
