"""`passerelle keys …`: make, list, replace, take back, destroy and examine the hub's own keys. Never shows a secret."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from hub.api_key import initialise_api
from hub.audit_key import PRIVATE, initialise_audit
from hub.errors import OperatorError
from hub.key_providers import provider
from hub.keys import PURPOSES, KeyRing, initialise, initialise_ssh, missing
from hub.model import HUB
from hub.settings import Settings, load_settings

if TYPE_CHECKING:  # what follows opens databases: only a command that needs them does
    from hub.flow.landed import Landed
    from hub.keys_care import Care
    from hub.stores.audit import Audit

Answer = tuple[Any, list[str], int]
"""For a machine, for a reader, and the exit code."""


def add_keys(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `keys`."""
    whats = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    _add(whats, "init", "make the keys that are missing; one that exists is never replaced", dry=True)
    _add(whats, "list", "purpose, id, status, day and check value of each key")
    rotating = _add(whats, "rotate", "put another key in force and retire the active one", dry=True)
    rotating.add_argument("purpose", choices=PURPOSES)
    rotating.add_argument("--prepare", action="store_true", help="only make the key; the next rotate puts it in force")
    for what, text in {
        "retire": "take back a key that waits and was never in force",
        "destroy": "remove the secret of a retired key that nothing needs any more",
    }.items():
        sub = _add(whats, what, text, dry=True)
        sub.add_argument("purpose", choices=PURPOSES)
        sub.add_argument("kid", metavar="KID", help="the key's id, from `keys list`")
    _add(whats, "envelopes", "make what is missing of the registry's envelopes; say what partners are given", dry=True)
    _add(whats, "doctor", "is every key here, whole, private, and the one that was used before?")


def answer_keys(arguments: argparse.Namespace, now: datetime) -> Answer:
    """Do what is asked, or only say what would be done."""
    settings = load_settings()
    match arguments.what:
        case "init":
            return _init(settings, now, dry=arguments.dry_run)
        case "list":
            return _list(settings)
        case "envelopes":
            return _envelopes(settings, now, dry=arguments.dry_run)
        case "doctor":
            return _doctor(settings)
    with _care(settings, now, dry=arguments.dry_run) as (care, log):
        done = _changed(care, arguments)
        if done and not arguments.dry_run:
            _note(log, care, arguments)
    lines = [f"would do: {text}" if arguments.dry_run else text for text in done]
    return {"dry_run": arguments.dry_run, "steps": done}, lines, 0


def _add(whats: Any, name: str, text: str, *, dry: bool = False) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = whats.add_parser(name, help=text, description=text)
    sub.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="machine-readable answer")
    if dry:
        sub.add_argument("--dry-run", action="store_true", help="check everything and change nothing")
    return sub


def _init(settings: Settings, now: datetime, *, dry: bool) -> Answer:
    place = provider(settings)
    if not dry:
        new = [(key.purpose, key.kid) for key in initialise(place, now)]
        apart = {"ssh": initialise_ssh(settings.ssh_key), "api": initialise_api(settings.api_key)}
        apart["audit"] = initialise_audit(place)
        new += [(purpose, "") for purpose, is_new in apart.items() if is_new]
        rows, lines, code = _list(settings)
        return rows, lines + _note_made(settings, new, now), code
    made = [*missing(place), *([] if settings.ssh_key.exists() else ["ssh"])]
    made += [] if settings.api_key.exists() else ["api"]
    made += [] if place.read(PRIVATE) else ["audit"]
    lines = [f"would do: a key for {purpose} is made" for purpose in made]
    lines += [f"would do: {name} is wrapped" for name in place.unprotected()]
    return {"dry_run": True, "missing": made}, lines or ["no key is missing"], 0


def _note_made(settings: Settings, made: list[tuple[str, str]], now: datetime) -> list[str]:
    """Write into the audit log which keys were made, and which there are that it does not know; what is to be told.

    A first installation makes its keys before there is a ledger: they are found when the command is run again.
    """
    from hub import audit
    from hub.stores.audit import Audit
    from hub.wiring import open_databases

    there = {(k.purpose, k.kid) for purpose in PURPOSES for k in KeyRing(provider(settings)).all(purpose)}
    with open_databases(settings) as (ledger, _):
        if not ledger.has_schema():
            return ["no ledger yet: once it is migrated, run this again, and the audit log will know of these keys"]
        log = Audit(ledger)
        unknown = sorted((there | {("ssh", ""), ("api", ""), ("audit", "")}) - log.keys() - set(made))
        for action, keys in (("init", made), ("found", unknown)):
            for purpose, kid in keys:
                log.append(audit.KEYS, now, action=action, purpose=purpose, kid=kid or None)
    return []


