"""Values of a profile's TOML, each checked where it stands; what is wrong is told with its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from contracts.profiles.model import ProfileProblem, Says

T = TypeVar("T")
Toml = Mapping[str, Any]

_SAYS = {"fr", "en"}


def keyed(key: str, value: Any, known: set[str], required: Iterable[str] = ()) -> Toml:
    """Gives a table that has the required keys and none but the known ones."""
    table = toml(key, value)
    if unknown := sorted(table.keys() - known):
        raise ProfileProblem(f"{key}: unknown key {', '.join(unknown)}")
    if missing := sorted(set(required) - table.keys()):
        raise ProfileProblem(f"{key}: missing key {', '.join(missing)}")
    return table


def toml(key: str, value: Any) -> Toml:
    """Gives a table."""
    return value_of(key, value, dict)


def value_of(key: str, value: Any, kind: type[T]) -> T:
    """Gives a value of this type; a true or false is no number here."""
    if type(value) is not kind:
        raise ProfileProblem(f"{key}: {kind.__name__} expected")
    return value


def texts(key: str, value: Any) -> tuple[str, ...]:
    """Gives a list of texts."""
    return tuple(value_of(key, text, str) for text in value_of(key, value, list))


def forms_of(key: str, value: Any, known: Mapping[str, Any]) -> tuple[str, ...]:
    """Gives a list of forms, all of them known."""
    forms = texts(key, value)
    if unknown := [form for form in forms if form not in known]:
        raise ProfileProblem(f"{key}: {unknown[0]}: the forms are {', '.join(known)}")
    return forms


def one_of(key: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    """Gives one of the allowed texts."""
    if value not in allowed:
        raise ProfileProblem(f"{key}: one of {', '.join(allowed)}")
    return value


def says(key: str, value: Any) -> Says:
    """Gives a sentence in French and in English."""
    table = keyed(key, value, _SAYS, _SAYS)
    french, english = (value_of(f"{key}.{language}", table[language], str).strip() for language in ("fr", "en"))
    if not (french and english):
        raise ProfileProblem(f"{key}: a sentence in fr and in en is needed")
    return french, english
