"""The dictionary attack on what the hub publishes: every number that anybody can have, tried with the keys that leaked.

There are some 46 million persons' numbers; who can compute what was published of a number has them all within minutes.
Here the people are invented, with order numbers that nobody has, and the attacker tries every such number of the years
of birth. Nothing is measured here: the benchmark prints what is found, and a test holds it.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from hub.kernels import hmacs
from hub.keys import Key, PartnerKey, public_key_id
from hub.model import FOREM
from hub.pseudonymise import Tokens, indexes, seal

FIRST, LAST = date(1955, 1, 1), date(2007, 12, 31)
ORDERS = (0, 999)  # of nobody
WINDOW = 8  # bytes that are compared: whatever was cut to 64 bits or more is found
_DIGITS = re.compile(r"(?=(\d{11}))")


@dataclass(frozen=True, slots=True)
class World:
    """So many people and the keys of a hub: subject ids by number, and what finds them again by index."""

    index_key: Key
    token_key: Key
    people: Mapping[str, str]

    def subject_index(self) -> dict[bytes, str]:
        """The table of the identity store: the subject id by index."""
        return dict(zip(indexes(self.people, self.index_key), self.people.values(), strict=True))


def candidates() -> list[str]:
    """Every number with a right check, of these orders and years of birth: all that an attacker has to try."""
    days = (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))
    return [_number(day, order) for day in days for order in ORDERS]


def world(persons: int, seed: int = 11) -> World:
    """Invented people drawn from all candidates, and invented keys: the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - the same people on every machine
    numbers = dice.sample(candidates(), persons)
    people = {number: dice.randbytes(16).hex() for number in numbers}
    return World(_key("aaaa", "index", dice), _key("bbbb", "token", dice), people)


def tokens(world: World, recipients: Iterable[str]) -> dict[str, list[str]]:
    """The tokens of everybody for each recipient."""
    sids = list(world.people.values())
    return {recipient: Tokens(recipient, world.token_key).column(sids).to_list() for recipient in recipients}


def capsules(world: World, sender: str) -> Iterator[str]:
    """What is sealed about each person, to its CPAS and to Le Forem."""
    keys = [_partner_key(recipient) for recipient in (sender, FOREM)]
    for number in world.people:
        stated = {"niss": number, "last_name": "CANARI", "first_name": "Zoé", "birth_date": "1985-07-30"}
        yield from (seal(stated, key) for key in keys)


def referrals(world: World) -> Iterator[str]:
    """The referral's own id for each person, in clear as it travels."""
    return (f"R62063-2026-{n:07}" for n in range(len(world.people)))


def unkeyed(world: World) -> list[str]:
    """What must not be done: the plain SHA-256 of each number instead of a token."""
    return [hashlib.sha256(number.encode()).hexdigest() for number in world.people]


def keyed(world: World) -> list[str]:
    """What must not be done either: the keyed index of each number instead of a token."""
    return [f"w1.aaaa.{_b64(made)}" for made in indexes(world.people, world.index_key)]


class Dictionary:
    """What somebody who holds this key and tries all these numbers looks for in what is published.

    A number itself; its SHA-256 and its HMAC under the key, with our first words and without; its token, were the index
    the subject id and this the token key too. Anywhere in a text, or in what a part of it decodes to.
    """

    def __init__(self, tried: Sequence[str], key: Key, recipients: Iterable[str] = ()) -> None:
        self._numbers = frozenset(tried)
        self._made: dict[bytes, str] = {}
        for form in _forms(tried, key, recipients):
            self._made |= {made[:WINDOW]: number for made, number in zip(form, tried, strict=True)}

    def recovered(self, published: Iterable[str]) -> set[str]:
        """The numbers found in these texts."""
        found, made = set[str](), self._made
        for text in published:
            found |= self._numbers.intersection(_DIGITS.findall(text))
            for raw in map(_decoded, text.split(".")):
                windows = (raw[at : at + WINDOW] for at in range(len(raw) - WINDOW + 1))
                found |= {made[window] for window in windows if window in made}
        return found


def looked_up(subject_index: Mapping[bytes, str], tried: Sequence[str], key: Key) -> dict[str, str]:
    """The subject ids found by number with this key and the identity store's index: everybody, if it is the key."""
    made = zip(tried, indexes(tried, key), strict=True)
    return {number: subject_index[index] for number, index in made if index in subject_index}


def in_common(made: Mapping[str, Sequence[str]]) -> int:
    """How many tokens of all recipients are not the only one of their kind: 0 where no two can be joined."""
    bodies = pl.concat([pl.Series(some, dtype=pl.String) for some in made.values()])
    return bodies.len() - bodies.n_unique()


def accepted(presented: Iterable[str], recipient: str, key: Key) -> int:
    """How many of the tokens presented the library opens under this recipient's key and for it."""
    info = f"passerelle/token/1|recipient={recipient}|{key.kid}".encode()
    siv = AESSIV(HKDFExpand(hashes.SHA256(), 64, info).derive(key.secret))
    data, count = [b"passerelle/token/1", recipient.encode(), key.kid.encode()], 0
    for token in presented:
        try:
            siv.decrypt(base64.urlsafe_b64decode(token[-43:] + "="), data)
            count += 1
        except InvalidTag:
            continue
    return count


def _forms(tried: Sequence[str], key: Key, recipients: Iterable[str]) -> Iterator[list[bytes]]:
    """What each number would have been made into, one way after the other."""
    values, ours = [number.encode() for number in tried], indexes(tried, key)
    yield [hashlib.sha256(value).digest() for value in values]
    yield hmacs(key.secret, b"", values)
    yield ours
    for recipient in recipients:
        made = Tokens(recipient, key).column([index.hex() for index in ours])
        yield [base64.urlsafe_b64decode(token[-43:] + "=") for token in made]


def _decoded(part: str) -> bytes:
    """What a part of a text is in hexadecimal, else in base64url; nothing if it can be neither."""
    try:
        return bytes.fromhex(part)
    except ValueError:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) if len(part) % 4 != 1 else b""


def _key(kid: str, purpose: str, dice: random.Random) -> Key:
    return Key(kid, purpose, "active", "2026-11-22", dice.randbytes(32))


def _number(day: date, order: int) -> str:
    nine = f"{day:%y%m%d}{order:03}"
    whole = int(nine) + (2_000_000_000 if day.year >= 2000 else 0)
    return f"{nine}{97 - whole % 97:02}"


def _partner_key(recipient: str) -> PartnerKey:
    public = X25519PrivateKey.generate().public_key()
    return PartnerKey(public_key_id(public), recipient, public)


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
