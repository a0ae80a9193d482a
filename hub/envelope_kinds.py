"""Which envelopes there are: how a file is sealed and how it is signed, by the words of `partners/envelopes.csv`.

Pure, and a table: which partner uses which is `hub.partners`', with which keys `hub.envelope_keys`', and what is
refused `hub.envelopes`'. Every envelope is signed, and so is what the hub sends; `BARE` is for a partner that cannot
sign yet, and has to be written.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

Use = Literal["SEAL", "SIGN"]


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a partner's files to the hub are wrapped in (or BARE: as they are read, unsigned), and the hub's to it."""

    sends: str
    receives: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """The kinds of key of one envelope: to seal with (none: the file stays as it is read), and to sign with."""

    sealing: str | None
    signing: str


ENVELOPES: Mapping[str, Envelope] = MappingProxyType(
    {
        "SIGNED": Envelope(None, "ED25519"),
        "HPKE": Envelope("HPKE", "ED25519"),
        "HPKE_PQ": Envelope("HPKE_PQ", "ED25519"),
        "AGE": Envelope("AGE", "ED25519"),
        "CMS": Envelope("CMS", "CMS"),
        "OPENPGP": Envelope("OPENPGP", "OPENPGP"),
    }
)


BARE = "BARE"
"""What a partner sends is not signed: whoever can write into its mailbox can write in its name."""
UNSAID = Agreed("SIGNED", "SIGNED")
"""Where the registry says nothing."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """How to seal (data, public key, context) and open (data, private key, context, largest size) in one kind.

    `begins` tells a file of this kind from one that is not sealed at all.
    """

    sealed: Callable[[bytes, str, bytes], bytes]
    opened: Callable[[bytes, bytes, bytes, int], bytes]
    begins: Callable[[bytes], bool]


@dataclass(frozen=True, slots=True)
class Signing:
    """How to sign (message, private key) in one kind, and to verify (message, signature, public key)."""

    sign: Callable[[bytes, bytes], bytes]
    verify: Callable[[bytes, bytes, str], None]


@dataclass(frozen=True, slots=True)
class KeyKind:
    """How a private key of one kind is had, and its public half.

    `drawn` bytes are derived from the hub's own key; where it is 0 the key is `made` once, and kept.
    `dates` are those that the public half itself gives, the last day included.
    """

    drawn: int
    made: Callable[[datetime], bytes] | None
    public: Callable[[bytes], str]
    dates: Callable[[str], tuple[date, date]]
