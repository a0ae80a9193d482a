"""`passerelle check` on files that name a person wherever they can: nothing it prints shows who it is."""

import csv
import io
import json
import logging
from collections.abc import Mapping
from pathlib import Path

import pytest

from contracts.words import LANGUAGES
from hub.cli import main
from tests.corpus.recipe import GOOD, sheet_of, table
from tests.privacy.plants import BORN, DOSSIER, DOTTED, EMAIL, FIRST, LAST, NISS, PHONE, PLANTED, ROW
from tests.privacy.scanner import Scanner

PERSON = {
    "niss": NISS, "last_name": LAST, "first_name": FIRST, "birth_date": BORN, "phone": PHONE, "email": EMAIL,
    "cpas_dossier_ref": DOSSIER,
}  # fmt: skip
WHOLE = [NISS, DOTTED, NISS[1:], f"{NISS}.0", LAST, f"{FIRST} {LAST}", BORN, PHONE, EMAIL, DOSSIER]
SCANNER = Scanner(PLANTED)


def in_every_column(feed: str, text: str) -> bytes:
    """Writes a row for each column, with the text there and a person in the others that take one."""
    person = {name: cell for name, cell in PERSON.items() if name in GOOD[feed]}
    rows: list[Mapping[str, str]] = [person, *({**person, name: text} for name in GOOD[feed])]
    return table(feed, *rows, quote='"').encode()


def damaged() -> dict[str, tuple[str, bytes]]:
    """Gives files that are refused or told of, each with a person where the trouble is."""
    good = table("ORIE", PERSON)
    header, row = good.splitlines()
    return {
        "a header of values": ("orie.csv", f"{row}\n{row}\n".encode()),
        "a column named after a person": ("orie.csv", good.replace("niss", NISS, 1).replace("phone", LAST).encode()),
        "another delimiter": ("orie.csv", good.replace(";", ",").encode()),
        "an open quote": ("orie.csv", f'{header}\n"{row}\n'.encode()),
        "text after a quote": ("orie.csv", f'{header}\n"{NISS}"{LAST};{row}\n'.encode()),
        "rows of another width": ("orie.csv", f"{header}\n{ROW}{row};{NISS};{LAST}\n".encode()),
        "another encoding": ("orie.csv", good.encode("cp1252")),
        "UTF-16": ("orie.csv", good.encode("utf-16")),
        "a NUL beside a name": ("orie.csv", good.replace(LAST, f"{LAST}\0").encode()),
        "a long cell": ("orie.csv", good.replace(LAST, LAST * 900).encode()),
        "two sheets": (
            "orie.xlsx",
            sheet_of("ORIE", PERSON, change=lambda book, _sheet: book.create_sheet(LAST).append([NISS])),
        ),
        "a sheet of values": ("orie.xlsx", sheet_of("ORIE", {**PERSON, "last_name": 30_405_999, "niss": LAST})),
        "a torn workbook": ("orie.xlsx", sheet_of("ORIE", PERSON)[:-300]),
        f"a name of {NISS}": (f"{NISS} {LAST}.csv", good.encode()),
    }


FILES = damaged()


def printed(path: Path, capsys: pytest.CaptureFixture[str], *asked: str) -> str:
    """Gives all that `passerelle check` writes, to either stream."""
    assert main(["-v", "check", str(path), "--feed", "ORIE", *asked]) in {0, 10}
    streams = capsys.readouterr()
    return streams.out + streams.err


@pytest.mark.parametrize("what", FILES, ids=list(range(len(FILES))))
@pytest.mark.parametrize("partner", [(), ("--partner", "062063")], ids=["anybody", "a partner"])
def test_a_person_in_a_damaged_file_is_not_named(
    what: str,
    partner: tuple[str, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As text in any language, as JSON, and in what is logged meanwhile, nobody is named."""
    caplog.set_level(logging.DEBUG)
    name, data = FILES[what]
    path = tmp_path / name
    path.write_bytes(data)
    said = []
    for form in (*(("--lang", language) for language in LANGUAGES), ("--json",)):
        text = printed(path, capsys, *form, *partner)
        assert text
        said.append((" ".join(form), text.encode()))
    said.append(("log", caplog.text.encode()))
    assert SCANNER.search(said).hits == []


@pytest.mark.parametrize("text", WHOLE, ids=list(range(len(WHOLE))))
def test_a_person_in_any_column_is_not_named(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever column of any feed a person is written into, no finding shows it."""
    met = 0
    for feed in GOOD:
        path = tmp_path / f"{feed}.csv"
        path.write_bytes(in_every_column(feed, text))
        assert main(["check", str(path), "--feed", feed, "--json"]) == 10
        said = capsys.readouterr().out
        met += len(json.loads(said)["findings"])
        assert SCANNER.search([(feed, said.encode())]).hits == []
    assert met > 50


def test_the_files_do_name_a_person(tmp_path: Path) -> None:
    """The scan finds the person in what is checked: it would find it in an answer too."""
    for feed in ("ORIE", "STAT"):
        data = in_every_column(feed, NISS)
        rows = list(csv.reader(io.StringIO(data.decode()), delimiter=";"))
        assert len(rows) == len(GOOD[feed]) + 2
        assert SCANNER.search([(feed, data)]).hits
    for name, data in FILES.values():
        if name == "orie.csv":
            assert SCANNER.search([(name, data)]).hits, name


def test_nothing_is_left_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Checking writes no file: neither beside the file nor where the program stands."""
    path = tmp_path / "orie.csv"
    path.write_bytes(in_every_column("ORIE", NISS))
    here = sorted(Path.cwd().iterdir())
    printed(path, capsys)
    assert sorted(Path.cwd().iterdir()) == here
    assert [file.name for file in tmp_path.iterdir()] == ["orie.csv"]
