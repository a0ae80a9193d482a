"""OpenPGP (RFC 9580, and RFC 4880 as its tools write it) as an envelope and as a detached signature, by pysequoia.

The optional dependency `openpgp`. A message may be compressed, and a small one unpack to anything: the library
writes it into a pipe, of which another process takes so many bytes and no more into memory.
"""

import os
import subprocess
from datetime import datetime
from types import ModuleType
from typing import Any

from connectors.errors import BadKey, NotInstalled, Tampered, TooLarge

_ARMOUR = b"-----BEGIN PGP MESSAGE-----"
_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")  # of a text in UTF-16 or UTF-8


def make(name: str) -> bytes:
    """A new key of Curve 25519 for that user id, to sign and to open; it never ends by itself."""
    pysequoia = _pysequoia()
    return bytes(pysequoia.Tsk.generate(user_id=name))


def public(secret: bytes) -> str:
    """The certificate, in ASCII armour."""
    return str(_secret(secret).extract_certificate())


def until(public_key: str) -> datetime | None:
    """When a certificate ends; None when it does not."""
    ends: datetime | None = _certificate(public_key).expiration
    return ends


def sealed(data: bytes, public_key: str, _context: bytes) -> bytes:
    """The file for one certificate. BadKey when nothing can be sealed to it."""
    certificate = _certificate(public_key)
    try:
        return bytes(_pysequoia().encrypt(data, [certificate], armor=False))
    except Exception:  # noqa: BLE001  the library raises Exception itself
        raise BadKey("nothing can be sealed to this certificate") from None


def opened(data: bytes, secret: bytes, _context: bytes, limit: int) -> bytes:
    """The file; Tampered when any of it is not as it was sealed, TooLarge beyond `limit` bytes."""
    decryptor = _secret(secret).decryptor()
    source, target = os.memfd_create("sealed"), os.memfd_create("opened")
    try:
        with open(source, "wb", closefd=False) as file:
            file.write(data)
        return _into(target, source, decryptor, limit)
    finally:
        os.close(source)
        os.close(target)


def _into(target: int, source: int, decryptor: Any, limit: int) -> bytes:
    """What the library makes of `source`; it holds the interpreter meanwhile, so another process must take it."""
    reader, writer = os.pipe()
    taking = subprocess.Popen(["head", "-c", str(limit + 1)], stdin=reader, stdout=target)
    os.close(reader)
    whole = True
    try:
        _pysequoia().decrypt_file(f"/proc/self/fd/{source}", f"/proc/self/fd/{writer}", decryptor=decryptor)
    except Exception:  # noqa: BLE001  the library raises Exception itself
        whole = False
    finally:
        os.close(writer)
        taking.wait()
    if os.fstat(target).st_size > limit:
        raise TooLarge("the file is larger than we agreed to take")
    if not whole:
        raise Tampered("not sealed for this key, altered or cut")
    with open(target, "rb", closefd=False) as file:
        file.seek(0)
        return file.read()


def begins(data: bytes) -> bool:
    """Whether a file begins as a packet of OpenPGP does, or its ASCII armour."""
    return (data[:1] >= b"\xc0" and not data.startswith(_BOMS)) or data.startswith((b"\x84", b"\x85", _ARMOUR))


def sign(message: bytes, secret: bytes) -> bytes:
    """The signature without the message."""
    pysequoia = _pysequoia()
    signer = _secret(secret).signer()
    return bytes(pysequoia.sign(signer, message, mode=pysequoia.SignatureMode.DETACHED))


def verify(message: bytes, signature: bytes, public_key: str) -> None:
    """Return when this certificate signed this message; Tampered when not."""
    pysequoia, certificate = _pysequoia(), _certificate(public_key)
    try:
        read = pysequoia.Sig.from_bytes(signature)
        found = pysequoia.verify(bytes=message, store=lambda _ids: [certificate], signature=read).valid_sigs
    except Exception:  # noqa: BLE001  the library raises Exception itself
        raise Tampered("not signed by this certificate") from None
    if not any(each.certificate == certificate.fingerprint for each in found):
        raise Tampered("not signed by this certificate")


def _certificate(public_key: str) -> Any:
    pysequoia = _pysequoia()
    try:
        found = pysequoia.Cert.from_bytes(public_key.encode())
    except Exception:  # noqa: BLE001  the library raises Exception itself
        raise BadKey("not a certificate of OpenPGP") from None
    if found.is_revoked:
        raise BadKey("the certificate of OpenPGP was revoked")
    return found


def _secret(secret: bytes) -> Any:
    pysequoia = _pysequoia()
    try:
        return pysequoia.Tsk.from_bytes(secret)
    except Exception:  # noqa: BLE001  the library raises Exception itself
        raise BadKey("not a key of OpenPGP") from None


def _pysequoia() -> ModuleType:
    try:
        import pysequoia
    except ImportError:
        raise NotInstalled("OpenPGP needs the package pysequoia: install passerelle[openpgp]") from None
    return pysequoia
