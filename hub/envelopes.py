"""Opening what partners wrapped, and wrapping what they are sent, as the registry says for that day.

The signature is of the statement of the GO (`Manifest.statement`), which names the file and its hash: a file under
another name, another partner's, altered, cut or announced otherwise is refused before anything of it is opened. A
partner's wrong file is a code; a key or a package that is missing here is an error for the operator.

    F09  not signed, or not by a key of this partner    F41  not in the envelope that was agreed
    F43  signed with a key that does not hold that day   F42  does not open: for another recipient, or damaged
    F14  opens to more than is taken
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType

from connectors import age, cms, ed25519, hpke, openpgp
from connectors.envelope import SENT, SENT_PQ
from connectors.errors import Tampered, TooLarge
from hub.envelope_keys import TheirKey, of, read_their_keys, secret_of
from hub.envelope_kinds import BARE, ENVELOPES, Sealing, Signing
from hub.errors import InvariantBroken, OperatorError
from hub.filenames import Manifest
from hub.keys import KeyRing
from hub.partners import Registry
from hub.publish import Built

UNSIGNED, NOT_SEALED, SHUT, NOT_IN_FORCE, TOO_LARGE = "F09", "F41", "F42", "F43", "F14"

SEALINGS: Mapping[str, Sealing] = MappingProxyType(
    {
        "HPKE": Sealing(hpke.sealed, hpke.opened, lambda data: data.startswith(SENT.magic)),
        "HPKE_PQ": Sealing(hpke.sealed_pq, hpke.opened_pq, lambda data: data.startswith(SENT_PQ.magic)),
        "AGE": Sealing(age.sealed, age.opened, age.begins),
        "CMS": Sealing(cms.sealed, cms.opened, cms.begins),
        "OPENPGP": Sealing(openpgp.sealed, openpgp.opened, openpgp.begins),
    }
)
SIGNINGS: Mapping[str, Signing] = MappingProxyType(
    {
        "ED25519": Signing(ed25519.sign, ed25519.verify),
        "CMS": Signing(cms.sign, cms.verify),
        "OPENPGP": Signing(openpgp.sign, openpgp.verify),
    }
)


class Envelopes:
    """The envelopes of a hub: its registry, its keys, and the folder of those that partners gave."""

    def __init__(self, registry: Registry, keys: KeyRing, folder: Path, limit: int) -> None:
        self._registry, self._keys, self._folder, self._limit = registry, keys, folder, limit

    def opened(self, partner: str, day: date, manifest: Manifest, data: bytes) -> bytes | str:
        """The file as its rows are read, or the code of why it is refused.

        `data` is what the manifest names and hashes; `day` that on which it was received. Raises OperatorError or
        LinkError when a key or a package is missing here.
        """
        word = self._registry.envelope(partner, day).sends
        if word == BARE:
            return data
        envelope = ENVELOPES[word]
        theirs = of(read_their_keys(self._folder, partner), "SIGN", envelope.signing)
        if code := _not_signed(manifest, theirs, SIGNINGS[envelope.signing], day):
            return code
        return data if envelope.sealing is None else self._unsealed(envelope.sealing, manifest.file, data)

    def _unsealed(self, kind: str, name: str, data: bytes) -> bytes | str:
        """Opened by whichever key of ours it was sealed to: not every format says."""
        sealing = SEALINGS[kind]
        if not sealing.begins(data):
            return NOT_SEALED
        for key in self._keys.usable("opening"):
            try:
                return sealing.opened(data, secret_of(self._keys, key, "SEAL", kind), name.encode(), self._limit)
            except Tampered:
                continue
            except TooLarge:
                return TOO_LARGE
        return SHUT

    def enclosed(self, recipient: str, day: date, built: Built) -> Built:
        """A file and its manifest in the recipient's envelope. Raises OperatorError when it gave no key for it."""
        word = self._registry.envelope(recipient, day).receives
        manifest = Manifest.parse(built.manifest)
        if manifest is None:
            raise InvariantBroken("a manifest of ours cannot be read")
        data = self._sealed(ENVELOPES[word].sealing, recipient, day, manifest.file, built.data)
        signed = self._signed(ENVELOPES[word].signing, replace(manifest, sha256=hashlib.sha256(data).hexdigest()))
        return Built(data, signed.to_bytes())

    def _sealed(self, kind: str | None, recipient: str, day: date, name: str, data: bytes) -> bytes:
        if kind is None:
            return data
        theirs = of(read_their_keys(self._folder, recipient), "SEAL", kind)
        key = next((key for key in theirs if key.holds(day)), None)
        if key is None:
            raise OperatorError(f"{recipient} gave no key of {kind} that holds today: ask it for one")
        return SEALINGS[kind].sealed(data, key.public, name.encode())

    def _signed(self, kind: str, manifest: Manifest) -> Manifest:
        secret = secret_of(self._keys, self._keys.active("signing"), "SIGN", kind)
        signature = SIGNINGS[kind].sign(manifest.statement(), secret)
        return replace(manifest, signature=base64.b64encode(signature).decode())


def _not_signed(manifest: Manifest, theirs: Iterable[TheirKey], signing: Signing, day: date) -> str | None:
    """Why the manifest is not signed by its sender that day, or None."""
    if manifest.signature is None:
        return UNSIGNED
    try:
        signature = base64.b64decode(manifest.signature, validate=True)
    except (ValueError, binascii.Error):
        return UNSIGNED
    code = UNSIGNED
    for key in theirs:
        try:
            signing.verify(manifest.statement(), signature, key.public)
        except Tampered:
            continue
        if key.holds(day):
            return None
        code = NOT_IN_FORCE
    return code
