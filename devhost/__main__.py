"""``python -m devhost``."""

from __future__ import annotations

from devhost.main import main

raise SystemExit(main())
