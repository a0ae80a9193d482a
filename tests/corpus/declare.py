"""A small registry of partners, in which those who send the files of the corpus declare how they write them."""

from __future__ import annotations

from pathlib import Path

from contracts.model import FileFormat
from hub.model import FOREM, REGISTERS
from hub.partners_rules import DELIMITERS, QUOTES
from hub.settings import PROJECT

CPAS = "062063"
_NIS = {"62063", "82003", "82005", "82039", "63023", "52011"}  # the files name no other that exists
_COMMUNES = _NIS | {f"0{nis}" for nis in _NIS}


def declare(folder: Path, form: FileFormat) -> None:
    """Writes the registry: the communes in the files, and one form for each of those who send."""
    for file in (PROJECT / "partners").iterdir():
        if file.is_file():
            head, *rows = file.read_text(encoding="utf-8").replace("utf-8", form.encoding).splitlines(keepends=True)
            kept = [row for row in rows if file.suffix != ".csv" or set(row.split(";")) & _COMMUNES]
            (folder / file.name).write_text("".join([head, *kept]), encoding="utf-8")
    names = {sign: name for name, sign in (DELIMITERS | QUOTES).items()}
    cells = ["", form.kind, names[form.delimiter], names[form.quote], form.dates]
    with (folder / "formats.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{';'.join([sender, *cells])}\n" for sender in (CPAS, FOREM, REGISTERS))
