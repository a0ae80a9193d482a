"""Who may learn who a subject is: two officers, a reason, a time. Pure.

An officer is a key pair of the registry's `officers.txt`. A request is a text that names all that it is about; the one
who asks signs it, another one signs the very same text, and only both signatures over what is then shown open it. So
neither an officer alone, nor who can write into the stores without a second officer's key, makes a reveal.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.errors import OperatorError
from hub.signed_note import Signer, Verifier, read_signer, read_verifier, text_of

REASONS: Mapping[str, str] = {
    "PERSON_RIGHTS": "demande d'accès, de rectification ou d'effacement de la personne (art. 15 à 17 RGPD)",
    "DOUBLE_GRANT": "deux CPAS accordent le même droit à la personne",
    "WRONG_PERSON": "une ligne semble concerner une autre personne",
    "INCIDENT": "violation de données : personnes à informer (art. 34 RGPD)",
    "AUTHORITY": "demande écrite d'une autorité compétente",
}
VALID = timedelta(hours=24)
NAME = re.compile(r"[a-z]{2,15}(-[a-z]{2,15}){0,2}")


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: which subject, why, by whom, until when. `text` is free and stays in the identity zone."""

    reveal_id: str
    sid: str
    reason: str
    text: str
    asked_by: str
    asked_at: datetime

    @property
    def expires(self) -> datetime:
        """The end of the time in which another may approve, and both may open."""
        return self.asked_at + VALID

    def __str__(self) -> str:
        """What is signed; the free text by its hash."""
        free = hashlib.sha256(self.text.encode()).hexdigest()
        at = self.asked_at.astimezone(UTC).isoformat()
        return f"passerelle/reveal/1\n{self.reveal_id}\n{self.sid}\n{self.reason}\n{free}\n{self.asked_by}\n{at}\n"


def read_officers(path: Path) -> dict[str, Verifier]:
    """The officers of the registry by name: a public key on each line, what follows it is a remark.

    Raises OperatorError where a line is none, and where a name or a key is there twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        keys = [read_verifier(line.split()[0]) for line in lines if line.strip() and not line.startswith("#")]
    except (OSError, ValueError):
        raise OperatorError(f"{path.name} needs a line of `passerelle reveal key` for each officer") from None
    officers = {key.name: key for key in keys}
    if len(officers) < len(keys) or len({key.public.public_bytes_raw() for key in keys}) < len(keys):
        raise OperatorError(f"{path.name}: an officer, or a key, is there twice")
    return officers


def read_officer(path: Path, officers: Mapping[str, Verifier]) -> Signer:
    """The private key of an officer of the registry. OperatorError where it is none."""
    try:
        signer = read_signer(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise OperatorError("the officer's key file cannot be read") from None
    if officers.get(signer.name) != signer.verifier:
        raise OperatorError("this key is not that of an officer of the registry: officers.txt")
    return signer


def require_two(asked: Request, notes: Sequence[str | None], officers: Mapping[str, Verifier], now: datetime) -> None:
    """Raise OperatorError unless who asked, and another officer, have signed this very request, in time."""
    signed = {name for note in notes for name, key in officers.items() if note and text_of(note, [key]) == str(asked)}
    if asked.asked_by not in signed:
        raise OperatorError("the request is not signed by the officer who made it: it was altered, or the registry was")
    if len(signed) < 2:
        raise OperatorError("a second officer has to approve: one person alone reveals nobody")
    if not asked.asked_at <= now <= asked.expires:
        raise OperatorError("the time of the request is over: make another")
