"""Our pipeline policies: one sends once where azure-core would retry, one shows what went over the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import HTTPPolicy

TAKEN_BY_RETRYING = ("retry_total", "retry_connect", "retry_read", "retry_status", "retry_mode")
"""Options that callers leave for the retrying policy; the transport knows none of them."""


class NoRetry(HTTPPolicy[Any, Any]):
    """One call is one request (sources: Traps 14: azure-core sends POSTs again after a 503)."""

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        for option in TAKEN_BY_RETRYING:
            request.context.options.pop(option, None)
        return self.next.send(request)


class Recorder(HTTPPolicy[Any, Any]):
    """Shows each answered call to ``keep``. A call without an answer shows nothing: there is nothing to replay."""

    def __init__(self, keep: Callable[[Any, Any], None]) -> None:
        super().__init__()
        self._keep = keep

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        answered = self.next.send(request)
        self._keep(request.http_request, answered.http_response)
        return answered
