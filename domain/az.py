"""One az command line, quoted for a POSIX shell."""

from __future__ import annotations

import shlex
from typing import Any


def az(command: str, **options: Any) -> str:
    """One az command line. An option of one letter takes one dash; None is left out; True is a bare flag."""
    parts = ["az", command]
    for name, value in options.items():
        if value is None:
            continue
        parts.append(f"-{name}" if len(name) == 1 else f"--{name.replace('_', '-')}")
        parts += [] if value is True else [shlex.quote(str(value))]
    return " ".join(parts)
