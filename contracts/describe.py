"""A contract as a page, in French or in English, for the people who fill a file in and those who write their software.

The page is Markdown. What it says of columns and codes comes from the contract and from `contracts.meanings`, what
it says of rules from the checks of the pandera schema; the answers to the faulty sample are handed in, as they
were computed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandera.polars as pa

from contracts.checks import schema_of
from contracts.findings import CATALOGUE, Finding
from contracts.meanings import LANGUAGES, Language, of_code, of_column, of_feed, validity_of
from contracts.meanings.page import WORDS, Words
from contracts.model import Context, Contract, Field
from contracts.words import mend, says, shape_in


@dataclass(frozen=True, slots=True)
class Samples:
    """What a page shows: the CSV of a valid and of a faulty file, one valid row, and the answers to the faulty one."""

    valid: str
    faulty: str
    row: Mapping[str, str | None]
    answers: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """One rule of a contract: where, under which code, and what must hold in French and in English."""

    column: str
    code: str
    says: tuple[str, str]


def page(contract: Contract, context: Context, samples: Samples, language: Language) -> str:
    """Gives the page of a contract; `context` is that under which the answers were computed."""
    words = WORDS[language]
    parts = [
        _head(contract, language, words),
        f"## {words.columns}\n\n{_columns(contract, samples.row, language, words)}",
        _code_lists(contract, language, words),
        f"## {words.rules}\n\n{_rules(contract, context, language, words)}",
        f"## {words.valid}\n\n{words.valid_says}\n\n```csv\n{samples.valid}```\n",
        f"## {words.faulty}\n\n{words.faulty_says}\n\n```csv\n{samples.faulty}```\n\n"
        f"{_answers(samples.answers, language, words)}",
    ]
    return "\n".join(part for part in parts if part)


def title_of(contract: Contract, language: Language) -> str:
    """Gives a contract's title, with its version where it is not the first."""
    return of_feed(contract, language).title + (f", version {contract.version}" if contract.version > 1 else "")


def file_name(contract: Contract) -> str:
    """Gives the name of a contract's page, without its ending; its files lie in a folder of that name."""
    return f"{contract.name}_v{contract.version}"


