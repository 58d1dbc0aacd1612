"""Clients that also keep every call and its answer as they went over the wire: for recordings, never for a run.

The recorder stands behind every other policy of the pipeline, so that it sees what is really sent. What it holds is
raw: tokens, keys and ids are in it. Whoever writes it down scrubs it first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from azure_clients.answers import text_of
from azure_clients.factory import Clients
from azure_clients.settings import Settings


@dataclass(frozen=True)
class Recorded:
    """One call and its answer. Header names are in lower case; an empty body is an empty text."""

    part: str
    method: str
    url: str
    sent_headers: dict[str, str]
    sent: str
    status: int
    reason: str
    headers: dict[str, str]
    body: str


@dataclass
class Tape:
    """What was recorded, in order. ``part`` names what is going on; None records nothing."""

    part: str | None = None
    calls: list[Recorded] = field(default_factory=list)

    def keep(self, sent: Any, response: Any) -> None:
        if self.part is None:
            return
        self.calls.append(
            Recorded(
                part=self.part,
                method=str(sent.method),
                url=str(sent.url),
                sent_headers=_lowered(sent.headers),
                sent=_body_of(sent),
                status=int(response.status_code),
                reason=str(response.reason or ""),
                headers=_lowered(response.headers),
                body=text_of(response),
            )
        )


class RecordingClients(Clients):
    """The factory's clients with a recorder at the end of each management pipeline."""

    def __init__(self, settings: Settings, tape: Tape) -> None:
        super().__init__(settings)
        self._tape = tape

    def _policies(self) -> list[Any]:
        from azure_clients.policies import Recorder

        return [*super()._policies(), Recorder(self._tape.keep)]


def _lowered(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _body_of(sent: Any) -> str:
    content = getattr(sent, "content", None) or getattr(sent, "data", None)
    if isinstance(content, bytes):
        return content.decode("utf-8", errors="replace")
    return content if isinstance(content, str) else ""
