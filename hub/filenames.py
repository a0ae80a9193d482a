"""The one grammar of exchanged file names, and the manifest that a GO file carries.

It decides what a name says. Whether the name is true (sender known, day near, sequence next, digest right)
is left to `hub.verify`. A partner's text is never echoed: what is outside the grammar is None, and
`masked_shape` is all that may be kept of it.
"""

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, NoReturn, Self

InKind = Literal["FI", "GO", "TD"]
OutKind = Literal["FO", "GO"]
FileKind = Literal["DELTA", "SNAPSHOT"]

MANIFEST_BYTES = 65_536  # a manifest has ten short fields; what is longer is something else
_LARGEST = 2_147_483_647  # what an integer column of the ledger holds

_PARTNER = re.compile(r"[0-9]{6}")
_FEED = re.compile(r"[A-Z]{4}")
_STREAM = r"([A-Z]{4})\.([0-9]{6})\.([0-9]{8})\.([0-9]{5})\.([TR])"
_NUMBER = r"([1-9][0-9]?)"
_IN_DATA = re.compile(rf"(FI)\.{_STREAM}\.{_NUMBER}\.{_NUMBER}")
_IN_MARK = re.compile(rf"(GO|TD)\.{_STREAM}\.{_NUMBER}")
_OUT = re.compile(rf"FO\.{_STREAM}|GO\.{_STREAM}\.1")

_FILE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CONTRACT = re.compile(r"[a-z][a-z_]{0,40}/[1-9][0-9]{0,2}")
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{1,40000}={0,2}")  # base64; the longest is of a post-quantum OpenPGP key
_CHECKPOINT = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]{1,2000}")  # lines of text


def _require(met: bool, what: str) -> None:
    if not met:
        raise ValueError(f"outside the grammar of file names: {what}")


def _check_stream(feed: str, partner: str, sequence: int, environment: str) -> None:
    _require(_FEED.fullmatch(feed) is not None, "feed")
    _require(_PARTNER.fullmatch(partner) is not None, "partner")
    _require(1 <= sequence <= 99_999, "sequence")
    _require(environment in ("T", "R"), "environment")


def _stream(feed: str, partner: str, day: date, sequence: int, environment: str) -> str:
    return f"{feed}.{partner}.{day.isoformat().replace('-', '')}.{sequence:05d}.{environment}"


@dataclass(frozen=True, slots=True)
class InName:
    """A file in a partner's `in/`: FI data, GO which starts its processing, TD which withdraws it.

    `part` counts the data files from 1 to `parts`; GO and TD speak of all of them and have None.
    Building a name outside the grammar is a ValueError.
    """

    kind: InKind
    feed: str
    sender: str
    day: date
    sequence: int
    environment: str
    parts: int = 1
    part: int | None = None

    def __post_init__(self) -> None:
        _require(self.kind in ("FI", "GO", "TD"), "kind")
        _check_stream(self.feed, self.sender, self.sequence, self.environment)
        _require(1 <= self.parts <= 99, "parts")
        if self.kind == "FI":
            _require(self.part is not None and 1 <= self.part <= self.parts, "part")
        else:
            _require(self.part is None, "part")

    def __str__(self) -> str:
        stream = _stream(self.feed, self.sender, self.day, self.sequence, self.environment)
        tail = "" if self.part is None else f".{self.part}"
        return f"{self.kind}.{stream}.{self.parts}{tail}"

    def _sibling(self, kind: InKind, part: int | None) -> "InName":
        return InName(kind, self.feed, self.sender, self.day, self.sequence, self.environment, self.parts, part)

    def manifest_name(self) -> "InName":
        """The GO file that announces this data."""
        return self._sibling("GO", None)

    def data_name(self, part: int = 1) -> "InName":
        """The data file that this GO starts or this TD withdraws."""
        return self._sibling("FI", part)

    def withdrawal_name(self) -> "InName":
        """The TD file that would withdraw this data."""
        return self._sibling("TD", None)


