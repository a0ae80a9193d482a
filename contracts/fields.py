"""Short ways to declare the fields that contracts share; what each means is in `model.Field`."""

from __future__ import annotations

from contracts import codes
from contracts.model import Field, Nature


def code(name: str, allowed: tuple[str, ...], *, required: bool = False, nature: Nature = "coded") -> Field:
    """Declares one code of a closed list."""
    return Field(name, "code", nature, required, codes=allowed, expected="a code of the list")


def flag(name: str, *, required: bool = False) -> Field:
    """Declares a yes (1) or no (0)."""
    return Field(name, "bool", "coded", required, codes=codes.BOOLEANS, expected="1 or 0")


def listing(name: str, allowed: tuple[str, ...], *, required: bool = False) -> Field:
    """Declares one or more codes of a closed list, joined by a vertical bar."""
    return Field(name, "list", "coded", required, codes=allowed, expected="codes of the list, joined by |")


def coded_text(name: str, pattern: str, expected: str, *, required: bool = False) -> Field:
    """Declares a coded text of a given form, such as a reference."""
    return Field(name, "text", "coded", required, pattern=pattern, expected=expected)


def date(name: str, *, required: bool = False) -> Field:
    """Declares a full calendar date."""
    return Field(name, "date", "coded", required, expected="a date YYYY-MM-DD")


def moment(name: str, *, required: bool = False) -> Field:
    """Declares a timestamp with its offset."""
    return Field(name, "timestamp", "coded", required, expected="a timestamp YYYY-MM-DDThh:mm:ss+hh:mm")


def count(name: str, *, required: bool = False) -> Field:
    """Declares a whole number from 0."""
    return Field(name, "int", "coded", required, expected="a whole number")


def sender_version(name: str, *, required: bool = False) -> Field:
    """Declares a sender's version of an entity, from 1."""
    return Field(name, "int", "coded", required, minimum=1, expected="a whole number from 1")


def person(
    name: str,
    *,
    required: bool = False,
    pattern: str | None = None,
    max_length: int | None = None,
    expected: str = "a text without line breaks",
) -> Field:
    """Declares a text that says who somebody is: it never reaches the ledger."""
    return Field(name, "text", "direct", required, pattern=pattern, max_length=max_length, expected=expected)


def token() -> Field:
    """Declares the token under which a recipient knows a person."""
    return person("subject_token", required=True, pattern=codes.SUBJECT_TOKEN, expected="a token w1")


def sealed(name: str, *, required: bool = False) -> Field:
    """Declares a column that only its recipient can open."""
    return person(name, required=required, pattern=codes.CAPSULE, expected="a sealed text c1")
