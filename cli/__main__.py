"""``python -m cli`` is ``bridgehead``: how the command starts copies of itself."""

from __future__ import annotations

from cli.main import app

if __name__ == "__main__":
    app(prog_name="bridgehead")
