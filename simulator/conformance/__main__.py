"""Prints the generated part of docs/simulator.md for a folder of recordings."""

from __future__ import annotations

import sys
from pathlib import Path

from simulator.conformance import read_folder, replay, summarise
from simulator.conformance.page import markdown

if __name__ == "__main__":
    cassettes = read_folder(Path(sys.argv[1]))
    sys.stdout.write(markdown(summarise(verdict for one in cassettes for verdict in replay(one))) + "\n")