@dataclass(frozen=True, slots=True)
class OutName:
    """A file in a partner's `out/`: FO data, GO its manifest. Outside the grammar is a ValueError."""

    kind: OutKind
    feed: str
    recipient: str
    day: date
    sequence: int
    environment: str

    def __post_init__(self) -> None:
        _require(self.kind in ("FO", "GO"), "kind")
        _check_stream(self.feed, self.recipient, self.sequence, self.environment)

    def __str__(self) -> str:
        stream = _stream(self.feed, self.recipient, self.day, self.sequence, self.environment)
        return f"FO.{stream}" if self.kind == "FO" else f"GO.{stream}.1"

    def manifest_name(self) -> "OutName":
        """The GO file that announces this data."""
        return OutName("GO", self.feed, self.recipient, self.day, self.sequence, self.environment)

    def data_name(self) -> "OutName":
        """The FO file that this GO announces."""
        return OutName("FO", self.feed, self.recipient, self.day, self.sequence, self.environment)


def parse(text: str) -> InName | None:
    """The name of a file in a partner's `in/`; None outside the grammar or on a day that does not exist.

    A GO has the same shape both ways, so the mailbox that a name was read in says which parser to use.
    """
    match = _IN_DATA.fullmatch(text) or _IN_MARK.fullmatch(text)
    if match is None:
        return None
    kind, feed, sender, day, sequence, environment, parts, *part = match.groups()
    try:
        return InName(
            kind,  # type: ignore[arg-type]  # the pattern admits FI, GO and TD only
            feed,
            sender,
            date.fromisoformat(day),
            int(sequence),
            environment,
            int(parts),
            int(part[0]) if part else None,
        )
    except ValueError:
        return None


def parse_out(text: str) -> OutName | None:
    """The name of a file in a partner's `out/`; None outside the grammar or on a day that does not exist."""
    match = _OUT.fullmatch(text)
    if match is None:
        return None
    kind: OutKind = "FO" if match.group(1) else "GO"
    feed, recipient, day, sequence, environment = (group for group in match.groups() if group)
    try:
        return OutName(kind, feed, recipient, date.fromisoformat(day), int(sequence), environment)
    except ValueError:
        return None


def parse_reply(text: str) -> OutName | None:
    """The data file of ours of which a file in a partner's `in/` acknowledges the receipt; None when it is none.

    An acknowledgement is named as the GO of that file, with AK for GO.
    """
    name = parse_out(f"GO{text[2:]}") if text.startswith("AK.") else None
    return name.data_name() if name else None


def format(name: InName | OutName) -> str:  # noqa: A001  # read as filenames.format, beside filenames.parse
    """The text of a name; `parse` (or `parse_out`) reads the same name back."""
    return str(name)


def is_temporary(text: str) -> bool:
    """Whether a name is that of a file still being written, by the partner or by the hub."""
    return text.endswith(".part") or text.startswith(".")


def temporary_name(name: OutName) -> str:
    """The name under which the hub writes a file before it renames it."""
    return f".{name}.part"


def masked_shape(text: str) -> str:
    """What may be kept of a name outside the grammar, since it can hold a NISS or a person's name.

    Letters become a, digits 9, any other character but `._-` and the space a question mark; 64 at most.
    """
    return "".join(_mask(character) for character in text[:64])


