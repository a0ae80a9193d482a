"""A partner verifies, offline, that no file of a folder is missing or changed."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

import pytest

from contracts.words import LANGUAGES, Language
from hub.chain_folder import Remark, Verified, What, verify_folder
from hub.chain_text import lines
from hub.cli import main
from hub.errors import OperatorError
from hub.filenames import InName, Manifest, OutName

DAY = date(2026, 3, 9)


def put(
    folder: Path, sequence: int, previous: str | None, text: str = "", *, day: date = DAY, inward: bool = False
) -> str:
    """Put a file and its GO; its hash."""
    name: InName | OutName = OutName("FO", "STAT", "062063", day, sequence, "T")
    if inward:
        name = InName("FI", "ORIE", "062063", day, sequence, "T", 1, 1)
    data = f"file {sequence} {text}\n".encode()
    digest = hashlib.sha256(data).hexdigest()
    (folder / str(name)).write_bytes(data)
    manifest = Manifest(str(name), 1, digest, "statuses_out/1", previous=previous)
    (folder / str(name.manifest_name())).write_bytes(manifest.to_bytes())
    return digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four files from the hub, one after the other."""
    previous = None
    for sequence in range(1, 5):
        previous = put(tmp_path, sequence, previous)
    return tmp_path


def file(sequence: int, kind: str = "FO") -> str:
    return f"{kind}.STAT.062063.20260309.{sequence:05d}.T" + (".1" if kind == "GO" else "")


def lose(*sequences: int) -> Callable[[Path], None]:
    """Both files of these sequences are not there."""

    def change(folder: Path) -> None:
        for sequence in sequences:
            (folder / file(sequence)).unlink()
            (folder / file(sequence, "GO")).unlink()

    return change


def manifest(folder: Path, sequence: int, **changed: object) -> None:
    go = folder / file(sequence, "GO")
    go.write_text(json.dumps(json.loads(go.read_text()) | changed))


def of_first(folder: Path) -> str:
    return hashlib.sha256((folder / file(1)).read_bytes()).hexdigest()


BROKEN: dict[str, tuple[Callable[[Path], object], list[Remark]]] = {
    "one lost": (lose(2), [Remark("GAP", file(3), 2, 2)]),
    "two lost": (lose(2, 3), [Remark("GAP", file(4), 2, 3)]),
    "the first lost": (lose(1), [Remark("BEGINS", file(2))]),
    "altered": (lambda f: (f / file(2)).write_bytes(b"x"), [Remark("ALTERED", file(2))]),
    "no GO": (lambda f: (f / file(2, "GO")).unlink(), [Remark("NO_GO", file(2))]),
    "no data": (lambda f: (f / file(2)).unlink(), [Remark("NO_DATA", file(2))]),
    "no JSON": (lambda f: (f / file(2, "GO")).write_bytes(b"{"), [Remark("BAD_GO", file(2))]),
    "GO of another": (lambda f: manifest(f, 2, file=file(3)), [Remark("BAD_GO", file(2))]),
    "fork": (lambda f: manifest(f, 3, previous=of_first(f)), [Remark("FORK", file(3))]),
    "unknown previous": (lambda f: manifest(f, 3, previous="0" * 64), [Remark("GAP", file(3))]),
    "sequence twice": (
        lambda f: put(f, 4, hashlib.sha256((f / file(3)).read_bytes()).hexdigest(), day=date(2026, 3, 10)),
        [Remark("TWICE", "FO.STAT.062063.20260310.00004.T"), Remark("FORK", "FO.STAT.062063.20260310.00004.T")],
    ),
    "says nothing of the one before": (lambda f: manifest(f, 3, previous=None), []),
    "a number passed over": (
        lambda f: put(f, 6, hashlib.sha256((f / file(4)).read_bytes()).hexdigest()),
        [],
    ),
}


@pytest.mark.parametrize(("change", "remarks"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_named_by_file(folder: Path, change: Callable[[Path], object], remarks: list[Remark]) -> None:
    """Each kind of damage gives its remark on its file, and nothing about the files beside it."""
    change(folder)
    verified = verify_folder(folder)
    assert list(verified.remarks) == remarks
    assert verified.whole == (not [r for r in remarks if r.what != "BEGINS"])


def test_a_whole_folder_has_nothing_to_remark(folder: Path) -> None:
    """Lines are verified apart, both ways, in subfolders too, and the same file in two folders is one."""
    previous = put(folder, 1, None, inward=True)
    put(folder, 2, previous, inward=True)
    (folder / "taken").mkdir()
    for kind in ("FO", "GO"):
        shutil.copy(folder / file(1, kind), folder / "taken")
        (folder / file(2, kind)).rename(folder / "taken" / file(2, kind))
    (folder / "notes.txt").write_text("of somebody")
    verified = verify_folder(folder)
    assert (verified.files, verified.lines, verified.remarks, verified.whole) == (6, 2, (), True)


def test_a_folder_without_a_file_is_an_operators_error(tmp_path: Path) -> None:
    """No folder, or nothing in it that the exchange names: there is nothing to call whole."""
    with pytest.raises(OperatorError, match="no such folder"):
        verify_folder(tmp_path / "nowhere")
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(OperatorError, match="no file named"):
        verify_folder(tmp_path)


def test_the_command_answers_in_french_and_by_its_exit_code(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """0 when all is whole, 10 when something is not, 11 when there is nothing to verify."""
    assert main(["chain", "verify", str(folder)]) == 0
    assert capsys.readouterr().out == "4 fichier(s), 1 suite(s)\nAucun fichier ne manque ni n'a changé.\n"
    lose(2)(folder)
    assert main(["chain", "verify", str(folder)]) == 10
    assert f"{file(3)}  il manque avant lui la séquence 00002 à 00002" in capsys.readouterr().out
    assert main(["chain", "verify", str(folder), "--json"]) == 10
    told = json.loads(capsys.readouterr().out)
    assert told["remarks"] == [{"what": "GAP", "file": file(3), "first": 2, "last": 2}]
    assert main(["chain", "verify", str(folder / "nowhere")]) == 11


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", get_args(What))
def test_every_remark_has_its_sentence(language: Language, what: What) -> None:
    """Whatever is seen is said in each language, beside the file's name."""
    *_, told = lines(Verified(1, 1, (Remark(what, file(1)),)), language)
    assert re.fullmatch(rf"  {file(1)}  \w.{{10,}}", told)
