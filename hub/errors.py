"""Errors of the hub, by who must act. A partner's bad data is never one of them: it is a value with findings.

No text of an error carries a value from a row, a name a partner gave to a file, or a key.
"""
# ruff: noqa: N818  an error is named after what happened; `Transient` reads as itself where it is caught

import traceback
from pathlib import Path
from typing import NoReturn, TypeVar

E = TypeVar("E", bound=BaseException)


class HubError(Exception):
    """Something stopped the hub; `exit_code` is what the command line returns."""

    exit_code = 11


class OperatorError(HubError):
    """The operator must act: settings, keys, the registry, a denied login."""

    exit_code = 11


class Transient(HubError):
    """Nobody must act yet: the same call may succeed later."""

    exit_code = 12


class InvariantBroken(HubError):
    """A developer must act: a promise of the hub does not hold, nothing more was done."""

    exit_code = 13


class UnforeseenError(HubError):
    """An error that nobody foresaw: only its class and where it arose are told. Tried again like any other."""

    exit_code = 13


def bare(error: E) -> E:
    """The error with nothing hanging on to it: no errors before it, no notes, no frames, whose locals hold rows."""
    error.__traceback__ = error.__cause__ = error.__context__ = None
    error.__dict__.pop("__notes__", None)
    return error


def raise_bare(error: BaseException) -> NoReturn:
    """Raise the error bare even where another is being handled, which the interpreter would hang on to it."""
    try:
        raise error
    except BaseException:
        bare(error)
        raise


def unforeseen(error: BaseException) -> UnforeseenError:
    """What may be told of any error, whose text may hold a value of a row: its class and where it arose.

    Raise it after the `except` or by `raise_bare`: nothing of the error then hangs on to it.
    """
    where = [f"{Path(at.filename).name}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__)]
    return UnforeseenError(f"{type(error).__name__} at {' < '.join(reversed(where[-6:]))}")
