"""Short ways to declare the fields that contracts share; what each means is in `model.Field`."""

from __future__ import annotations

from contracts import codes
from contracts.model import Field, Nature

_TITLE = "at most 120 characters: letters, digits and common signs"


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


def count(name: str, *, maximum: float | None = None, required: bool = False) -> Field:
    """Declares a whole number from 0."""
    return Field(name, "int", "coded", required, maximum=maximum, expected="a whole number")


def decimal(name: str, *, minimum: float, maximum: float, required: bool = False) -> Field:
    """Declares a number with a point, between two bounds that are included."""
    return Field(name, "decimal", "coded", required, minimum=minimum, maximum=maximum, expected="a number such as 19.5")


def sender_version(name: str, *, required: bool = False) -> Field:
    """Declares a sender's version of an entity, from 1."""
    return Field(name, "int", "coded", required, minimum=1, expected="a whole number from 1")


def technical() -> tuple[Field, ...]:
    """Declares the columns that open every row of a partner: which notice it is, of when, and which version."""
    return (
        coded_text("notice_id", codes.NOTICE_ID, "1 to 36 letters, digits or dashes", required=True),
        sender_version("version", required=True),
        code("notice_status", codes.NOTICE_STATUS, required=True),
        date("effective_date", required=True),
        moment("recorded_at", required=True),
    )


def reference(name: str, *, required: bool = False) -> Field:
    """Declares a reference that a partner gives to a thing: a contract, an enrolment, an event, an offer."""
    return coded_text(name, codes.REFERENCE, "at most 20 capitals, digits or dashes", required=required)


def title(name: str, *, required: bool = False) -> Field:
    """Declares the name of a thing, never of a person."""
    return Field(name, "text", "coded", required, pattern=codes.TITLE, max_length=120, expected=_TITLE)


def enterprise(name: str, *, required: bool = False) -> Field:
    """Declares a number of the Crossroads Bank for Enterprises; `checks` says which numbers are possible."""
    return Field(name, "text", "coded", required, expected="10 digits")


def listed(name: str, pattern: str, expected: str, *, required: bool = False) -> Field:
    """Declares one or more coded texts of one form, joined by a vertical bar."""
    return Field(name, "list", "coded", required, pattern=pattern, expected=expected)


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


def national_number(name: str, *, required: bool = True) -> Field:
    """Declares a person number (NISS)."""
    return Field(name, "niss", "direct", required, expected="11 digits")


def token() -> Field:
    """Declares the token under which a recipient knows a person."""
    return person("subject_token", required=True, pattern=codes.SUBJECT_TOKEN, expected="a token w1")


def sealed(name: str, *, required: bool = False) -> Field:
    """Declares a column that only its recipient can open."""
    return person(name, required=required, pattern=codes.CAPSULE, expected="a sealed text c1")
