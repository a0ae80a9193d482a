"""`passerelle reveal …`: who a subject is, by two officers and a reason. Only `open` shows an identity."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.errors import OperatorError
from hub.reveal import NAME, REASONS, Request

if TYPE_CHECKING:
    from hub.flow.hub import Hub

Answer = tuple[Any, list[str]]


def add_reveal(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `reveal`."""
    whats = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    making = _add(whats, "key", "make an officer's key pair; the public line goes into partners/officers.txt")
    making.add_argument("name", metavar="NAME", help="small letters and dashes, such as dpo-liege")
    making.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write the private key")
    asking = _add(whats, "request", "ask who a subject is; the text that says why is read from standard input")
    asking.add_argument("subject", metavar="ID", help="the subject id, as `dpo` and `history` show it")
    asking.add_argument("--reason", choices=list(REASONS), required=True)
    for name, text in {"approve": "approve another officer's request", "open": "show who it is, once"}.items():
        _add(whats, name, text).add_argument("reveal_id", metavar="REQUEST")
    for sub in map(whats.choices.__getitem__, ("request", "approve", "open")):
        sub.add_argument("--key", type=Path, required=True, metavar="FILE", help="the officer's own private key")
        sub.add_argument("--at", metavar="INSTANT", help="the hub's clock, such as 2026-03-09T07:00+01:00")


def answer_key(arguments: argparse.Namespace) -> Answer:
    """Make a key pair; a file that is there is not replaced."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from hub.key_files import write_private
    from hub.signed_note import Signer

    if not NAME.fullmatch(arguments.name):
        raise OperatorError("an officer's name has small letters, and dashes between them")
    if arguments.out.exists():
        raise OperatorError("there is a file of that name already")
    signer = Signer(arguments.name, Ed25519PrivateKey.generate())
    write_private(arguments.out, signer.encoded() + "\n")
    return {"public": str(signer.verifier)}, [str(signer.verifier)]


def answer_reveal(hub: "Hub", arguments: argparse.Namespace) -> Answer:
    """Do what an officer asks."""
    from hub.flow import reveal
    from hub.reveal import read_officer, read_officers

    known = read_officers(hub.settings.partners / "officers.txt")
    officers = reveal.Officers(known, read_officer(arguments.key, known))
    match arguments.what:
        case "request":
            asked = reveal.ask(hub, officers, arguments.subject, arguments.reason, sys.stdin.read())
            return _told(asked), [f"{asked.reveal_id}: another officer has to approve until {asked.expires:%F %R %Z}"]
        case "approve":
            asked = reveal.approve(hub, officers, arguments.reveal_id)
            return _told(asked), [f"approved: {asked.reason}, asked by {asked.asked_by}: {asked.text}"]
    found = reveal.open_once(hub, officers, arguments.reveal_id)
    return found, [f"{name}: {value}" for name, value in found.items()]


def _told(asked: Request) -> dict[str, str]:
    return {"request": asked.reveal_id, "reason": asked.reason, "asked_by": asked.asked_by, "until": str(asked.expires)}


def _add(whats: Any, name: str, text: str) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = whats.add_parser(name, help=text, description=text)
    sub.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="machine-readable answer")
    return sub
