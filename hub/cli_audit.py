"""`passerelle audit …`: is the log whole, a proof that it only grew, and the check of that proof without the hub."""

import argparse
import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.errors import OperatorError

if TYPE_CHECKING:
    from hub.audit_verify import Found
    from hub.checkpoint import Checkpoint
    from hub.signed_note import Verifier

TAMPERED = 1
Answer = tuple[Any, list[str], int]  # for a machine, for a reader, the exit code
NEEDED = {"verify": (), "proof": ("first",), "check": ("key", "old", "new", "proof"), "purge": ()}


def add_audit(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `audit`."""
    parser.add_argument("what", choices=list(NEEDED))
    parser.add_argument(
        "--folder", type=Path, action="append", metavar="FOLDER", help="verify: GO files; may be repeated"
    )
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="the public key of the log; verify: the hub's own by default"
    )
    parser.add_argument("--from", dest="first", type=int, metavar="N", help="proof: from how many entries")
    parser.add_argument("--to", dest="second", type=int, metavar="M", help="proof: to how many; by default all")
    parser.add_argument("--at", metavar="INSTANT", help="purge: the clock, such as 2036-03-09T07:00+01:00")
    parser.add_argument("--old", type=Path, metavar="FILE", help="check: the earlier checkpoint, or a GO that holds it")
    parser.add_argument("--new", type=Path, metavar="FILE", help="check: the later one")
    parser.add_argument("--dry-run", action="store_true", help="purge: say how many and change nothing")
    parser.add_argument("--proof", type=Path, metavar="FILE", help="check: what `audit proof` printed for the two")


def answer_audit(arguments: argparse.Namespace, now: datetime) -> Answer:
    """The answer for a machine, for a reader, and the exit code: 0, or 1 where the log or a proof does not hold."""
    if any(getattr(arguments, name) is None for name in NEEDED[arguments.what]):
        raise OperatorError(
            "`audit proof` takes --from and perhaps --to; `audit check` --key, --old, --new and --proof"
        )
    if arguments.what == "purge":
        return _purge(arguments, now)
    return {"verify": _verify, "proof": _proof, "check": _check}[arguments.what](arguments)


def _verify(arguments: argparse.Namespace) -> Answer:
    from hub.audit_key import AuditKey, read_verifiers
    from hub.audit_verify import verify
    from hub.key_providers import provider
    from hub.settings import load_settings
    from hub.stores.audit import Audit
    from hub.wiring import open_databases

    settings = load_settings()
    folders = arguments.folder or [settings.files / "outbox"]
    found = [one for folder in folders for one in _checkpoints(folder, bool(arguments.folder))]
    keys = read_verifiers(arguments.key) if arguments.key else AuditKey(provider(settings)).verifiers()
    with open_databases(settings) as (ledger, _):
        ledger.require_schema()
        with Audit(ledger).still() as (head, leaves):
            verified = verify(leaves, head, found, keys)
    wrong = [str(remark) for remark in verified.remarks]
    told = {"entries": verified.entries, "files": verified.files, "whole": not wrong, "wrong": wrong}
    told |= {"emptied": verified.emptied}
    counts = f"{verified.entries} entries; {verified.files} file(s) with a checkpoint"
    lines = [f"entries 1 to {verified.emptied} are over their term: hashes only"] if verified.emptied else []
    lines += wrong or ["the log is whole, and every checkpoint is one of it"]
    return told, [counts, *lines], TAMPERED if wrong else 0


def _purge(arguments: argparse.Namespace, now: datetime) -> Answer:
    """Take the text out of the entries that are over their term; their hashes stay."""
    from hub.calendar import brussels_date
    from hub.retention import load_retention
    from hub.settings import load_settings
    from hub.stores.audit import Audit
    from hub.wiring import open_databases

    settings = load_settings()
    term = load_retention(settings.partners / "retention.toml")["audit"]
    before = term.begins(brussels_date(now))
    with open_databases(settings) as (ledger, _):
        ledger.require_schema()
        log = Audit(ledger)
        count = log.over(before) if arguments.dry_run else log.empty(before, now)
    would = "would lose" if arguments.dry_run else "lost"
    told = {"dry_run": arguments.dry_run, "entries": count, "days": term.days}
    return told, [f"{count} entries over {term.days} days {would} their text"], 0


def _proof(arguments: argparse.Namespace) -> Answer:
    from hub.merkle import consistency_proof
    from hub.settings import load_settings
    from hub.stores.audit import Audit
    from hub.wiring import open_databases

    with open_databases(load_settings()) as (ledger, _):
        ledger.require_schema()
        audit = Audit(ledger)
        size = audit.checkpoint().size
        second = size if arguments.second is None else arguments.second
        if not 0 <= arguments.first <= second <= size:
            raise OperatorError(f"the log has {size} entries: --from and --to are numbers up to it, in that order")
        steps = consistency_proof(arguments.first, audit.hashes(second))
    lines = [base64.b64encode(step).decode() for step in steps]
    return {"from": arguments.first, "to": second, "proof": lines}, lines, 0


def _check(arguments: argparse.Namespace) -> Answer:
    from hub.audit_key import read_verifiers
    from hub.merkle import verify_consistency

    keys = read_verifiers(arguments.key)
    old, new = (_signed(path, keys) for path in (arguments.old, arguments.new))
    told = f"from {old.size} to {new.size} entries" if old and new else ""
    if old is None or new is None:
        text = f"the {'new' if old else 'old'} checkpoint is not signed by that key, or is none"
    elif verify_consistency(old.size, new.size, _steps(arguments.proof), old.root, new.root):
        return {"holds": True, "told": told}, [f"the log only grew, {told}"], 0
    else:
        text = f"this does not prove that the log only grew {told}: another proof, or history was rewritten"
    return {"holds": False, "told": text}, [text], TAMPERED


def _checkpoints(folder: Path, needed: bool) -> "Iterator[Found]":
    """The checkpoint in each GO below a folder; a GO without one is of before the log, or of a partner."""
    from hub.audit_verify import Found
    from hub.filenames import Manifest, parse_out

    if needed and not folder.is_dir():
        raise OperatorError("there is no such folder")
    for path in sorted(folder.rglob("GO.*")):
        name = parse_out(path.name)
        manifest = Manifest.parse(path.read_bytes()) if name and path.is_file() else None
        if manifest and manifest.checkpoint:
            yield Found(path.name, manifest.checkpoint)


def _signed(path: Path, keys: "list[Verifier]") -> "Checkpoint | None":
    """The signed checkpoint that a file is, or that a GO holds."""
    from hub.checkpoint import Checkpoint
    from hub.filenames import Manifest
    from hub.signed_note import text_of

    content = _read(path)
    manifest = Manifest.parse(content)
    note = manifest.checkpoint if manifest else content.decode(errors="replace")
    text = text_of(note, keys) if note else None
    return Checkpoint.parse(text) if text else None


def _steps(path: Path) -> list[bytes]:
    try:
        return [base64.b64decode(line, validate=True) for line in _read(path).split()]
    except binascii.Error:
        raise OperatorError(
            "the proof is not what `passerelle audit proof` prints: a line of base64 for each step"
        ) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise OperatorError("one of the files cannot be read") from None
