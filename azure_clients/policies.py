"""The pipeline policy that stands where azure-core's retrying one would: it sends once."""

from __future__ import annotations

from typing import Any

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import HTTPPolicy

TAKEN_BY_RETRYING = ("retry_total", "retry_connect", "retry_read", "retry_status", "retry_mode")
"""Options that callers leave for the retrying policy; the transport knows none of them."""


class NoRetry(HTTPPolicy[Any, Any]):
    """One call is one request (ARM-FIDELITY trap 14: azure-core sends POSTs again after a 503)."""

    def send(self, request: PipelineRequest[Any]) -> PipelineResponse[Any, Any]:
        for option in TAKEN_BY_RETRYING:
            request.context.options.pop(option, None)
        return self.next.send(request)
