"""A hardware security module over PKCS#11: wraps and unwraps small secrets by AES keys that never leave it.

AES-GCM (CKM_AES_GCM) with a nonce of ours and associated data, one call each. A key that could leave the token is
refused: it would protect nothing. Needs the extra `pkcs11`; **tried on SoftHSM, on no hardware**. A token is visited by
one thread at a time, since a login counts for the whole process. No PIN or secret is in an error or a repr.
"""

import base64
import binascii
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from connectors.errors import Denied, LinkError, Missing, ProtocolBroken, Tampered, Unreachable

PREFIX = "p11:v1:"
NONCE, TAG = 12, 16  # bytes
_TURN = Lock()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Token:
    """A token by its label, of the library at `module`; the PIN is the content of a file."""

    module: Path
    label: str
    pin: Path

    def encrypt(self, key: str, secret: bytes, about: bytes) -> str:
        """The secret under the key of this label, bound to `about`, as text."""
        nonce = os.urandom(NONCE)
        sealed = self._with(key, lambda one, kind: one.encrypt(secret, **_gcm(kind, nonce, about)))
        return PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode()

    def decrypt(self, key: str, text: str, about: bytes) -> bytes:
        """What `encrypt` made a text of. Raises Tampered for a text of another key or about something else."""
        try:
            raw = base64.b64decode(text.removeprefix(PREFIX), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if not text.startswith(PREFIX) or len(raw) < NONCE + TAG:
            raise Tampered("this was not wrapped by a token")
        nonce, sealed = raw[:NONCE], raw[NONCE:]
        return self._with(key, lambda one, kind: bytes(one.decrypt(sealed, **_gcm(kind, nonce, about))))

    def _with(self, key: str, work: Callable[[Any, Any], T]) -> T:
        """Log in, find the key, do the work, log out."""
        try:
            import pkcs11
        except ImportError:
            raise Missing("python-pkcs11 is not installed: pip install 'passerelle[pkcs11]'") from None
        pin, where = self._pin(), "module"
        try:
            with _TURN:
                token = pkcs11.lib(str(self.module)).get_token(token_label=self.label)
                with token.open(user_pin=pin) as session:
                    where = "key"
                    found = _found(pkcs11, session, key)
                    where = "work"
                    return work(found, pkcs11)
        except LinkError:
            raise
        except Exception as error:  # noqa: BLE001  the library's classes are many, and its texts are the module's
            failed = _refusal(pkcs11, error, where)
        raise failed  # outside the except: nothing of the error hangs on to it

    def _pin(self) -> str:
        try:
            pin = self.pin.read_text().strip()
        except (OSError, ValueError):
            pin = ""
        if not pin:
            raise Denied("the file of the token's PIN is not there, or holds none")
        return pin


def _gcm(pkcs11: Any, nonce: bytes, about: bytes) -> dict[str, Any]:
    return {
        "mechanism": pkcs11.Mechanism.AES_GCM,
        "mechanism_param": pkcs11.GCMParams(nonce, about, TAG * 8),
    }


def _found(pkcs11: Any, session: Any, label: str) -> Any:
    """The one key of this label. All are listed to the end: a search left open outlives its session."""
    wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY, pkcs11.Attribute.LABEL: label}
    keys = list(session.get_objects(wanted))
    if not keys:
        raise Missing("there is no such key on the token")
    if len(keys) > 1:
        raise ProtocolBroken("more than one key of the token has this label")
    if keys[0][pkcs11.Attribute.EXTRACTABLE] or not keys[0][pkcs11.Attribute.SENSITIVE]:
        raise ProtocolBroken("the token's key can be taken out of it: make one that is sensitive and not extractable")
    return keys[0]


def _refusal(pkcs11: Any, error: Exception, where: str) -> LinkError:
    """By the class alone, and where it arose: a token says of altered data whatever its maker chose."""
    kinds = pkcs11.exceptions
    match error:
        case kinds.PinIncorrect() | kinds.PinLocked() | kinds.PinExpired() | kinds.PinInvalid() | kinds.PinLenRange():
            return Denied("the token refuses our PIN; trying again locks it")
        case kinds.NoSuchToken():
            return Missing("there is no such token")
        case kinds.MultipleTokensReturned():
            return ProtocolBroken("more than one token has this label")
        case kinds.DeviceError() | kinds.DeviceRemoved() | kinds.TokenNotPresent() | kinds.SessionHandleInvalid():
            return Unreachable("the token does not answer")
    if where == "module":
        return Missing("the PKCS#11 module cannot be loaded, or the token not opened")
    return Tampered("the token does not open this: wrapped by another key, or altered")
