"""How a person is found by number: the seam between pseudonymising and whoever has the key of the index.

`Keyed` is what runs: the key is at hand. `Blind` has no key: it asks a holder, who learns no number and no index
(`hub.blind`). No setting turns it on; what it would change is on the page docs/blind-resolution.md.
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hub.blind import blind, finalise, random_blind
from hub.errors import OperatorError
from hub.keys import Key, KeyRing
from hub.pseudonymise import indexes

WIDTH = 16  # bytes of an index, whichever way it was made

Holder = Callable[[Sequence[bytes]], Sequence[bytes]]
"""Whoever has the key, wherever it is: the answers to questions, in order, as `hub.blind.evaluate` gives them."""


class Resolver(Protocol):
    """What pseudonymising needs: under which key an index is, and the index of each number."""

    @property
    def kid(self) -> str:
        """The id of the key, beside which the identity store keeps each index."""
        ...

    def indexes(self, numbers: Sequence[str]) -> list[bytes]:
        """16 bytes for each NISS, in order: under one key the same for the same number, and only for it."""
        ...


@dataclass(frozen=True, slots=True)
class Keyed:
    """Indexes by the key ring's own key (`hub.pseudonymise.indexes`)."""

    key: Key

    @property
    def kid(self) -> str:
        """The id of the ring's key."""
        return self.key.kid

    def indexes(self, numbers: Sequence[str]) -> list[bytes]:
        """The keyed hash of each."""
        return indexes(numbers, self.key)


@dataclass(frozen=True, slots=True)
class Blind:
    """Indexes by a key that another holds. `kid` is what the operator was told of it (`key_id`).

    The holder is asked for its key's id each time: should it answer with another key by mistake, that is an
    OperatorError, before one person becomes two. It is no proof against a holder that cheats.
    """

    kid: str
    holder: Holder

    def indexes(self, numbers: Sequence[str]) -> list[bytes]:
        """The number blinded, evaluated by the holder, the blind taken off; each number is asked once."""
        asked = list(dict.fromkeys(numbers))
        told, *made = _ask(self.holder, [_KEY, *(_NUMBER + number.encode("ascii") for number in asked)])
        if _spelt(told) != self.kid:
            raise OperatorError("the holder of the index key answers with another key than the one named")
        known = {number: output[:WIDTH] for number, output in zip(asked, made, strict=True)}
        return [known[number] for number in numbers]


def resolvers(ring: KeyRing) -> list[Resolver]:
    """Whom to ask for an index of each person: one for every key that may still find somebody, the active one first."""
    return [Keyed(key) for key in ring.usable("index") or [ring.active("index")]]


def key_id(holder: Holder) -> str:
    """The id of a holder's key, 8 characters of a-z2-7: made by the key itself, it gives nothing away."""
    (told,) = _ask(holder, [_KEY])
    return _spelt(told)


_KEY = b"passerelle/blind/1|key"
_NUMBER = b"passerelle/blind/1|BE:NISS|"


def _ask(holder: Holder, inputs: Sequence[bytes]) -> list[bytes]:
    scalars = [random_blind() for _ in inputs]
    answers = holder([blind(*each) for each in zip(inputs, scalars, strict=True)])
    try:
        return [finalise(*each) for each in zip(inputs, scalars, answers, strict=True)]
    except ValueError:  # too few or too many answers, or one that is no point
        raise OperatorError("the holder of the index key gives no usable answer") from None


def _spelt(output: bytes) -> str:
    return base64.b32encode(output[:5]).decode().lower()
