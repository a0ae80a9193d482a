"""What cannot be sealed yet, because its recipient has given no key: kept under a key of the person it is about.

Pure. The key of a person is wrapped by the key `vault` of the hub (AES-KW, RFC 3394), so that keys can be replaced
without touching what they lock, and all that is kept of a person is lost with one small row. Where rows are kept is
not decided here, nor when they are sealed.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from hub.errors import OperatorError
from hub.keys import Key

NONCE = 12
_TAMPERED = "what is kept in the vault does not open: the key or the row is not the one it was kept with"


@dataclass(frozen=True, slots=True)
class Unsealed:
    """What one recipient may know of the person of one event, in clear and in memory only; `local`: its reference."""

    event_id: str
    recipient: str
    entity_id: str
    sid: str
    local: bool
    values: Mapping[str, str | None] = field(repr=False)


def new_person_key(key: Key, random: Callable[[int], bytes] = os.urandom) -> bytes:
    """A person's key of 256 bits, wrapped: 40 bytes."""
    return aes_key_wrap(key.secret, random(32))


def unwrapped(wrapped: bytes, key: Key) -> bytes:
    """The person's key. Raises OperatorError when it was wrapped by another, or altered."""
    try:
        return aes_key_unwrap(key.secret, wrapped)
    except (InvalidUnwrap, ValueError):
        raise OperatorError(_TAMPERED) from None


def rewrapped(wrapped: bytes, old: Key, new: Key) -> bytes:
    """The same person's key under another key of the hub."""
    return aes_key_wrap(new.secret, unwrapped(wrapped, old))


def locked(one: Unsealed, secret: bytes, random: Callable[[int], bytes] = os.urandom) -> bytes:
    """The values that are present under the person's key: AES-256-GCM, bound to event, recipient and person."""
    present = {name: value for name, value in one.values.items() if value is not None}
    nonce = random(NONCE)
    return nonce + AESGCM(secret).encrypt(nonce, json.dumps(present).encode(), _bound(one))


def unlocked(one: Unsealed, sealed: bytes, secret: bytes) -> dict[str, str]:
    """The values again; `one` says whose they are, without them. Raises OperatorError when it is another's."""
    try:
        plain = AESGCM(secret).decrypt(sealed[:NONCE], sealed[NONCE:], _bound(one))
    except (InvalidTag, ValueError):
        raise OperatorError(_TAMPERED) from None
    values: dict[str, str] = json.loads(plain)
    return values


def _bound(one: Unsealed) -> bytes:
    named = ("passerelle/vault/1", one.event_id, one.recipient, one.entity_id, one.sid, str(int(one.local)))
    return "\x1f".join(named).encode()
