"""`passerelle statistics`: the figures of the joint yearly report, as files that may be given to anybody."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.flow.hub import Hub


def add_statistics(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `statistics`."""
    parser.add_argument("--year", type=int, required=True, metavar="YEAR", help="the year of the figures, such as 2026")
    parser.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where to write its CSV and HTML")
    parser.add_argument("--at", metavar="INSTANT", help="the hub's clock, such as 2027-01-15T09:00+01:00")


def answer_statistics(hub: "Hub", arguments: argparse.Namespace) -> tuple[Any, list[str]]:
    """Write the files; the answer for a machine, and for a reader: which ones, and what is hidden in them."""
    from hub.flow.statistics import statistics_files, yearly_report

    made = yearly_report(hub, arguments.year)
    files = statistics_files(made)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (arguments.out / name).write_bytes(content)
    paths = [str(arguments.out / name) for name in files]
    tables = [table for part in made.parts for table in part.tables]
    told = {
        "files": paths,
        "smallest_count": made.k,
        "tables": sum(table.protected is not None for table in tables),
        "withheld": sum(table.protected is None for table in tables) + sum(not part.tables for part in made.parts),
        "hidden": made.hidden,
        "provisional": made.provisional,
    }
    lines = [
        *paths,
        f"{told['tables']} table(s), {told['withheld']} not published, {told['hidden']} count(s) hidden, audit passed",
    ]
    return told, lines + (["provisional: the year was not over; not to be given away"] if made.provisional else [])
