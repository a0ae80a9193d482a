"""The keys of envelopes: the hub's own, made from its keys `opening` and `signing`, and those that partners gave.

Of X25519, ML-KEM and Ed25519 the hub's private keys are derived (HKDF) each time; one that its own tool must draw (age,
X.509, OpenPGP) is made once and kept beside the ring, sealed under the key that it belongs to. A partner's are in
`<partner>.keys`, JSON: for each its use, kind, public half and dates.
"""

import base64
import binascii
import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connectors import age, cms, ed25519, hpke, openpgp
from hub.envelope_kinds import BARE, ENVELOPES, UNSAID, KeyKind, Use
from hub.errors import InvariantBroken, OperatorError
from hub.keys import Key, KeyRing
from hub.partners import Registry

NAME = "Passerelle"  # of the hub in its certificates
PURPOSE: Mapping[Use, str] = MappingProxyType({"SEAL": "opening", "SIGN": "signing"})


def _always(_public: str) -> tuple[date, date]:
    return date.min, date.max


def _of_certificate(public: str) -> tuple[date, date]:
    begins, ends = cms.dates(public)
    return begins.date(), ends.date()


def _of_openpgp(public: str) -> tuple[date, date]:
    ends = openpgp.until(public)
    return date.min, ends.date() if ends else date.max


_CMS = KeyKind(0, lambda at: cms.make(NAME, at), cms.public, _of_certificate)
_OPENPGP = KeyKind(0, lambda _at: openpgp.make(NAME), openpgp.public, _of_openpgp)
KINDS: Mapping[tuple[Use, str], KeyKind] = MappingProxyType(
    {
        ("SEAL", "HPKE"): KeyKind(hpke.SECRET, None, hpke.public, _always),
        ("SEAL", "HPKE_PQ"): KeyKind(hpke.SECRET_PQ, None, hpke.public_pq, _always),
        ("SEAL", "AGE"): KeyKind(0, lambda _at: age.make(), age.public, _always),
        ("SEAL", "CMS"): _CMS,
        ("SEAL", "OPENPGP"): _OPENPGP,
        ("SIGN", "ED25519"): KeyKind(ed25519.SECRET, None, ed25519.public, _always),
        ("SIGN", "CMS"): _CMS,
        ("SIGN", "OPENPGP"): _OPENPGP,
    }
)


@dataclass(frozen=True, slots=True)
class TheirKey:
    """A public key that a partner gave; it holds from `since` to `until`, both included."""

    use: Use
    kind: str
    public: str
    since: date
    until: date

    def holds(self, day: date) -> bool:
        """Whether it may be used on that day, by its own dates too."""
        first, last = KINDS[self.use, self.kind].dates(self.public)
        return max(self.since, first) <= day <= min(self.until, last)


def read_their_keys(folder: Path, partner: str) -> tuple[TheirKey, ...]:
    """The keys that a partner gave, in their order. Raises OperatorError when they are missing or cannot be read."""
    path = folder / f"{partner}.keys"
    try:
        content = json.loads(path.read_text())
        keys = tuple(_read(entry) for entry in content["keys"])
        if content["partner"] != partner or any((key.use, key.kind) not in KINDS for key in keys):
            raise ValueError
    except FileNotFoundError:
        raise OperatorError(f"{partner} is not BARE in envelopes.csv, and {path.name} is missing") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise OperatorError(f"{path.name} does not hold the keys of that partner's envelopes") from None
    return keys


def secret_of(ring: KeyRing, key: Key, use: Use, kind: str) -> bytes:
    """The hub's private key of that kind. Raises OperatorError when it is one that is made once, and was not."""
    drawn = KINDS[use, kind].drawn
    if drawn:
        return _derived(key, kind, drawn)
    text = ring.provider.read(_file(key, kind))
    if text is None:
        raise OperatorError(f"the key {key.kid} for {key.purpose} has no {kind} key: run `passerelle keys envelopes`")
    try:
        raw = base64.b64decode(text, validate=True)
        return AESGCM(_derived(key, "keep", 32)).decrypt(raw[:12], raw[12:], _file(key, kind).encode())
    except (ValueError, binascii.Error, InvalidTag):
        raise OperatorError(f"{_file(key, kind)} cannot be read: restore it") from None


def missing_kinds(ring: KeyRing, registry: Registry) -> list[tuple[Use, str]]:
    """The kinds of the hub's own keys that are made once, and that were not yet for the keys in force."""
    made_once = [(use, kind) for use, kind in kinds_of(registry) if KINDS[use, kind].made]
    return [one for one in made_once if ring.provider.read(_file(ring.active(PURPOSE[one[0]]), one[1])) is None]


def make_missing(ring: KeyRing, registry: Registry, at: datetime) -> list[Key]:
    """Make those of `missing_kinds`; for which of the keys in force, one for each that was made."""
    with ring.provider.alone():
        return [_make(ring, use, kind, at) for use, kind in missing_kinds(ring, registry)]


def _make(ring: KeyRing, use: Use, kind: str, at: datetime) -> Key:
    key, making = ring.active(PURPOSE[use]), KINDS[use, kind].made
    if making is None:
        raise InvariantBroken(f"a {kind} key is drawn from another, and not made")
    nonce = os.urandom(12)
    sealed = AESGCM(_derived(key, "keep", 32)).encrypt(nonce, making(at), _file(key, kind).encode())
    ring.provider.write(_file(key, kind), base64.b64encode(nonce + sealed).decode())
    return key


def our_public(ring: KeyRing, registry: Registry) -> list[dict[str, str]]:
    """The public halves of the hub's keys in force, of the kinds that the registry names: what partners are given."""
    found = []
    for use, kind in kinds_of(registry):
        key = ring.active(PURPOSE[use])
        public = KINDS[use, kind].public(secret_of(ring, key, use, kind))
        found.append({"use": use, "kind": kind, "kid": key.kid, "public": public})
    return found


def kinds_of(registry: Registry) -> list[tuple[Use, str]]:
    """The kinds of the hub's own keys that the registry's envelopes need, on any day."""
    return sorted(set(_needed(registry)))


def _needed(registry: Registry) -> Iterator[tuple[Use, str]]:
    yield "SIGN", ENVELOPES[UNSAID.receives].signing
    for agreed in (agreed for rows in registry.envelopes.values() for _, agreed in rows):
        if agreed.sends != BARE and (sealing := ENVELOPES[agreed.sends].sealing):
            yield "SEAL", sealing
        yield "SIGN", ENVELOPES[agreed.receives].signing


def of(keys: Collection[TheirKey], use: Use, kind: str) -> list[TheirKey]:
    """The keys of a use and kind, the one that holds last first."""
    return sorted((key for key in keys if (key.use, key.kind) == (use, kind)), key=lambda k: k.since, reverse=True)


def _read(entry: dict[str, str]) -> TheirKey:
    since, until = date.fromisoformat(entry["since"]), entry.get("until")
    if entry["use"] not in ("SEAL", "SIGN"):
        raise ValueError
    use: Use = "SEAL" if entry["use"] == "SEAL" else "SIGN"
    return TheirKey(
        use, str(entry["kind"]), str(entry["public"]), since, date.fromisoformat(until) if until else date.max
    )


def _derived(key: Key, what: str, length: int) -> bytes:
    info = f"passerelle/envelope/1|{key.purpose}|{what}".encode()
    return HKDF(SHA256(), length, salt=None, info=info).derive(key.secret)


def _file(key: Key, kind: str) -> str:
    return f"{key.purpose}-{key.kid}-{kind.lower()}.key"
