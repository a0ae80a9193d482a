"""A partner without a key loses nothing: what it is to know waits, locked, and is sealed once it gives one."""

from datetime import date
from pathlib import Path

import pytest
from play import Exchange
from scene import ANNA, CPAS, FOREM, OTHER, Scene, row

from hub import flow
from hub.cli import main
from hub.errors import OperatorError
from hub.flow.late import seal_waiting
from hub.keys import Key, KeyRing
from hub.stores import tables
from hub.vault import Unsealed, locked, new_person_key, rewrapped, unlocked, unwrapped
from hub.wiring import open_databases

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 3, n) for n in (9, 10, 11, 12))
DOSSIER = "A123"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()


@pytest.fixture
def keyless(tmp_path: Path, prepared: Exchange) -> Scene:
    """On Monday our CPAS, of which the hub has no key, orients somebody, and Le Forem answers."""
    scene = Scene(tmp_path, prepared)
    key_of(scene, CPAS).unlink()
    scene.send(MONDAY, "ORIE", row("ORIE", cpas_dossier_ref=DOSSIER))
    half(scene, MONDAY)
    scene.send(TUESDAY, "STAT", row("STAT"))
    half(scene, TUESDAY)
    return scene


def key_of(scene: Scene, partner: str) -> Path:
    """The partner's public key, where the operator installs it."""
    return scene.exchange.settings.partner_keys / f"{partner}.pub"


def given(scene: Scene) -> None:
    """The CPAS gives its key."""
    public = scene.exchange.partners / "public" / f"{CPAS}.pub"
    key_of(scene, CPAS).write_bytes(public.read_bytes())


def half(scene: Scene, day: date) -> list[str]:
    """All verbs; for whom publishing failed."""
    return [one.partner for one in scene.exchange.half_day(day, "EVENING") if one.error]


def kept(scene: Scene) -> dict[str, int]:
    """How many rows the vault and its neighbours hold for our CPAS."""
    with open_databases(scene.exchange.settings) as (_, identity), identity.read() as tx:
        found = {}
        for table in (tables.vault, tables.capsule, tables.local_reference, tables.person_key):
            rows = tx.execute(table.select()).mappings().all()
            found[table.name] = sum(1 for one in rows if one.get("recipient", CPAS) == CPAS)
        return found


def test_what_waits_is_told_once_the_key_is_there(keyless: Scene) -> None:
    """No row is sent again: the CPAS opens the person and its own dossier number, and the vault is empty."""
    assert kept(keyless) == {"vault": 2, "capsule": 0, "local_reference": 0, "person_key": 1}
    assert half(keyless, TUESDAY) == [CPAS], "nothing can be told to it yet, and the others are not kept waiting"
    assert len(keyless.told(FOREM, "ORIE")) == 1
    given(keyless)
    keyless.run(WEDNESDAY)
    assert kept(keyless) == {"vault": 0, "capsule": 1, "local_reference": 1, "person_key": 0}
    (told,) = keyless.told(CPAS, "STAT")
    person = {name: told[f"identity_{name}"] for name in ANNA}
    assert (person, told["cpas_dossier_ref"]) == (ANNA, DOSSIER)
    assert keyless.view(CPAS)["REFERRAL", "", "R62063-2026-000001"]["class"] == "AGREED"


def test_nothing_clear_lies_in_the_vault(keyless: Scene) -> None:
    """The database holds neither number nor name nor dossier, as text or as JSON."""
    clear = [*ANNA.values(), DOSSIER, "last_name"]
    for path in keyless.exchange.settings.home.glob("*.db*"):
        assert not [one for one in clear if one.encode() in path.read_bytes()], path.name


@pytest.mark.parametrize("purposes", [["vault"], ["vault", "vault"]])
def test_a_new_key_of_the_hub_opens_what_waits(
    keyless: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], purposes: list[str]
) -> None:
    """Each person's key is wrapped anew and the old key can be destroyed; what is kept is not touched."""
    monkeypatch.setenv("PASSERELLE_HOME", str(keyless.exchange.settings.home))
    ring = KeyRing(keyless.exchange.settings.keys)
    old = ring.active("vault").kid
    with open_databases(keyless.exchange.settings) as (_, identity), identity.read() as tx:
        before = tx.execute(tables.vault.select()).all()
    for purpose in purposes:
        assert main(["keys", "rotate", purpose]) == 0
    assert main(["keys", "destroy", "vault", old]) == 0
    assert main(["keys", "doctor"]) == 0
    capsys.readouterr()
    with open_databases(keyless.exchange.settings) as (_, identity), identity.read() as tx:
        assert tx.execute(tables.vault.select()).all() == before
    given(keyless)
    keyless.run(WEDNESDAY)
    assert len(keyless.told(CPAS, "STAT")) == 1


