"""What `passerelle draft` answers: counts, and for each column what the export lacks; never a value of a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from contracts.judge import FIRST
from contracts.profiles.model import Profile
from contracts.profiles.translate import Draft
from contracts.refusal import Refusal
from contracts.words import Language, mend, says, shape_in
from hub.validate import Validated

Answer = dict[str, Any]

_WORDS = {
    "fr": {
        "export": "lignes de l'export", "left_out": "laissées", "drafted": "reprises",
        "unmatched": "inconnues du second export", "empty": "vide sur", "untranslated": "non traduits",
        "lacking": "lacking_fr",
    },
    "en": {
        "export": "rows of the export", "left_out": "left out", "drafted": "drafted",
        "unmatched": "not in the second export", "empty": "empty on", "untranslated": "not translated",
        "lacking": "lacking_en",
    },
}  # fmt: skip


def refused(profile: Profile, refusal: Refusal, language: Language) -> Answer:
    """Answers to an export that cannot be read."""
    finding = {"line": refusal.line, "column": None, "code": refusal.code, "shape": refusal.shape}
    told: Answer = {"verdict": "REFUSED", "profile": profile.name, "feed": profile.contract.feed}
    return told | {"version": profile.contract.version, "findings": [_sentence(finding, language)]}


def answer_of(profile: Profile, draft: Draft, validated: Validated, language: Language) -> Answer:
    """Answers to an export that was drafted; `validated` holds every finding on the draft."""
    rows = {
        "export": draft.read,
        "left_out": draft.left_out,
        "drafted": draft.rows.height,
        "unmatched": draft.unmatched,
    }
    counts = {name: getattr(validated, name) for name in ("read", "accepted", "warned", "rejected")}
    told: Answer = {"verdict": "DRAFT", "profile": profile.name, "feed": profile.contract.feed}
    told |= {"version": profile.contract.version, "rows": rows, **counts}
    return told | {"columns": _by_column(profile, draft, validated), "findings": _first(draft, validated, language)}


def _by_column(profile: Profile, draft: Draft, validated: Validated) -> list[Answer]:
    """Tells for each column where it comes from, how many rows lack it and what was found on it."""
    found: dict[str, dict[str, int]] = {}
    for column, code, count in validated.findings.group_by("column", "code").len().sort("column", "code").iter_rows():
        found.setdefault(column, {})[code] = count
    empty = draft.rows.null_count().row(0, named=True)
    columns = []
    for field in profile.contract.fields:
        name, (french, english) = field.name, profile.lacking.get(field.name, (None, None))
        told: Answer = {"column": name, "required": field.required, "from": _origin(profile, name)}
        told |= {"empty": empty[name], "untranslated": draft.untranslated.get(name, 0), "codes": found.get(name, {})}
        columns.append(told | {"lacking_fr": french, "lacking_en": english})
    return columns


def _origin(profile: Profile, name: str) -> str | None:
    origin = profile.columns.get(name)
    if origin is None:
        return None
    return ", ".join(origin.columns) or ("=" if origin.constant is not None else str(origin.given))


def _first(draft: Draft, validated: Validated, language: Language) -> list[Answer]:
    """Gives the first findings of each code, each with its line in the draft and in the export."""
    firsts = validated.findings.filter(pl.int_range(pl.len()).over("code") < FIRST)
    exported = draft.lines
    return [
        _sentence(finding, language) | {"export_line": exported[finding["line"] - 2]} for finding in firsts.to_dicts()
    ]


def _sentence(finding: Answer, language: Language) -> Answer:
    code = finding["code"]
    told = {"message": says(code, language), "mend": mend(code, language)}
    return finding | told | {"shape": shape_in(language, finding["shape"])}


def lines(answer: Answer, language: Language = "fr") -> list[str]:
    """Gives the answer as one reads it on a terminal: the counts, then each column that still needs something."""
    findings = [_line(finding) for finding in answer["findings"]]
    if answer["verdict"] == "REFUSED":
        return [f"REFUSED {answer['profile']}", *findings]
    rows, word = answer["rows"], _WORDS["fr" if language == "fr" else "en"]
    counts = ", ".join(f"{word[name]} {count}" for name, count in rows.items() if count or name != "unmatched")
    judged = ", ".join(f"{name} {answer[name]}" for name in ("accepted", "warned", "rejected"))
    told = [f"DRAFT {answer['feed']}/{answer['version']} {answer['profile']}", counts, judged]
    return [*told, *(line for column in answer["columns"] for line in _column_line(column, word))]


def _column_line(column: Answer, word: Mapping[str, str]) -> list[str]:
    """Gives one line where the column is lacking from the export, not wholly translated, or found wrong."""
    said = column[word["lacking"]]
    if not (said or column["untranslated"] or column["codes"]):
        return []
    counted = [f"{word[name]} {column[name]}" for name in ("empty", "untranslated") if column[name]]
    counted += [f"{code} {count}" for code, count in column["codes"].items()]
    name = f"{column['column']}{' *' if column['required'] else ''}"
    return [f"{name}: {', '.join(counted)}{f' - {said}' if said else ''}"]


def _line(finding: Answer) -> str:
    return f"{finding['code']} {finding['line'] or '-'}: {finding['message']} ({finding['shape']}) → {finding['mend']}"
