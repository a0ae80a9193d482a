"""What columns, codes and feeds mean to the people who read a contract's page, in French and in English.

The contracts say what a file must be; what its parts stand for is said here, once for each name. A name that is
not here raises KeyError, and a test holds that every contract is told whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from contracts.codes import MEASURE, PIIS, Validity
from contracts.findings import CATALOGUE
from contracts.meanings.codes import CODES
from contracts.meanings.columns import COLUMNS
from contracts.meanings.feeds import FEEDS, Feed
from contracts.meanings.reconciled import RECONCILED
from contracts.model import Contract, Field
from contracts.words import says

Language = Literal["fr", "en"]
LANGUAGES: tuple[Language, ...] = ("fr", "en")

DATED: Mapping[str, Mapping[str, Validity]] = {"piis_code": PIIS, "measure_code": MEASURE}


def of_feed(contract: Contract, language: Language) -> Feed:
    """Gives what a contract is for."""
    return FEEDS[contract.name][LANGUAGES.index(language)]


def of_column(contract: Contract, field: Field, language: Language) -> str:
    """Gives what a column means."""
    meaning = COLUMNS.get(f"{_stem(contract)}.{field.name}") or COLUMNS[field.name]
    return meaning[LANGUAGES.index(language)]


def of_code(contract: Contract, field: Field, code: str, language: Language) -> str:
    """Gives what a code of a column's list means; for a code of findings, its sentence."""
    own = f"{_stem(contract)}.{field.name}"
    listed = RECONCILED.get(own) or CODES.get(own) or CODES.get(field.name, {})
    if code not in listed and code in CATALOGUE:
        return says(code, language)
    return listed[code][LANGUAGES.index(language)]


def validity_of(field: Field) -> Mapping[str, Validity]:
    """Gives from when until when each code of a column may be used; empty for a list without days."""
    return DATED.get(field.name, {})


def _stem(contract: Contract) -> str:
    """What is published twin to what came in: its columns mean the same."""
    return contract.name.removesuffix("_out")