def test_a_person_that_is_shredded_is_told_to_nobody(keyless: Scene) -> None:
    """With the person's key all that was kept is gone, copies of the rows included; a second time nothing is left."""
    with open_databases(keyless.exchange.settings) as (_, identity), identity.read() as tx:
        copies = tx.execute(tables.vault.select()).mappings().all()
    with keyless.exchange.hub(WEDNESDAY) as hub:
        sids = {one["sid"] for one in copies}
        assert hub.identity.vault.shred(sids) == 1
        assert hub.identity.vault.shred(sids) == 0
    assert kept(keyless) == {"vault": 0, "capsule": 0, "local_reference": 0, "person_key": 0}
    given(keyless)
    with keyless.exchange.hub(WEDNESDAY) as hub:
        for one in copies:  # as from a backup that holds the table of the vault, and not that of the keys
            with hub.identity.vault._db.write() as tx:
                tx.execute(tables.vault.insert(), dict(one))
        assert hub.identity.vault.waiting([CPAS], hub.keys) == []
        seal_waiting(hub, [CPAS])
    assert kept(keyless)["capsule"] == 0


def test_sealing_twice_changes_nothing(keyless: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies between sealing and forgetting: the next seals again, and the first capsule stays."""
    given(keyless)

    class Died(Exception):  # noqa: N818
        """As by a kill."""

    def dies(*_: object) -> None:
        raise Died

    with keyless.exchange.hub(WEDNESDAY) as hub:
        with monkeypatch.context() as patch:
            patch.setattr(hub.identity.vault, "remove", dies)
            with pytest.raises(Died):
                seal_waiting(hub, [CPAS])
        first = kept(keyless)
        seal_waiting(hub, [CPAS])
        seal_waiting(hub, [CPAS])
    assert first == {"vault": 2, "capsule": 1, "local_reference": 1, "person_key": 1}
    assert kept(keyless) == {"vault": 0, "capsule": 1, "local_reference": 1, "person_key": 0}


def test_without_a_vault_key_the_operator_is_told(keyless: Scene) -> None:
    """An installation of before the vault: nothing is processed for a partner without a key until `keys init`."""
    (keyless.exchange.settings.keys / "vault.json").unlink()
    keyless.send(WEDNESDAY, "SITU", row("SITU"))
    with keyless.exchange.hub(WEDNESDAY) as hub:
        flow.collect(hub, [CPAS, OTHER])
        (failed,) = [one for one in flow.process(hub, [CPAS, OTHER]) if one.error]
    assert (failed.partner, failed.error) == (CPAS, "OperatorError")


def key(kid: str) -> Key:
    return Key(kid, "vault", "active", "2026-03-09", kid.encode().ljust(32, b"."))


def test_what_is_locked_opens_for_its_own_person_alone() -> None:
    """Another person, event, recipient, entity or kind, another key, a changed byte: an OperatorError, and no value."""
    one = Unsealed("e1", CPAS, "R1", "ab" * 16, False, {**ANNA, "sex": None})
    wrapped = new_person_key(key("aaaa"))
    secret = unwrapped(wrapped, key("aaaa"))
    sealed = locked(one, secret)
    assert unlocked(one, sealed, secret) == ANNA
    assert unlocked(one, sealed, unwrapped(rewrapped(wrapped, key("aaaa"), key("bbbb")), key("bbbb"))) == ANNA
    assert ANNA["niss"] not in repr(one)
    others = [("e2", CPAS, "R1", "ab" * 16, False), ("e1", FOREM, "R1", "ab" * 16, False)]
    others += [("e1", CPAS, "R2", "ab" * 16, False), ("e1", CPAS, "R1", "cd" * 16, False), (*others[0][:4], True)]
    for each in others:
        with pytest.raises(OperatorError):
            unlocked(Unsealed(*each, {}), sealed, secret)
    for changed in (bytes([sealed[0] ^ 1]) + sealed[1:], sealed[:-1], b""):
        with pytest.raises(OperatorError):
            unlocked(one, changed, secret)
    with pytest.raises(OperatorError):
        unwrapped(wrapped, key("bbbb"))
