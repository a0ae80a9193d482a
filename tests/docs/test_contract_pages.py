"""The page of each contract tells it whole, and what it says of its samples is what the hub says."""

import csv
import io
import re
from pathlib import Path

import pages
import pytest

from contracts.checks import schema_of
from contracts.describe import file_name
from contracts.meanings import DATED, LANGUAGES, Language, of_code, of_column, of_feed
from contracts.meanings.codes import CODES
from contracts.meanings.columns import COLUMNS
from contracts.meanings.feeds import FEEDS
from contracts.model import Contract
from contracts.registry import contracts
from contracts.words import mend, says, shape_in

FOLDER = Path(__file__).parents[2] / pages.FOLDER
ALL = contracts("T")
FILES = ("template.csv", "valide.csv", "fautif.csv", "odcs.yaml", "tableschema.json")
each_contract = pytest.mark.parametrize("contract", ALL, ids=file_name)
each_language = pytest.mark.parametrize("language", LANGUAGES)


def page_of(contract: Contract, language: Language) -> str:
    folder = FOLDER / "en" if language == "en" else FOLDER
    return (folder / f"{file_name(contract)}.md").read_text(encoding="utf-8")


def sample(contract: Contract, name: str) -> str:
    return (FOLDER / file_name(contract) / name).read_text(encoding="utf-8")


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def section(text: str, title: str) -> str:
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@each_language
@each_contract
def test_every_column_and_code_has_a_meaning(contract: Contract, language: Language) -> None:
    """The feed, each of its columns and each code of its lists say what they mean, on the page of each language."""
    text = page_of(contract, language)
    assert of_feed(contract, language).purpose in text
    for field in contract.fields:
        assert f"| `{field.name}` | {of_column(contract, field, language)} |" in text
        for code in field.codes if field.kind != "bool" else ():
            assert f"| `{code}` | {of_code(contract, field, code, language)} |" in text


def test_the_two_languages_say_everything() -> None:
    """No meaning of a column or a code is empty in one of the languages."""
    pairs = [*COLUMNS.values(), *(pair for listed in CODES.values() for pair in listed.values())]
    assert [pair for pair in pairs if not all(part.strip() for part in pair)] == []


def test_no_meaning_is_left_of_what_is_gone() -> None:
    """Each meaning is of a contract, a column or a code that exists."""
    columns = {(c.name.removesuffix("_out"), f.name): set(f.codes) for c in ALL for f in c.fields}
    names = {name for _, name in columns} | {f"{contract}.{name}" for contract, name in columns}
    assert set(FEEDS) == {contract.name for contract in ALL}
    assert set(COLUMNS) <= names
    for key, listed in CODES.items():
        of_key = [codes for (c, name), codes in columns.items() if key in (name, f"{c}.{name}")]
        assert set(listed) <= set().union(*of_key), key


@each_contract
def test_a_code_with_days_shows_them(contract: Contract) -> None:
    """Each column whose codes are judged by their days has those days on the page."""
    rules = contract.rules(pages.known(contract), "T")
    judged = {name for name, checks in rules.items() if "R302" in [check.error for check in checks]}
    assert judged <= set(DATED)
    for field in contract.fields:
        for code, days in DATED.get(field.name, {}).items():
            if code in field.codes:
                row = rf"\| `{code}` \| [^|]+ \| {days.since or ''} \| {days.until or ''} \|"
                assert re.search(row, page_of(contract, "fr"))


@each_language
@each_contract
def test_every_check_of_the_schema_is_told(contract: Contract, language: Language) -> None:
    """Each check of the pandera schema is among the rules: its code, and its own sentence or that of its code."""
    rules = section(page_of(contract, language), "Règles" if language == "fr" else "Rules")
    checks = [
        check for column in schema_of(contract, pages.known(contract)).columns.values() for check in column.checks
    ]
    assert checks
    for check in checks:
        assert str(check.error) in rules
        own = check.title if language == "fr" else check.description
        assert (own or says(str(check.error), language)) in rules
    assert says("R305", language) in rules or not any(field.required for field in contract.fields)


@each_contract
def test_every_contract_has_its_files(contract: Contract) -> None:
    """A template with the header alone, samples under that header, and links to all five files from both pages."""
    assert rows_of(sample(contract, "template.csv")) == [list(contract.columns)]
    for name in ("valide.csv", "fautif.csv"):
        header, *rows = rows_of(sample(contract, name))
        assert header == list(contract.columns)
        assert len(rows) >= 2
    for language in LANGUAGES:
        links = re.findall(r"\]\(([^)]*)\)", page_of(contract, language))
        assert all(any(link.endswith(f"{file_name(contract)}/{name}") for link in links) for name in FILES)


@each_contract
def test_the_valid_sample_is_accepted_whole(contract: Contract) -> None:
    """Not one finding is made of the valid sample, nor is a row of it there twice."""
    text = sample(contract, "valide.csv")
    assert pages.answers(contract, text) == ()
    keys = [tuple(row[contract.columns.index(name)] for name in contract.key) for row in rows_of(text)]
    assert len(set(keys)) == len(keys)


@each_language
@each_contract
def test_the_faulty_sample_is_judged_as_the_page_says(contract: Contract, language: Language) -> None:
    """Each faulty row gets an answer, and the page shows each answer: line, column, code, sentence, shape, mend."""
    text = sample(contract, "fautif.csv")
    found = pages.answers(contract, text)
    told = section(page_of(contract, language), "Exemple fautif" if language == "fr" else "Faulty sample")
    shown = [line for line in told.splitlines() if re.match(r"\| \d+ \|", line)]
    assert {finding.line for finding in found} == set(range(2, len(rows_of(text)) + 1))
    assert len(shown) == len(found)
    for line, finding in zip(shown, found, strict=True):
        cells = [cell.strip().replace("\\|", "|") for cell in line.strip("|").split(" | ")]
        assert cells[:3] == [str(finding.line), f"`{finding.column}`", finding.code]
        assert cells[3].startswith(says(finding.code, language))
        assert cells[4:] == [shape_in(language, finding.shape), mend(finding.code, language)]


def test_the_samples_show_most_of_what_can_be_wrong() -> None:
    """Across the faulty samples every kind of fault that a row can have of itself is met."""
    met = {finding.code for contract in ALL for finding in pages.answers(contract, sample(contract, "fautif.csv"))}
    assert met >= {"R101", "R102", "R205", "R206", "R207", *(f"R{n}" for n in range(301, 316)), "R501"}
