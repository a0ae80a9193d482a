"""From rows that name a person to events that do not: the last step that can see a NISS.

A person gets a random subject id; the keyed hash of the NISS is only an index to find it again. What a
recipient may know of the person is sealed to that recipient's public key, once, here. The rest of the
hub carries coded columns, the subject id, and capsules that it cannot open.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from contracts.model import Contract
from hub import kem
from hub.kernels import STEP, Siv, base64url, hmacs, sixteens
from hub.keys import Key, PartnerKey
from hub.model import FOREM, Event
from hub.vault import Unsealed

_INDEX = b"passerelle/index/1|BE:NISS|"
_NISS = r"^[0-9]{11}$"

# What each side may have of a person, column by column (rulings 5 and 7).
CPAS_IDENTITY = ("niss", "last_name", "first_name", "birth_date")
FOREM_IDENTITY = (
    *CPAS_IDENTITY,
    *("sex", "phone", "email", "residence_nis", "postal_code"),
    *("referent_id", "referent_phone", "referent_email"),
)
LOCAL_REFERENCE = ("cpas_dossier_ref",)

MANY = 1_000  # numbers, from which looking for those that are there again is worth it
FEW = 16  # subject ids, up to which one after the other is faster than a column, which has to be prepared

Row = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Capsule:
    """Sealed values about the person of one event, for one recipient; `local` for its own reference."""

    event_id: str
    recipient: str
    entity_id: str
    sid: str
    kid: str
    sealed: str
    local: bool


def index(niss: str, key: Key) -> bytes:
    """The 16-byte index of a NISS: HMAC-SHA-256 (FIPS 198-1), cut to 128 bits. Not a pseudonym."""
    return hmac.digest(key.secret, _INDEX + niss.encode("ascii"), "sha256")[:16]


def indexes(numbers: Iterable[str] | pl.Series, key: Key) -> list[bytes]:
    """The `index` of each NISS, in order; the key is prepared once for all of them.

    In a long column in which most are there several times, each is hashed once.
    """
    column = numbers if isinstance(numbers, pl.Series) else pl.Series(list(numbers), dtype=pl.String)
    if column.len() >= MANY and column.str.contains(_NISS).all():
        whole = column.cast(pl.Int64)  # eleven digits are told apart faster as a number
        distinct = whole.unique()
        if 2 * distinct.len() <= column.len():
            made = pl.DataFrame({"n": distinct, "made": _hashed(distinct.cast(pl.String).str.zfill(11), key)})
            return whole.to_frame("n").join(made, on="n", how="left", maintain_order="left")["made"].to_list()
    return _hashed(column, key)


def _hashed(column: pl.Series, key: Key) -> list[bytes]:
    return hmacs(key.secret, _INDEX, column.cast(pl.Binary).to_list(), 16)


class Tokens:
    """The tokens of one recipient: AES-SIV (RFC 5297) of the subject id under a key of its own.

    Deterministic for a recipient, unlinkable between recipients, and refused when another presents it.
    """

    def __init__(self, recipient: str, key: Key) -> None:
        info = f"passerelle/token/1|recipient={recipient}|{key.kid}".encode()
        self._key = HKDFExpand(hashes.SHA256(), 64, info).derive(key.secret)
        self._siv = AESSIV(self._key)
        self._data = [b"passerelle/token/1", recipient.encode(), key.kid.encode()]
        self._kid = key.kid

    def token(self, sid: str) -> str:
        """`w1.<kid>.<43 characters>` for a subject id of 32 hexadecimal digits."""
        sealed = self._siv.encrypt(bytes.fromhex(sid), self._data)
        return f"w1.{self._kid}.{_b64(sealed)}"

    def column(self, sids: Sequence[str]) -> pl.Series:
        """The `token` of each subject id, in order, made as one column (`hub.kernels`)."""
        return pl.Series("token", self._lines(sids), dtype=pl.String).str.split("\n").explode()

    def by_sid(self, sids: Sequence[str]) -> dict[str, str]:
        """The `token` of each subject id, whichever way is the faster for so many."""
        if len(sids) <= FEW:
            return {sid: self.token(sid) for sid in sids}
        return dict(zip(sids, "\n".join(self._lines(sids)).split("\n"), strict=True))

    def _lines(self, sids: Sequence[str]) -> list[str]:
        """The tokens, a line each, in parts."""
        siv, first = Siv(self._key, self._data), f"w1.{self._kid}."
        parts = (sixteens(sids[at : at + STEP]) for at in range(0, len(sids), STEP))
        return [base64url(*siv.encrypt(part), first) for part in parts]


def seal(values: Row, key: PartnerKey) -> str:
    """Seal the values that are present, as canonical JSON, to `key` with HPKE base mode (RFC 9180)."""
    plain = canonical({name: value for name, value in values.items() if value is not None})
    sealed = kem.suite_of(key.public).encrypt(plain, key.public, info=_info(key.recipient, key.kid))
    return f"c1.{key.kid}.{_b64(sealed)}"


def open_capsule(text: str, kid: str, recipient: str, private: kem.Private) -> dict[str, str]:
    """Give back what `seal` sealed to this key; ValueError when it was sealed to another or altered."""
    try:
        version, sealed_kid, body = text.split(".")
        if (version, sealed_kid) != ("c1", kid):
            raise ValueError
        plain = kem.suite_of(private).decrypt(_unb64(body), private, info=_info(recipient, kid))
    except Exception:  # noqa: BLE001  every failure of the library is the same answer: not for this key
        raise ValueError("not sealed to this key") from None
    opened: dict[str, str] = json.loads(plain)
    return opened


def build_event(
    row: Row,
    contract: Contract,
    *,
    source: str,
    sid: str,
    message_id: str,
    received_at: datetime,
    replaced_by: str | None = None,
) -> Event:
    """The event of one accepted row: coded columns only. `sid` is empty where the row concerns nobody.

    `replaced_by` is the subject of the number that the registers put in the place of this one: part of what they
    state, so that two numbers put in its place at one version are a contradiction.

    The content hash leaves out the sender's id of the row, the time at which it was written down, the subject id, and
    empty columns that version 1 of the contract has not, so that the same statement sent twice is the same content,
    under whichever versions. The event's id adds who said it, of which entity and of whom.
    """
    entity, version = _entity(row, contract, source, sid), int(str(row["version"]))
    payload = {name: row[name] for name in contract.named("coded")}
    unsaid = {"notice_id", "recorded_at", *(name for name in contract.added if payload[name] is None)}
    stated = {name: value for name, value in payload.items() if name not in unsaid}
    stated |= {"replaced_by": replaced_by} if replaced_by else {}
    content = hashlib.sha256(canonical(stated)).hexdigest()
    identity = canonical([contract.feed, source, entity, version, content, sid])
    return Event(
        event_id=hashlib.sha256(identity).hexdigest(),
        feed=contract.feed,
        source=source,
        entity_id=entity,
        sid=sid,
        about=replaced_by or _about(row, contract),
        version=version,
        notice_status=int(str(row["notice_status"])),
        effective_date=date.fromisoformat(str(row[str(contract.effective_date)])),
        recorded_at=datetime.fromisoformat(str(row["recorded_at"])),
        received_at=received_at,
        message_id=message_id,
        line=int(str(row["line"])),
        content=content,
        payload=payload,
    )


def _entity(row: Row, contract: Contract, source: str, sid: str) -> str:
    """What the row states, by its sender's own columns; a referral alone is known by one name to both sides."""
    if contract.entity == ("referral_id",):
        return str(row["referral_id"])
    person = [sid] if contract.within_person else []
    return "|".join([contract.feed, source, *person, *(row[name] or "" for name in contract.entity)])


