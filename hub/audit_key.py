"""The key that signs checkpoints of the audit log, and the public half that partners verify them with.

Two files in the folder of the keys, in the text form of signed notes: `audit.key`, which publishing reads, and
`audit.pub` with a line for each key there ever was, so that old checkpoints still verify. To change the key, move
`audit.key` away and run `passerelle keys init`.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.checkpoint import ORIGIN, Checkpoint
from hub.errors import OperatorError
from hub.key_files import WRAPPED, KeyProvider, provider_of
from hub.signed_note import Signer, Verifier, read_signer, read_verifier

PRIVATE, PUBLIC = "audit.key", "audit.pub"
PURPOSE = "audit"


@dataclass(frozen=True, slots=True)
class AuditKey:
    """The key where the hub's own keys are."""

    where: Path | KeyProvider

    def sign(self, checkpoint: Checkpoint) -> str:
        """The checkpoint as a signed note. Raises OperatorError when there is no key."""
        return self._signer().sign(str(checkpoint))

    def verifiers(self) -> list[Verifier]:
        """Every public key of this hub's log."""
        return _verifiers(provider_of(self.where).read(PUBLIC) or "")

    def _signer(self) -> Signer:
        try:
            text = _private(provider_of(self.where))
            signer = read_signer(text) if text else None
        except ValueError:
            raise OperatorError("the key that signs the audit log cannot be read: restore audit.key") from None
        if signer is None:
            raise OperatorError("no key signs the audit log: run `passerelle keys init`")
        return signer


def initialise_audit(where: Path | KeyProvider) -> bool:
    """Make the key that signs the audit log, unless there is one; True when made. One in clear is wrapped."""
    provider = provider_of(where)
    with provider.alone():
        text = _private(provider)
        private = text or Signer(ORIGIN, Ed25519PrivateKey.generate()).encoded() + "\n"
        if not text or PRIVATE in provider.unprotected():
            sealed = provider.seal(private.encode(), PURPOSE, PURPOSE)
            provider.write(PRIVATE, json.dumps(sealed) if WRAPPED in sealed else private)
        public = str(read_signer(private).verifier)
        known = (provider.read(PUBLIC) or "").split()
        if public not in known:
            provider.write(PUBLIC, "".join(f"{line}\n" for line in (*known, public)))
    return not text


def _private(provider: KeyProvider) -> str | None:
    """The private key's line. ValueError for a file that is not one."""
    text = provider.read(PRIVATE)
    if text is None or not text.startswith("{"):
        return text
    return provider.open(json.loads(text), PURPOSE, PURPOSE).decode()


def read_verifiers(path: Path) -> list[Verifier]:
    """The public keys in a file, one a line. Raises OperatorError where it cannot be read."""
    try:
        return _verifiers(path.read_text())
    except (OSError, UnicodeDecodeError):
        return _verifiers("")


def _verifiers(text: str) -> list[Verifier]:
    try:
        keys = [read_verifier(line) for line in text.split()]
    except ValueError:
        keys = []
    if not keys:
        raise OperatorError(
            "the public key of the audit log cannot be read: a line like name+hash+key, as in audit.pub"
        )
    return keys