def _mask(character: str) -> str:
    if character.isalpha():
        return "a"
    if character.isnumeric():
        return "9"
    return character if character in "._- " else "?"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a GO file says of its data file: counts, digest, contract, versions, link to the file before.

    `sha256` and `previous` are plain SHA-256 in lower-case hexadecimal; `previous` is None in the
    first file of a (sender, recipient, feed). The versions are the lowest and highest of the rows.
    A SNAPSHOT holds everything that its recipient may know, a DELTA what has changed; only the hub makes snapshots.
    `complete` is a sender's word that its file is a whole export; it is written only where it is true.
    `checkpoint` is the state of the hub's audit log, a signed note; only the hub gives one.
    `signature` is of the `statement`, in base64, where sender and hub agreed to sign (`hub.envelopes`).
    """

    file: str
    rows: int
    sha256: str
    contract: str
    first_version: int | None = None
    last_version: int | None = None
    previous: str | None = None
    kind: FileKind = "DELTA"
    complete: bool = False
    checkpoint: str | None = None
    signature: str | None = None

    def __post_init__(self) -> None:
        _require(_is_text(self.file, _FILE), "manifest file")
        _require(_is_count(self.rows), "manifest rows")
        _require(_is_text(self.sha256, _DIGEST), "manifest sha256")
        _require(_is_text(self.contract, _CONTRACT), "manifest contract")
        _require(self.first_version is None or _is_count(self.first_version), "manifest first_version")
        _require(self.last_version is None or _is_count(self.last_version), "manifest last_version")
        _require(self.previous is None or _is_text(self.previous, _DIGEST), "manifest previous")
        _require(self.kind in ("DELTA", "SNAPSHOT"), "manifest kind")
        _require(isinstance(self.complete, bool), "manifest complete")
        _require(self.checkpoint is None or _is_text(self.checkpoint, _CHECKPOINT), "manifest checkpoint")
        _require(self.signature is None or _is_text(self.signature, _SIGNATURE), "manifest signature")

    def statement(self) -> bytes:
        """What a signature is made of: ten lines, each with its own end, empty where the manifest says nothing.

        Not the bytes of the GO: whoever writes JSON in another way signs the same, and the signature lies in the GO.
        """
        said = (self.file, self.rows, self.sha256, self.contract, self.first_version, self.last_version, self.previous)
        lines = ["passerelle/go/1", *said, self.kind, "complete" if self.complete else None]
        return "".join(f"{'' if line is None else line}\n" for line in lines).encode()

    def to_bytes(self) -> bytes:
        """Canonical JSON (sorted keys, no spaces, UTF-8) and a final newline: same manifest, same bytes."""
        content: dict[str, Any] = {
            "contract": self.contract,
            "file": self.file,
            "first_version": self.first_version,
            "kind": self.kind,
            "last_version": self.last_version,
            "previous": self.previous,
            "rows": self.rows,
            "sha256": self.sha256,
        }
        content |= {"complete": True} if self.complete else {}
        content |= {"checkpoint": self.checkpoint} if self.checkpoint else {}
        content |= {"signature": self.signature} if self.signature else {}
        return json.dumps(content, separators=(",", ":"), sort_keys=True).encode() + b"\n"

    @classmethod
    def parse(cls, content: bytes) -> Self | None:
        """The manifest that these bytes hold, or None; never an error.

        Unknown keys are ignored; the last seven fields may be absent; digests may be in upper case. A checkpoint
        or a signature that is none is left out: a sender may have a key of that name.
        A wrong type, a key given twice, a text that is no UTF-8 or more than 64 KiB make it None.
        """
        if len(content) > MANIFEST_BYTES:
            return None
        try:
            read = json.loads(content.decode(), object_pairs_hook=_once, parse_constant=_refuse)
            return cls(
                file=read["file"],
                rows=read["rows"],
                sha256=read["sha256"].lower(),
                contract=read["contract"],
                first_version=read.get("first_version"),
                last_version=read.get("last_version"),
                previous=_lower(read.get("previous")),
                kind=read.get("kind", "DELTA"),
                complete=read.get("complete", False),
                checkpoint=note if _is_text(note := read.get("checkpoint"), _CHECKPOINT) else None,
                signature=text if _is_text(text := read.get("signature"), _SIGNATURE) else None,
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None


def _is_text(value: object, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST


def _lower(digest: Any) -> Any:
    return digest.lower() if isinstance(digest, str) else digest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a key given twice")
    return found


def _refuse(_constant: str) -> NoReturn:
    raise ValueError("not a number of JSON")
