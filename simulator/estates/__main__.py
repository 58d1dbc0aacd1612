"""``python -m simulator.estates [NAME ...]`` writes estates/NAME.json, all of them when none is named."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from simulator.estates.place import Document
from simulator.estates.table import ESTATES

FOLDER = Path(__file__).parents[2] / "estates"


def written(documents: list[Document]) -> str:
    """An estate as its file holds it."""
    return json.dumps(documents, indent=2) + "\n"


def main(names: list[str]) -> None:
    for name in names or ESTATES:
        (FOLDER / f"{name}.json").write_text(written(ESTATES[name]()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
