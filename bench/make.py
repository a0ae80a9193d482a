"""Makes one data file, in a process of its own: `python -m bench.make PATH ROWS wide|narrow|late`."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.people import write

if __name__ == "__main__":
    path, rows, kind = sys.argv[1:]
    write(Path(path), int(rows), narrow=kind == "narrow", every_row_late=kind == "late")
