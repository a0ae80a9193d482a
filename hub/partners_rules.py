"""What must be true of each row of the registry's tables, one sentence with each rule.

It judges one row by itself; what rows say of each other is judged in `hub.partners_folder`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

from contracts.registry import versions
from hub import plans
from hub.envelope_kinds import BARE, ENVELOPES
from hub.model import FOREM

Cells = Mapping[str, str]

DELIMITERS = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
QUOTES = {"double": '"', "single": "'"}
# The twenty arrondissements of Wallonia, and 54 (Mouscron), which ended with 2018.
ARRONDISSEMENTS = frozenset(
    f"{number}000" for number in (25, *range(51, 59), *range(61, 65), *range(81, 86), 91, 92, 93)
)
# Communes of Wallonia since 2025-01-01. A merger changes this in the commit that changes the rows.
CURRENT = {"FOREM": 252, "ADG": 9}
ENCODINGS = frozenset({"utf-8", "cp1252"})
LEGAL_BASES = frozenset({"CONV2024", "DECR2025"})

_NIS = re.compile(r"[1-9][0-9]{4}")
_POSTAL_CODE = re.compile(r"[1-9][0-9]{3}")
# A first name and a last name are joined by a dot, as a rule: a generic mailbox has none before its @.
_MAILBOX = re.compile(r"[a-z][a-z0-9-]*@[a-z0-9-]+(\.[a-z0-9-]+)+")
_PHONE = re.compile(r"\+[0-9]{8,15}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_day(text: str) -> date | None:
    """The date that a cell holds, None when it is empty or no date `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


Rule = tuple[str, Callable[[Cells], bool]]  # what must be true, and whether it is


def _is_day(column: str) -> Rule:
    return f"{column} must be a date YYYY-MM-DD", lambda row: read_day(row[column]) is not None


def _is_day_or_empty(column: str) -> Rule:
    return (
        f"{column} must be empty or a date YYYY-MM-DD",
        lambda row: not row[column] or read_day(row[column]) is not None,
    )


def _is_nis(column: str) -> Rule:
    return f"{column} must be a NIS code of five digits", lambda row: _NIS.fullmatch(row[column]) is not None


def _not_after_the_end(column: str) -> Rule:
    return (
        f"{column} must not be after valid_until",
        lambda row: (read_day(row[column]) or date.min) <= (read_day(row["valid_until"]) or date.max),
    )


CPAS_RULES: tuple[Rule, ...] = (
    _is_nis("nis"),
    ("partner_id must be 0 and the NIS code", lambda row: row["partner_id"] == f"0{row['nis']}"),
    ("name_fr must not be empty", lambda row: bool(row["name_fr"].strip())),
    (
        "arrondissement_nis is not known in Wallonia",
        lambda row: row["arrondissement_nis"] in ARRONDISSEMENTS,
    ),
    (
        "arrondissement_nis must begin as nis does",
        lambda row: row["arrondissement_nis"][:2] == row["nis"][:2],
    ),
    ("service must be FOREM or ADG", lambda row: row["service"] in CURRENT),
    ("encoding must be utf-8 or cp1252", lambda row: row["encoding"] in ENCODINGS),
    (
        "legal_basis must be empty, CONV2024 or DECR2025",
        lambda row: row["legal_basis"] in LEGAL_BASES | {""},
    ),
    (
        "a signed convention needs a legal_basis",
        lambda row: _implies(row, "convention_signed_on", "legal_basis"),
    ),
    (
        "CONV2024 needs convention_signed_on",
        lambda row: row["legal_basis"] != "CONV2024" or bool(row["convention_signed_on"]),
    ),
    (
        "a CPAS of the ADG has no convention with Le Forem",
        lambda row: row["service"] != "ADG" or not (row["convention_signed_on"] or row["legal_basis"]),
    ),
    _is_day_or_empty("convention_signed_on"),
    _is_day("valid_from"),
    _is_day_or_empty("valid_until"),
    _not_after_the_end("valid_from"),
    _not_after_the_end("convention_signed_on"),
)
HISTORY_RULES: tuple[Rule, ...] = (
    _is_nis("old_nis"),
    _is_nis("new_nis"),
    _is_day("effective_date"),
    ("kind must be recode or merger", lambda row: row["kind"] in {"recode", "merger"}),
)
POSTAL_RULES: tuple[Rule, ...] = (
    (
        "postal_code must be four digits",
        lambda row: _POSTAL_CODE.fullmatch(row["postal_code"]) is not None,
    ),
    _is_nis("nis"),
)
FORMAT_RULES: tuple[Rule, ...] = (
    _is_day_or_empty("since"),
    ("kind must be csv or xlsx", lambda row: row["kind"] in {"csv", "xlsx"}),
    ("delimiter must be semicolon, comma, tab or bar", lambda row: row["delimiter"] in DELIMITERS),
    ("quote must be double or single", lambda row: row["quote"] in QUOTES),
    ("dates must be iso or dmy", lambda row: row["dates"] in {"iso", "dmy"}),
)
VERSION_RULES: tuple[Rule, ...] = (
    _is_day("since"),
    ("feed and version must be a contract that the hub sends", lambda row: row["version"] in _sent(row["feed"])),
    ("feed must be one that this partner is sent", lambda row: _is_sent(row["partner_id"], row["feed"])),
)
ENVELOPE_RULES: tuple[Rule, ...] = (
    _is_day("since"),
    (f"sends must be one of {', '.join((BARE, *ENVELOPES))}", lambda row: row["sends"] in {BARE, *ENVELOPES}),
    (f"receives must be one of {', '.join(ENVELOPES)}", lambda row: row["receives"] in ENVELOPES),
)
PLAN_RULES: tuple[Rule, ...] = (
    _is_day("since"),
    ("axes must be a list of 1, 2, 3, 4, each once", plans.axes_are_known),
    ("without must be feeds that the axes bring, joined by |", plans.without_is_of_the_axes),
    ("extra must be feeds that the axes do not bring, joined by |", plans.extra_is_of_other_axes),
    ("calendar must be feeds that this CPAS sends, each once, with daily, weekly or monthly", plans.calendar_is_kept),
    (
        f"contact_function must be one of: {', '.join(sorted(plans.FUNCTIONS))}",
        lambda row: row["contact_function"] in plans.FUNCTIONS,
    ),
    ("contact_phone must begin with + and hold 8 to 15 digits", lambda row: _matches(_PHONE, row["contact_phone"])),
    (
        "contact_email must be a generic mailbox: one word without a dot before the @",
        lambda row: _matches(_MAILBOX, row["contact_email"]),
    ),
)


def _sent(feed: str) -> set[str]:
    return {str(contract.version) for contract in versions(feed, "out", "R")}


def _is_sent(partner: str, feed: str) -> bool:
    """Le Forem is sent what CPAS write, and a CPAS what Le Forem writes; what the hub writes itself goes to all."""
    return feed in plans.EVERYONE or (feed in plans.SENT_BY_CPAS) == (partner == FOREM)


def _implies(row: Cells, one: str, other: str) -> bool:
    return not row[one] or bool(row[other])


def _matches(pattern: re.Pattern[str], cell: str) -> bool:
    return pattern.fullmatch(cell) is not None