def _list(settings: Settings) -> Answer:
    ring = KeyRing(provider(settings))
    rows = [
        {"purpose": k.purpose, "kid": k.kid, "status": k.status, "created": k.created, "check": k.check_value}
        for purpose in PURPOSES
        for k in ring.all(purpose)
    ]
    return rows, [" ".join(row.values()) for row in rows], 0


def _envelopes(settings: Settings, now: datetime, *, dry: bool) -> Answer:
    from hub import audit
    from hub.envelope_keys import make_missing, missing_kinds, our_public
    from hub.partners import load_registry
    from hub.stores.audit import Audit
    from hub.wiring import open_databases

    ring, registry = KeyRing(provider(settings)), load_registry(settings.partners)
    if dry:
        kinds = [kind for _, kind in missing_kinds(ring, registry)]
        lines = [f"would do: a key for {kind} is made" for kind in kinds]
        return {"dry_run": True, "missing": kinds}, lines or ["no key is missing"], 0
    with open_databases(settings) as (ledger, _):
        ledger.require_schema()
        for key in make_missing(ring, registry, now):
            Audit(ledger).append(audit.KEYS, now, action="envelopes", purpose=key.purpose, kid=key.kid)
    keys = our_public(ring, registry)
    lines = [f"{key['use']} {key['kind']} {key['kid']}\n{key['public']}" for key in keys]
    return {"partner": HUB, "keys": keys}, lines or ["the registry names no envelope"], 0


def _doctor(settings: Settings) -> Answer:
    from hub.keys_doctor import doctor
    from hub.stores.key_checks import KeyChecks
    from hub.wiring import open_databases

    with open_databases(settings) as (ledger, identity):
        ledger.require_schema()
        identity.require_schema()
        landed = _landed(settings, ledger)
        problems = doctor(KeyRing(provider(settings)), KeyChecks(identity), KeyChecks(ledger), landed.shut)
    code = OperatorError.exit_code if problems else 0
    return problems, problems or ["the keys are in order"], code


def _changed(care: "Care", arguments: argparse.Namespace) -> list[str]:
    from hub.keys_care import destroy, retire, rotate

    match arguments.what:
        case "rotate":
            return rotate(care, arguments.purpose, prepare=arguments.prepare)
        case "retire":
            return retire(care, arguments.purpose, arguments.kid)
    return destroy(care, arguments.purpose, arguments.kid)


def _note(log: "Audit", care: "Care", arguments: argparse.Namespace) -> None:
    """Write into the audit log what was done to which key; for a rotation, the key that came."""
    from hub import audit

    purpose = arguments.purpose
    kid = arguments.kid if "kid" in arguments else care.ring.all(purpose)[-1].kid
    action = "prepare" if getattr(arguments, "prepare", False) else arguments.what
    log.append(audit.KEYS, care.at, action=action, purpose=purpose, kid=kid)


@contextmanager
def _care(settings: Settings, now: datetime, *, dry: bool) -> Iterator[tuple["Care", "Audit"]]:
    from hub.keys_care import Care
    from hub.stores.audit import Audit
    from hub.stores.identity import IdentityStore
    from hub.stores.key_checks import KeyChecks
    from hub.stores.submissions import Submissions
    from hub.wiring import open_databases

    with open_databases(settings) as (ledger, identity):
        ledger.require_schema()
        identity.require_schema()
        care = Care(
            where=provider(settings),
            identity=IdentityStore(identity),
            checks=KeyChecks(identity),
            named=KeyChecks(ledger),
            sealed_to=lambda key: _landed(settings, ledger).sealed_to(key),
            received_until=Submissions(ledger).received_until,
            at=now,
            dry=dry,
        )
        yield care, Audit(ledger)


def _landed(settings: Settings, ledger: Any) -> "Landed":
    from hub.flow.landed import Landed
    from hub.partners import load_registry
    from hub.stores.landed import owners

    known = owners(ledger)
    partners = {p.partner_id for p in load_registry(settings.partners).list()} | set(known.values())
    return Landed(settings.files, known, sorted(partners))
