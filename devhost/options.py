"""What the caller of the embedded host decides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from clock import Clock


@dataclass(frozen=True)
class HostOptions:
    """``app_dir`` holds function_app.py and host.json; ``database`` is the SQLite file (made when absent).

    ``port`` 0 takes a free one. ``clock`` defaults to the one named in the environment. ``state_file``, when given,
    is written once the host answers: ``{"url", "pid", "keys_file"}``. ``after_commit`` is called with the running
    number of each commit (tests kill the process there). ``start_race_window_seconds`` is the wall time between the
    check and the write of a start on a chosen id: Azure Storage has such a window, so two callers can both get 202.
    ``memoise_timestamps`` False makes a replay cost what it costs in Azure (see ``timestamp_memo``).
    """

    app_dir: Path
    database: Path
    port: int = 0
    clock: Clock | None = None
    state_file: Path | None = None
    after_commit: Callable[[int], None] | None = None
    start_race_window_seconds: float = 0.005
    clock_name: str = "devhost"
    memoise_timestamps: bool = True
