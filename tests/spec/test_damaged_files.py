"""Each damaged file of the corpus has exactly the answer written beside it, from the rows and from `check`."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contracts.findings import CATALOGUE
from contracts.model import Contract, FileFormat
from contracts.reader import Refusal, read_table
from contracts.registry import contracts, lookup
from contracts.words import LANGUAGES, Language, mend, says
from hub.check import Asked, check_file
from hub.check_text import lines
from hub.filenames import InName
from hub.flow.process import context
from hub.model import FOREM, REGISTERS
from hub.partners import load_registry
from hub.settings import PROJECT, Settings, load_settings
from hub.validate import is_too_bad, validate
from hub.verify import FEEDS
from tests.corpus.declare import CPAS, declare
from tests.corpus.recipe import GOOD, Damaged
from tests.corpus.rows import ROWS
from tests.corpus.whole_files import WHOLE_FILES
from tests.corpus.workbooks import WORKBOOKS

CORPUS = [*WHOLE_FILES, *ROWS, *WORKBOOKS]
DAY = date(2025, 3, 2)
REGISTRY = load_registry(PROJECT / "partners")
INBOUND = sorted({contract.feed for contract in contracts("T") if contract.direction == "in"})

# of the name, the manifest, the sender or what was sent before; never of what is in one file
OF_ARRIVAL = {
    "F01",
    "F02",
    "F03",
    "F04",
    "F05",
    "F06",
    "F07",
    "F09",
    "F10",
    "F11",
    "F12",
    "F15",
    "F16",
    "F17",
    "F36",
    "F37",
    "F38",
    "F39",
    "F40",
    "F41",
    "F42",
    "F43",
}
OF_OTHER_FILES = {
    "R107",
    "R103",
    "R104",
    "R401",
    "R402",
    "R403",
    "R404",
    "R406",
    *(f"R50{n}" for n in range(3, 10)),
}  # told by the ledger and by the reconciliation

ids = [f"{damaged.feed} {damaged.what}"[:70] for damaged in CORPUS]
each = pytest.mark.parametrize("damaged", CORPUS, ids=ids)


def contract_of(damaged: Damaged) -> Contract:
    """Gives the contract of a file."""
    contract = lookup(damaged.feed, "in", 1, damaged.environment)
    assert contract is not None
    return contract


@each
def test_a_damaged_file_has_its_exact_findings_and_totals(damaged: Damaged) -> None:
    """The reader and the rules give the codes, lines, columns and totals written in the corpus, and no others."""
    contract = contract_of(damaged)
    table = read_table(damaged.data, contract, damaged.form, damaged.limits)
    if isinstance(table, Refusal):
        assert (table.code, table.line) == damaged.refused
        return
    assert damaged.refused is None
    result = validate(table, contract, context(REGISTRY, CPAS, DAY), damaged.form)
    assert result.findings.select("line", "column", "code").rows() == list(damaged.found)
    assert table.notes == damaged.notes
    assert (result.read, result.accepted, result.warned, result.rejected) == damaged.totals
    assert result.counts == dict(sorted(Counter(code for _, _, code in damaged.found).items()))
    assert is_too_bad(result, 0.2, 20) is damaged.too_bad


@pytest.fixture(scope="session")
def partners(tmp_path_factory: pytest.TempPathFactory) -> Callable[[FileFormat], Path]:
    """Makes a registry in which every sender of the corpus declares one form; communes in no file are left out."""
    made: dict[FileFormat, Path] = {}

    def folder(form: FileFormat) -> Path:
        if form not in made:
            made[form] = tmp_path_factory.mktemp("partners")
            declare(made[form], form)
        return made[form]

    return folder


Check = Callable[[Damaged, Language], Any]


@pytest.fixture(scope="module")
def check(partners: Callable[[FileFormat], Path], tmp_path_factory: pytest.TempPathFactory) -> Check:
    """Gives the answer of `passerelle check` to a file under the name by which it would be sent, asked once."""
    answers: dict[tuple[Damaged, Language], Any] = {}
    folder = tmp_path_factory.mktemp("files")

    def ask(damaged: Damaged, language: Language) -> Any:
        if (damaged, language) not in answers:
            answers[damaged, language] = _checked(damaged, partners(damaged.form), folder, language)
        return answers[damaged, language]

    return ask


def _checked(damaged: Damaged, registry: Path, folder: Path, language: Language) -> Any:
    """Asks for the answer to a file as its sender names it."""
    environment = load_settings({"PASSERELLE_ENVIRONMENT": damaged.environment})
    settings: Settings = replace(environment, partners=registry, limits=damaged.limits)
    kinds = {"CPAS": CPAS, "FOREM": FOREM, "REGISTERS": REGISTERS}
    senders = {feed: kinds[kind] for kind, feeds in FEEDS.items() if kind in kinds for feed in feeds}
    name = InName("FI", damaged.feed, senders[damaged.feed], DAY, 1, damaged.environment, 1, 1)
    path = folder / str(name)
    path.write_bytes(damaged.data)
    return check_file(settings, Asked(path, None, None, language))


def answer_to(damaged: Damaged) -> tuple[str | None, list[tuple[int | None, str | None, str]], tuple[int, ...]]:
    """Gives what `check` must answer: the code of a refusal, the places of all codes, the counts."""
    if damaged.refused is not None:
        code, line = damaged.refused
        return code, [(line, None, code)], (0,) * 6
    read, accepted, warned, rejected = damaged.totals
    notes = [(None, None, note) for note in damaged.notes]
    if damaged.too_bad:
        return "F18", [(None, None, "F18"), *notes, *damaged.found], (read, 0, 0, read, 0, 0)
    kept = accepted - sum(damaged.repeated)
    return None, [*notes, *damaged.found], (read, kept, warned, rejected, *damaged.repeated)


@each
def test_check_gives_the_same_exact_answer(damaged: Damaged, check: Check) -> None:
    """`passerelle check` finds the same in the same places; its totals add up and its counts are complete."""
    answer = check(damaged, "fr")
    code, found, counts = answer_to(damaged)
    assert answer["code"] == code
    assert answer["verdict"] == ("REFUSED" if code else "ACCEPTED")
    assert [(f["line"], f["column"], f["code"]) for f in answer["findings"]] == found
    names = ("read", "accepted", "warnings", "rejected", "duplicate", "superseded")
    assert tuple(answer[name] for name in names) == counts
    assert answer["read"] == sum(answer[name] for name in ("accepted", "rejected", "duplicate", "superseded"))
    expected = Counter(one for _, _, one in found if one != "F18")
    assert answer["codes"] == dict(expected)
    assert (answer["feed"], answer["version"]) == (damaged.feed, 1)


@each
def test_no_answer_repeats_a_cell(damaged: Damaged, check: Check) -> None:
    """In four languages, as text and as JSON, nothing but the fixed sentences could hold a cell of the file.

    The sentences are taken away first: some of them name what spreadsheets write, such as VRAI.
    """
    hidden = {cell.strip() for cell in (*damaged.cells, *GOOD[damaged.feed].values()) if len(cell.strip()) > 3}
    for language in LANGUAGES:
        answer = check(damaged, language)
        text = "\n".join(lines(answer, language))
        codes = {finding["code"] for finding in answer["findings"]}
        for code in codes:
            assert says(code, language) in text
            text = text.replace(says(code, language), "").replace(mend(code, language), "")
        for finding in answer["findings"]:
            assert (finding["message"], finding["mend"]) == (
                says(finding["code"], language),
                mend(finding["code"], language),
            )
        bare = [{k: v for k, v in f.items() if k not in ("message", "mend")} for f in answer["findings"]]
        told = json.dumps({**answer, "findings": bare}, ensure_ascii=False)
        assert [cell for cell in hidden if cell in text or cell in told] == []


def test_every_code_of_a_single_file_occurs_in_the_corpus() -> None:
    """Whatever can be found in one file is found in some file of the corpus; the other codes are named above."""
    met = {code for damaged in CORPUS for _, _, code in damaged.found}
    met |= {note for damaged in CORPUS for note in damaged.notes}
    met |= {damaged.refused[0] for damaged in CORPUS if damaged.refused}
    met |= {"F18" for damaged in CORPUS if damaged.too_bad}
    assert met == set(CATALOGUE) - OF_ARRIVAL - OF_OTHER_FILES


def test_the_corpus_covers_every_feed() -> None:
    """The corpus has well over sixty files, no two of the same name, and several for each inbound feed."""
    feeds = Counter(damaged.feed for damaged in CORPUS)
    print(len(CORPUS), "files:", dict(sorted(feeds.items())))
    assert sorted(feeds) == INBOUND
    assert min(feeds.values()) >= 5
    assert len({(damaged.feed, damaged.what, damaged.form.kind) for damaged in CORPUS}) == len(CORPUS) > 60