def stated(contract: Contract, context: Context) -> tuple[Stated, ...]:
    """Gives the rules that a contract adds to those of its fields, in the order of its columns."""
    rules = contract.rules(context, contract.environment)
    return tuple(
        Stated(field.name, str(check.error), _sentences(check))
        for field in contract.fields
        for check in rules.get(field.name, ())
    )


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Gives a Markdown table; cells may hold a vertical bar."""
    titles = list(head)
    body = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "".join(f"| {' | '.join(row)} |\n" for row in [titles, ["---"] * len(titles), *body])


def _sentences(check: pa.Check) -> tuple[str, str]:
    code = str(check.error)
    return (check.title or says(code, "fr"), check.description or says(code, "en"))


def _head(contract: Contract, language: Language, words: Words) -> str:
    told, name = of_feed(contract, language), file_name(contract)
    folder = name if language == "fr" else f"../{name}"
    facts = {
        words.contract: f"`{contract.label}`",
        words.sender: told.sender,
        words.receiver: told.receiver,
        words.key: ", ".join(f"`{column}`" for column in contract.key),
        words.added: ", ".join(f"`{column}`" for column in contract.added),
        words.files: ", ".join(f"[{title}]({folder}/{file})" for file, title in words.of_files.items()),
    }
    listed = "".join(f"* **{fact}**{words.colon} {value}\n" for fact, value in facts.items() if value)
    title = f"# {contract.feed}{words.colon} {title_of(contract, language)}"
    return f"{title}\n\n{words.other(name)}\n\n{told.purpose}\n\n{listed}\n{words.common}\n"


def _columns(contract: Contract, row: Mapping[str, str | None], language: Language, words: Words) -> str:
    return table(
        words.column_titles,
        (
            (
                f"`{field.name}`",
                of_column(contract, field, language),
                words.yes if field.required else "",
                words.kinds[field.kind],
                _expected(field, language, words),
                _literal(row.get(field.name)),
                words.natures[field.nature],
            )
            for field in contract.fields
        ),
    )


def _literal(text: str | None) -> str:
    """Gives a value as code; a bar within code in a table is read in two ways, so it is written as an entity."""
    if text and "|" in text:
        return f"<code>{text.replace('|', '&#124;')}</code>"
    return f"`{text}`" if text else ""


def _expected(field: Field, language: Language, words: Words) -> str:
    if field.kind == "bool":
        return words.flag
    if field.codes:
        several = f", {words.several}" if field.kind == "list" else ""
        return f"[{words.of_list}](#{field.name}){several}"
    return (shape_in(language, field.expected) or "") + _bounds(field)


def _bounds(field: Field) -> str:
    if field.kind not in ("int", "decimal") or field.maximum is None:
        return ""
    return f" ({field.minimum:g}–{field.maximum:g})"


def _code_lists(contract: Contract, language: Language, words: Words) -> str:
    fields = [field for field in contract.fields if field.codes and field.kind != "bool"]
    lists = [f"### {field.name}\n\n{_code_list(contract, field, language, words)}" for field in fields]
    return "\n".join([f"## {words.code_lists}\n", *lists]) if lists else ""


def _code_list(contract: Contract, field: Field, language: Language, words: Words) -> str:
    valid = validity_of(field)
    dated = any(days.since or days.until for days in valid.values())
    rows = [
        [f"`{code}`", of_code(contract, field, code, language)]
        + ([_day(valid[code].since), _day(valid[code].until)] if dated else [])
        for code in field.codes
    ]
    return table(words.code_titles if dated else words.code_titles[:2], rows)


def _day(day: object) -> str:
    return str(day or "")


def _rules(contract: Contract, context: Context, language: Language, words: Words) -> str:
    rows = [
        (", ".join(f"`{column}`" for column in columns), ", ".join(codes), sentence)
        for (sentence, codes), columns in _grouped(stated(contract, context), language, words).items()
    ]
    of_fields = "".join(f"* **{code}** {says(code, language)}\n" for code in _of_fields(contract, context))
    real = f"\n{words.environment}\n" if any("R106" in codes for _, codes, _ in rows) else ""
    general = f"{words.general}\n\n{of_fields}{real}"
    return f"{table(words.rule_titles, rows)}\n{general}" if rows else general


def _grouped(rules: Iterable[Stated], language: Language, words: Words) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """Gives the columns to which the same sentence and codes apply, in the order of the first of them."""
    codes: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for rule in rules:
        sentence = rule.says[LANGUAGES.index(language)] + _kept(rule.code, words)
        codes[sentence, rule.column][rule.code] = None
    grouped: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (sentence, column), found in codes.items():
        grouped[sentence, tuple(found)].append(column)
    return grouped


def _of_fields(contract: Contract, context: Context) -> list[str]:
    """Gives the codes that follow from the fields themselves: required, form, list, bounds."""
    schema = schema_of(contract, context)
    own = contract.rules(context, contract.environment)
    columns = [(field, schema.columns[field.name].checks) for field in contract.fields]
    found = {
        str(check.error) for field, checks in columns for check in checks[: len(checks) - len(own.get(field.name, ()))]
    }
    return sorted(found | {"R305" for field in contract.fields if field.required})


def _kept(code: str, words: Words) -> str:
    return f" ({words.warning})" if CATALOGUE[code].severity != "ERROR" else ""


def _answers(answers: Iterable[Finding], language: Language, words: Words) -> str:
    return table(
        words.answer_titles,
        (
            (
                str(a.line),
                f"`{a.column}`" if a.column else "",
                a.code,
                says(a.code, language) + _kept(a.code, words),
                shape_in(language, a.shape) or "",
                mend(a.code, language),
            )
            for a in answers
        ),
    )