def _about(row: Row, contract: Contract) -> str | None:
    """The entity that the row names beside its own: a referral by its one name, else an event of Le Forem's."""
    named = row.get(contract.about) if contract.about else None
    return f"JOBD|{FOREM}|{named}" if named and contract.about == "event_id" else named


def build_capsules(row: Row, event: Event, keys: Mapping[str, PartnerKey]) -> list[Capsule]:
    """Seal what the sender and Le Forem may know of the person, each to its own key (`unsealed`: who has none)."""
    of_all = _known_to(row, event)
    return [_capsule(one, keys[one.recipient]) for one in of_all if one.recipient in keys]


def unsealed(row: Row, event: Event, keys: Mapping[str, PartnerKey]) -> list[Unsealed]:
    """What the sender and Le Forem may know of the person, where they have no key to which it could be sealed."""
    return [one for one in _known_to(row, event) if one.recipient not in keys]


def _known_to(row: Row, event: Event) -> Iterator[Unsealed]:
    for recipient in dict.fromkeys((event.source, FOREM)):
        told = (event.event_id, recipient, event.entity_id, event.sid)
        columns = FOREM_IDENTITY if recipient == FOREM else CPAS_IDENTITY
        yield Unsealed(*told, False, {name: row.get(name) for name in columns})
        if recipient != FOREM and any(row.get(name) for name in LOCAL_REFERENCE):
            yield Unsealed(*told, True, {name: row.get(name) for name in LOCAL_REFERENCE})


def canonical(value: object) -> bytes:
    """One spelling of a JSON value: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _capsule(one: Unsealed, key: PartnerKey) -> Capsule:
    return Capsule(one.event_id, key.recipient, one.entity_id, one.sid, key.kid, seal(one.values, key), one.local)


def _info(recipient: str, kid: str) -> bytes:
    return f"passerelle/capsule/1|{recipient}|{kid}".encode()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
