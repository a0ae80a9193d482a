"""The key that signs checkpoints of the audit log, and the public half that partners verify them with.

Two files in the folder of the keys, in the text form of signed notes: `audit.key`, which publishing reads, and
`audit.pub` with a line for each key there ever was, so that old checkpoints still verify. To change the key, move
`audit.key` away and run `passerelle keys init`.
"""

from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.checkpoint import ORIGIN, Checkpoint
from hub.errors import OperatorError
from hub.keys import write_private
from hub.signed_note import Signer, Verifier, read_signer, read_verifier

PRIVATE, PUBLIC = "audit.key", "audit.pub"


@dataclass(frozen=True, slots=True)
class AuditKey:
    """The key in the hub's own folder."""

    folder: Path

    def sign(self, checkpoint: Checkpoint) -> str:
        """The checkpoint as a signed note. Raises OperatorError when there is no key."""
        return self._signer().sign(str(checkpoint))

    def verifiers(self) -> list[Verifier]:
        """Every public key of this hub's log."""
        return read_verifiers(self.folder / PUBLIC)

    def _signer(self) -> Signer:
        try:
            return read_signer((self.folder / PRIVATE).read_text())
        except FileNotFoundError:
            raise OperatorError("no key signs the audit log: run `passerelle keys init`") from None
        except (OSError, ValueError):
            raise OperatorError("the key that signs the audit log cannot be read: restore audit.key") from None


def initialise_audit(folder: Path) -> bool:
    """Make the key that signs the audit log, unless there is one; True when made."""
    made = not (folder / PRIVATE).exists()
    if made:
        folder.mkdir(parents=True, exist_ok=True)
        write_private(folder / PRIVATE, Signer(ORIGIN, Ed25519PrivateKey.generate()).encoded() + "\n")
    public = str(read_signer((folder / PRIVATE).read_text()).verifier)
    known = (folder / PUBLIC).read_text().split() if (folder / PUBLIC).exists() else []
    if public not in known:
        write_private(folder / PUBLIC, "".join(f"{line}\n" for line in (*known, public)))
    return made


def read_verifiers(path: Path) -> list[Verifier]:
    """The public keys in a file, one a line. Raises OperatorError where it cannot be read."""
    try:
        keys = [read_verifier(line) for line in path.read_text().split()]
    except (OSError, ValueError):
        keys = []
    if not keys:
        raise OperatorError(
            "the public key of the audit log cannot be read: a line like name+hash+key, as in audit.pub"
        )
    return keys
