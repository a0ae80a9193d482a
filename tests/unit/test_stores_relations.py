"""The stores of volumes, requests and the vault, on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hub.errors import OperatorError
from hub.keys import KeyRing, initialise
from hub.stores import volumes
from hub.stores.database import Database
from hub.stores.identity import IdentityStore
from hub.stores.requests import Request, Requests
from hub.stores.volumes import Volumes
from hub.vault import Unsealed
from hub.volume import Named

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
TODAY = NOW.date()
CPAS = "062063"


def add(ledger: Database, day: date, named: Named) -> None:
    with ledger.write() as tx:
        volumes.add(ledger, tx, CPAS, day, named)


def test_counts_of_a_day_add_up_and_are_judged_once(ledger: Database) -> None:
    """Files of one day add to it; a day is looked at again only when more has come; what was noted stays."""
    store = Volumes(ledger)
    for named in (Named(3, 2, 1), Named(), Named(4, 1, 0)):
        add(ledger, TODAY, named)
    assert store.by_day(CPAS) == {TODAY: Named(7, 3, 1)}
    assert store.to_judge([CPAS]) == [(CPAS, TODAY)]
    assert store.judge(CPAS, TODAY, 7, ["MORE_THAN_USUAL"])
    assert store.to_judge([CPAS]) == []
    add(ledger, TODAY, Named(1))
    assert store.to_judge([CPAS, "062096"]) == [(CPAS, TODAY)]
    assert not store.judge(CPAS, TODAY, 8, [])
    (row,) = store.unusual(TODAY)
    assert (row["newcomers"], row["reasons"]) == (8, ["MORE_THAN_USUAL"])
    assert store.unusual(date(2026, 3, 10)) == []
    assert store.known([CPAS]) == 0
    assert store.named([CPAS], ["ab" * 16]) == Named(1, 1, 0)


def test_a_request_is_decided_once_by_another(ledger: Database) -> None:
    """Refused by who did not ask; a second decision finds nothing that waits."""
    store = Requests(ledger)
    made = Request("0195-a", "MERGED", "ab" * 16, "cd" * 16, TODAY, "same_person", "anne", NOW)
    store.ask(made)
    assert store.get("0195-a") == made
    with pytest.raises(OperatorError):
        store.decide("0195-a", "anne", NOW, None)
    store.decide("0195-a", "bert", NOW, None)
    for again in (lambda: store.get("0195-a"), lambda: store.decide("0195-a", "carl", NOW, None)):
        with pytest.raises(OperatorError, match="no request"):
            again()
    (row,) = store.all()
    assert (row["decision"], row["decided_by"]) == ("REFUSED", "bert")
    assert not {"sid", "about"} & row.keys()


def test_the_vault_keeps_gives_back_and_forgets(identity: Database, tmp_path: Path) -> None:
    """What was kept first stays; with the last row of a person its key goes; shredding leaves nothing of a person."""
    initialise(tmp_path / "keys", NOW)
    ring, vault = KeyRing(tmp_path / "keys"), IdentityStore(identity).vault
    anna, bert = (
        Unsealed(f"e{n}", CPAS, f"R{n}", sid * 16, local=False, values={"niss": f"{n}", "email": None})
        for n, sid in enumerate(("ab", "cd"))
    )
    vault.keep([], ring, NOW)
    vault.keep([bert, anna], ring, NOW)
    vault.keep([Unsealed("e0", CPAS, "R0", "ab" * 16, local=False, values={"niss": "other"})], ring, NOW)
    assert [one.values for one in vault.waiting([CPAS], ring)] == [{"niss": "0"}, {"niss": "1"}]
    assert vault.waiting(["900001"], ring) == []
    assert vault.wrapped_by(ring.active("vault").kid) == 2
    vault.remove([anna])
    assert vault.wrapped_by(ring.active("vault").kid) == 1
    assert vault.shred([bert.sid, "ef" * 16]) == 1
    assert vault.waiting([CPAS], ring) == []
