"""What each finding says to the people who receive it, in their language, and how a spreadsheet user mends it.

A shape is made of a few phrases in English, so a table of phrases translates it; tests hold that every code has
its sentences and every phrase that a contract or the reader can produce its translation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Literal, get_args

from contracts.words import de, en, fr, nl

Language = Literal["fr", "de", "nl", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_SENTENCES: Mapping[Language, Mapping[str, tuple[str, str]]] = {
    "fr": fr.SENTENCES,
    "de": de.SENTENCES,
    "nl": nl.SENTENCES,
    "en": en.SENTENCES,
}
_PHRASES: Mapping[Language, Mapping[str, str]] = {
    "fr": fr.PHRASES,
    "de": de.PHRASES,
    "nl": nl.PHRASES,
    "en": en.PHRASES,
}


def says(code: str, language: Language = "fr") -> str:
    """Gives the sentence of a code of the catalogue."""
    return _SENTENCES[language][code][0]


def mend(code: str, language: Language = "fr") -> str:
    """Gives what to do about a code, in the words of someone using a spreadsheet."""
    return _SENTENCES[language][code][1]


def shape_in(language: Language, shape: str | None) -> str | None:
    """Gives the same shape, phrase by phrase, in another language; what is no phrase (names of columns) stays."""
    if shape is None or not _PHRASES[language]:
        return shape
    return _translated(language, shape)


@lru_cache(maxsize=4096)  # a file has up to a hundred findings of each code, and few shapes
def _translated(language: Language, shape: str) -> str:
    every, phrases = _table(language)
    return every.sub(lambda found: _replaced(found, *phrases[found.lastindex or 0]), shape)


@cache
def _table(language: Language) -> tuple[re.Pattern[str], Mapping[int, tuple[re.Pattern[str], str]]]:
    """Gives one expression that finds any phrase, and each phrase under the number of its group in it."""
    phrases, group = {}, 1
    for source, text in _PHRASES[language].items():
        phrases[group] = re.compile(source), text
        group += 1 + phrases[group][0].groups
    alternatives = "|".join(f"({source})" for source in _PHRASES[language])
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)"), phrases


def _replaced(found: re.Match[str], phrase: re.Pattern[str], text: str) -> str:
    return phrase.sub(text, found[0])
