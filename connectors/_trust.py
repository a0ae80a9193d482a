"""Which server is the partner's: the pinned host keys, and what is told when another key is shown.

Fails closed. A key is never added here: a person compares the fingerprints with the partner and writes the pin.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

import paramiko

from connectors.errors import HostKeyMismatch

_SIGNATURES = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}  # RFC 8332: the key's type is not the signature's


@dataclass(frozen=True, slots=True)
class Address:
    """Where a partner's server is, and the host keys by which we know it, each written as 'ssh-ed25519 AAAA…'.

    `host_keys` are those in force today: the current one and, in a rotation, the next. None of them: none passes.
    `lapsed` are pinned for other days; they pass no more than a stranger, and the error says that they are known.
    """

    host: str
    port: int
    user: str
    host_keys: tuple[str, ...]
    lapsed: tuple[str, ...] = ()


def preferred(address: Address, known: tuple[str, ...]) -> tuple[str, ...]:
    """The types of host keys to ask for: those of the pins before others.

    A server with several host keys then shows the one that we know.
    """
    types = (pin.split(maxsplit=1)[0] for pin in address.host_keys if pin.strip())
    ours = [name for kind in types for name in _SIGNATURES.get(kind, (kind,)) if name in known]
    return tuple(dict.fromkeys([*ours, *known]))


def check_pin(key: paramiko.PKey, address: Address) -> None:
    """HostKeyMismatch, with the fingerprint shown and those pinned, unless the key is one in force.

    Before our name or key is sent.
    """
    shown = key.asbytes()
    pinned, lapsed = [_blob(pin) for pin in address.host_keys], [_blob(pin) for pin in address.lapsed]
    if shown in pinned:
        return
    text = f"{address.host}:{address.port} shows {fingerprint(shown)}; pinned: {_listed(pinned)}"
    if lapsed:
        text += f"; pinned for other days: {_listed(lapsed)}"
    raise HostKeyMismatch(text)


def fingerprint(blob: bytes) -> str:
    """As `ssh-keygen -l` prints it."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return f"SHA256:{digest}" if blob else "(an unreadable pin)"


def _listed(blobs: list[bytes]) -> str:
    return ", ".join(map(fingerprint, blobs)) or "none"


def _blob(pin: str) -> bytes:
    """The key's bytes; empty, which equals no key, for a pin that cannot be read."""
    try:
        return base64.b64decode(pin.split()[1], validate=True)
    except (IndexError, binascii.Error):
        return b""
