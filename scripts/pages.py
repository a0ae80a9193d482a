"""What is generated for each contract: its page in two languages, its samples, and its forms for other tools.

The answers shown are those of `hub.validate` on the faulty sample, on a fixed day, for one CPAS of the registry.
Samples are in `contracts/samples`: one full row, what the other valid rows have otherwise, and what each faulty
row has otherwise; what is published starts from the rows of the feed that it passes on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from contracts.describe import Samples, file_name, page, table, title_of
from contracts.findings import Finding
from contracts.judge import FIRST, LINE, judge
from contracts.meanings import LANGUAGES, Language, of_feed
from contracts.model import Context, Contract, FileFormat
from contracts.odcs import odcs
from contracts.reader import Refusal, read_table
from contracts.registry import contracts
from contracts.table_schema import table_schema
from hub.flow.process import context
from hub.partners import Registry, load_registry
from hub.publish import write_csv
from hub.validate import validate

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "docs/contracts"
SAMPLES = ROOT / "contracts" / "samples"
DAY = date(2026, 3, 10)
INDEX: Mapping[Language, tuple[str, str, tuple[str, ...]]] = {
    "fr": (
        "Contrats",
        "Chaque flux a un contrat : ce qu'un fichier doit être, et ce que Passerelle répond. [In English](en/index.md)",
        ("flux", "contrat", "de", "à"),
    ),
    "en": (
        "Contracts",
        "Each feed has a contract: what a file must be, and what Passerelle answers. [En français](../index.md)",
        ("feed", "contract", "from", "to"),
    ),
}
Row = dict[str, str | None]


def files() -> dict[str, str]:
    """Every generated file of the contracts: its text by its path from the root of the project."""
    made = {f"{FOLDER}/index.md": _index("fr"), f"{FOLDER}/en/index.md": _index("en")}
    for contract in contracts("T"):
        made |= {f"{FOLDER}/{path}": text for path, text in _of(contract).items()}
    return made


def rows(contract: Contract) -> tuple[list[Row], list[Row]]:
    """The rows of a contract's valid sample and those of its faulty one."""
    told = _told(contract)
    passed_on = _valid(_read(told["like"])) if "like" in told else [{}, {}, {}]
    valid = [
        {name: (there | own).get(name) for name in contract.columns}
        for there, own in zip(passed_on, _valid(told), strict=False)
    ]
    return valid, [valid[0] | change for change in told["faults"]]


def answers(contract: Contract, text: str) -> tuple[Finding, ...]:
    """What the hub finds in a file of this contract; the program ends when it cannot even be read."""
    read = read_table(text.encode(), contract)
    if isinstance(read, Refusal):
        raise SystemExit(f"{contract.label}: the sample is refused, {read.code}")
    if contract.direction == "in":
        found = validate(read, contract, known(contract)).findings
    else:  # what we send is not received: it is judged as such, and may have a column called line
        texts = read.rows.select(read.lines.alias(LINE), pl.all())
        found = judge(texts, contract, known(contract), FileFormat(), FIRST)[1].findings
    return tuple(Finding(**finding) for finding in found.to_dicts())


def known(contract: Contract) -> Context:
    """What the rules may know of the samples' day and sender."""
    return context(_registry(), _told(contract)["sender"], DAY)


def _of(contract: Contract) -> dict[str, str]:
    name = file_name(contract)
    valid, faulty = (_csv(contract, part) for part in rows(contract))
    samples = Samples(valid, faulty, rows(contract)[0][0], answers(contract, faulty))
    pages = {language: page(contract, known(contract), samples, language) for language in LANGUAGES}
    return {
        f"{name}.md": pages["fr"],
        f"en/{name}.md": pages["en"],
        f"{name}/template.csv": _csv(contract, []),
        f"{name}/valide.csv": valid,
        f"{name}/fautif.csv": faulty,
        f"{name}/odcs.yaml": yaml.safe_dump(odcs(contract, known(contract)), allow_unicode=True, sort_keys=False),
        f"{name}/tableschema.json": json.dumps(table_schema(contract), ensure_ascii=False, indent=2) + "\n",
    }


def _csv(contract: Contract, part: Sequence[Mapping[str, str | None]]) -> str:
    cells = [{name: row.get(name) or None for name in contract.columns} for row in part]
    return write_csv(pl.DataFrame(cells, schema=dict.fromkeys(contract.columns, pl.String()))).decode()


def _index(language: Language) -> str:
    title, says, head = INDEX[language]
    listed = [(c.feed, f"[{title_of(c, language)}]({file_name(c)}.md)", *_parties(c, language)) for c in contracts("T")]
    return f"# {title}\n\n{says}\n\n{table(head, listed)}"


def _parties(contract: Contract, language: Language) -> tuple[str, str]:
    told = of_feed(contract, language)
    return told.sender, told.receiver


def _valid(told: dict[str, Any]) -> list[Row]:
    return [told["row"], *({**told["row"], **change} for change in told["also"])]


def _told(contract: Contract) -> dict[str, Any]:
    return _read(file_name(contract))


@cache
def _read(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return told


@cache
def _registry() -> Registry:
    return load_registry(ROOT / "partners")
