"""erase: a person is forgotten, in every store, and whoever was told of it is told that its rows are gone.

Each step can be run again, and an erasure that was cut short is ended by the next, whoever it is about: what is to be
done is written in the identity store first and struck out last. In between, in this order: nobody finds the person by
number; no file is recorded under its subject; its rows are taken back from each recipient, in each feed; the ledger,
the landed files and what was sealed lose it. The audit log says that somebody was erased, why and when, and not who.
"""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from hub.errors import OperatorError
from hub.flow.guard import guarded
from hub.flow.hub import Hub
from hub.flow.process import indexes_of
from hub.flow.recall import recall
from hub.retention import load_retention
from hub.rights import REASONS
from hub.stores.forgetting import Erasure


@dataclass(frozen=True, slots=True)
class Found:
    """Whom an erasure would concern: the subjects of a person, and what each recipient was told of them."""

    sids: frozenset[str]
    told: pl.DataFrame


def found(hub: Hub, *, niss: str | None = None, subject: str | None = None) -> Found:
    """The person of this number, or of this subject id, with every other number that is known to be its own.

    No subject is made for a number that is not known: nobody is found then.
    """
    forgetting = hub.identity.forgetting
    sids: set[str] = set()
    if niss is not None:
        sids = guarded("find", lambda: forgetting.known(indexes_of(hub, [niss])))
    elif subject is not None and (forgetting.is_known(subject) or _organisations(hub, {subject})):
        sids = {subject}
    whole = hub.ledger.erasures.whole(sids) if sids else set()
    return Found(frozenset(whole), hub.ledger.erasures.told(whole))


def erase(hub: Hub, sids: Collection[str], reason: str) -> int:
    """Erase these subjects, after the erasures that were not ended; how many erasures were ended.

    The subjects are to be whole persons (`found`). Raises OperatorError for a reason that is none.
    """
    if reason not in REASONS:
        raise OperatorError(f"the reason is one of {', '.join(REASONS)}")
    done = resume(hub)
    if not sids:
        return done
    one = Erasure(hub.new_id(), reason, tuple(sorted(sids)), hub.now)
    until = hub.today + timedelta(days=load_retention(hub.settings.partners / "retention.toml")["traces"].days)
    hub.identity.forgetting.begin(one, _organisations(hub, sids), until)
    return done + resume(hub)


def resume(hub: Hub) -> int:
    """End every erasure that has begun, and look again for what a run under way wrote of those erased lately."""
    pending = hub.identity.forgetting.pending()
    for one in pending:
        _finish(hub, one)
    if late := hub.ledger.erasures.lately():
        _forget(hub, late)
    if pending:
        hub.ledger.erasures.give_back()
        hub.identity.forgetting.give_back()
    return len(pending)


def _finish(hub: Hub, one: Erasure) -> None:
    hub.ledger.erasures.begin(one.sids, one.reason, one.at)
    recall(hub, one)
    _forget(hub, one.sids)
    hub.ledger.erasures.complete(one.sids, one.reason, hub.now)
    hub.identity.forgetting.end(one.erasure_id, hub.now)


def _forget(hub: Hub, sids: Collection[str]) -> None:
    hub.ledger.erasures.forget(sids, lambda: os.urandom(16).hex())
    _remove_landed(hub)
    hub.identity.vault.shred(sids)
    hub.identity.forgetting.forget(sids)


def _remove_landed(hub: Hub) -> None:
    """The files that held rows of erased people, as they were received: they are read, so nothing needs them."""
    of_erased = hub.ledger.erasures.messages()
    for message_id, names in hub.ledger.submissions.answered().items():
        for name in names if message_id in of_erased else ():
            hub.files.remove("landing", name)
            hub.files.remove("quarantine", name)


def _organisations(hub: Hub, sids: Collection[str]) -> set[str]:
    """Who spoke of these people, and who speaks in their place today."""
    named = hub.ledger.erasures.organisations(sids)
    return named | {hub.registry.successor(one, hub.today) for one in named}
