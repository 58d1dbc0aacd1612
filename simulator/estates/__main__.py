"""``python -m simulator.estates [NAME ...]`` writes estates/NAME.json, all of them when none is named, and the page."""

from __future__ import annotations

import json
import sys

from simulator.estates.page import PAGE, ROOT, filled
from simulator.estates.place import Document
from simulator.estates.table import ESTATES


def written(documents: list[Document]) -> str:
    """An estate as its file holds it."""
    return json.dumps(documents, indent=2) + "\n"


def main(names: list[str]) -> None:
    for name in names or ESTATES:
        (ROOT / "estates" / f"{name}.json").write_text(written(ESTATES[name]()), encoding="utf-8")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
