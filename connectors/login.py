"""How we prove who we are to a partner's server: a key, a key with a certificate, or a password.

Decides nothing but whether ours can be read. No text here shows any of it.
"""

from dataclasses import dataclass, field
from pathlib import Path

import paramiko
from paramiko.pkey import UnknownKeyType

from connectors.errors import Denied


@dataclass(frozen=True, slots=True)
class Password:
    """A password; by SSH's `password` or, where the server has only that, `keyboard-interactive` (RFC 4252, 4256)."""

    text: str = field(repr=False)


Login = paramiko.PKey | Password


def read_key(path: Path, certificate: Path | None = None) -> paramiko.PKey:
    """Our own private key from a file, with the certificate that a partner's authority gave it, if there is one.

    Denied if one cannot be read: no server will let us in without.
    """
    try:
        key = paramiko.PKey.from_path(path)
        if certificate:
            key.load_certificate(str(certificate))
    except (OSError, ValueError, TypeError, paramiko.SSHException, UnknownKeyType):
        raise Denied("our own private key or its certificate cannot be read") from None
    return key


def read_password(path: Path) -> Password:
    """A password from a file: its first line. Denied if it cannot be read or is empty."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError):
        raise Denied("our own password file cannot be read") from None
    if not lines or not lines[0]:
        raise Denied("our own password file is empty")
    return Password(lines[0])
