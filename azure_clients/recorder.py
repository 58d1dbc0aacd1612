"""Clients that also keep every call and its answer as they went over the wire: for recordings, never for a run.

The recorder stands behind every other policy of the pipeline, so that it sees what is really sent. What it holds is
raw: tokens, keys and ids are in it. Whoever writes it down scrubs it first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import HTTPPolicy

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


class Recorder(HTTPPolicy[Any, Any]):
    """Writes each answered call to the tape. A call without an answer leaves nothing: there is nothing to replay."""

    def __init__(self, tape: Tape) -> None:
        super().__init__()
        self._tape = tape

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        answered = self.next.send(request)
        if self._tape.part is not None:
            sent, response = request.http_request, answered.http_response
            self._tape.calls.append(
                Recorded(
                    part=self._tape.part,
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
        return answered


class RecordingClients(Clients):
    """The factory's clients with a recorder at the end of each management pipeline."""

    def __init__(self, settings: Settings, tape: Tape) -> None:
        super().__init__(settings)
        self._tape = tape

    def _policies(self) -> list[Any]:
        return [*super()._policies(), Recorder(self._tape)]


def _lowered(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _body_of(sent: Any) -> str:
    content = getattr(sent, "content", None) or getattr(sent, "data", None)
    if isinstance(content, bytes):
        return content.decode("utf-8", errors="replace")
    return content if isinstance(content, str) else ""
