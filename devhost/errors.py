"""The error tree of the embedded host.

::

    HostError
     ├─ AppLoadError        the app does not index or load; no function of it is served
     ├─ UnknownFunction     an orchestrator, activity or entity of that name is not in the app
     ├─ UnsupportedFeature  Azure has it, this host refuses it by name
     ├─ PayloadTooLarge     an input, output, event, result or operation over the limit
     ├─ InvalidActionError  an action that the Durable extension would swallow and hang on
     └─ NonDeterminism      the orchestrator's actions do not fit its own history
"""

from __future__ import annotations

from collections.abc import Iterable

PAYLOAD_LIMIT_BYTES = 32 * 1024
CUSTOM_STATUS_LIMIT_BYTES = 16 * 1024


class HostError(Exception):
    """Base of everything this host refuses on purpose."""


class AppLoadError(HostError):
    """The app folder cannot be served; the message names the function and the reason."""


class UnsupportedFeature(HostError):
    """A feature of Azure Functions or Durable Functions that this host does not serve."""


class InvalidActionError(HostError):
    """An action the Durable extension would reject inside a swallowed exception, leaving the instance hanging."""


class NonDeterminism(HostError):
    """The replayed actions disagree with the recorded history."""


class UnknownFunction(HostError):
    """Names the missing function and the known ones of its kind, in the extension's words."""

    def __init__(self, name: str, kind: str, known: Iterable[str]) -> None:
        article = "an" if kind[0] in "aeiou" else "a"
        listed = ", ".join(f"'{other}'" for other in sorted(known)) or "none"
        super().__init__(
            f"The function '{name}' doesn't exist, is disabled, or is not {article} {kind} function. Additional info: "
            f"The following are the known {kind} functions: {listed}."
        )


class PayloadTooLarge(HostError):
    """Says what was too large, where, by how much."""

    def __init__(self, where: str, size: int, limit: int = PAYLOAD_LIMIT_BYTES) -> None:
        super().__init__(
            f"{where} is {size} bytes of JSON, over the limit of {limit}. Store it and pass a reference instead."
        )


def check_payload(text: str | None, where: str) -> None:
    """Refuse ``text`` over 32 KiB (32,768 bytes).

    The size is the UTF-8 length of the JSON text that the receiving function would parse: an activity's ``input``
    string as the SDK sends it, a result or event as it stands in the history, a start input without the extra string
    layer that the Python client puts round it.
    """
    if text is not None and len(text) * 4 > PAYLOAD_LIMIT_BYTES:
        size = len(text.encode())
        if size > PAYLOAD_LIMIT_BYTES:
            raise PayloadTooLarge(where, size)
