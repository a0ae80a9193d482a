"""The answer of `passerelle check` as a text to read on a terminal, in four languages."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from contracts.words import Language

_SHOWN = 10  # lines named for each code; the JSON has more

_TEXTS: dict[Language, dict[str, str]] = {
    "fr": {
        "ACCEPTED": "Fichier accepté",
        "REFUSED": "Fichier refusé",
        "counts": "{read} lues = {accepted} acceptées + {rejected} rejetées + {duplicate} en double"
        " + {superseded} remplacées ; {warnings} avec avertissement",
        "ERROR": "erreur",
        "WARNING": "avertissement",
        "INFO": "information",
        "times": "{n} fois",
        "line": "ligne {line}",
        "column": "colonne {column}",
        "colon": " : ",
        "more": "… et {n} de plus",
    },
    "de": {
        "ACCEPTED": "Datei angenommen",
        "REFUSED": "Datei abgelehnt",
        "counts": "{read} gelesen = {accepted} angenommen + {rejected} abgelehnt + {duplicate} doppelt"
        " + {superseded} ersetzt; {warnings} mit Hinweis",
        "ERROR": "Fehler",
        "WARNING": "Hinweis",
        "INFO": "Information",
        "times": "{n} Mal",
        "line": "Zeile {line}",
        "column": "Spalte {column}",
        "colon": ": ",
        "more": "… und {n} weitere",
    },
    "nl": {
        "ACCEPTED": "Bestand aanvaard",
        "REFUSED": "Bestand geweigerd",
        "counts": "{read} gelezen = {accepted} aanvaard + {rejected} geweigerd + {duplicate} dubbel"
        " + {superseded} vervangen; {warnings} met waarschuwing",
        "ERROR": "fout",
        "WARNING": "waarschuwing",
        "INFO": "informatie",
        "times": "{n} keer",
        "line": "regel {line}",
        "column": "kolom {column}",
        "colon": ": ",
        "more": "… en nog {n}",
    },
    "en": {
        "ACCEPTED": "File accepted",
        "REFUSED": "File refused",
        "counts": "{read} read = {accepted} accepted + {rejected} rejected + {duplicate} duplicate"
        " + {superseded} superseded; {warnings} with a warning",
        "ERROR": "error",
        "WARNING": "warning",
        "INFO": "information",
        "times": "{n} times",
        "line": "line {line}",
        "column": "column {column}",
        "colon": ": ",
        "more": "… and {n} more",
    },
}


def lines(answer: dict[str, Any], language: Language) -> Iterator[str]:
    """The verdict, the counts, then each code once: what it says, how to mend it, and where it was found."""
    words = _TEXTS[language]
    of = f"{words['colon']}{answer['feed']} {answer['version']}" if answer["feed"] else ""
    yield words[answer["verdict"]] + of
    if answer["read"]:
        yield words["counts"].format_map(answer)
    order = sorted(answer["findings"], key=lambda f: (f["code"] != answer["code"], f["code"]))
    for code, found in groupby(order, key=itemgetter("code")):
        yield from _of_code(words, list(found), answer["codes"].get(code, 1))


def _of_code(words: dict[str, str], found: list[dict[str, Any]], count: int) -> Iterator[str]:
    first = found[0]
    times = f", {words['times'].format(n=count)}" if count > 1 else ""
    yield ""
    yield f"{first['code']} ({words[first['severity']]}{times}) {first['message']}"
    yield f"    → {first['mend']}"
    placed = [f for f in found if f["line"] is not None or f["shape"]][:_SHOWN]
    for finding in placed:
        yield f"    {_where(words, finding)}"
    if placed and count > len(placed):
        yield f"    {words['more'].format(n=count - len(placed))}"


def _where(words: dict[str, str], finding: dict[str, Any]) -> str:
    named = ", ".join(words[part].format_map(finding) for part in ("line", "column") if finding[part] is not None)
    return words["colon"].join(part for part in (named, finding["shape"]) if part)
