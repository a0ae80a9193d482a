"""Who a subject is, is told to two officers together, once, in time, and to nobody else."""

import io
import json
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from play import PROJECT, Exchange
from scene import ANNA, CPAS, FOREM, OTHER, Scene, row

from hub.cli import main
from hub.flow.erase import erase, found
from hub.stores import tables
from hub.wiring import open_databases
from hub.zones import NEEDS

BORIS = {"niss": "90021100022", "last_name": "Lambert", "first_name": "Boris", "birth_date": "1990-02-11"}
MONDAY = date(2026, 3, 9)
MORNING, EVENING, TOO_LATE = "2026-03-10T09:00+01:00", "2026-03-10T18:00+01:00", "2026-03-11T09:01+01:00"
WHY = "courrier du 9 mars, Zoé Dubois-Épée demande ses données"
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def keyless() -> tuple[str, ...]:
    """The partners of which the hub has no key: for them an identity waits in the vault."""
    return (FOREM,)


@pytest.fixture
def scene(
    tmp_path: Path,
    new_stores: Callable[[], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    keyless: tuple[str, ...],
) -> Scene:
    """A day with one orientation, in a registry that will have officers."""
    registry = tmp_path / "registry"
    shutil.copytree(PROJECT / "partners", registry)
    environ = new_stores() | {"PASSERELLE_PARTNERS": str(registry)}
    made = Exchange(tmp_path / "made", cpas=f"{CPAS},{OTHER}", environ=environ).prepare()
    scene = Scene(tmp_path / "scene", made)
    for partner in keyless:
        (scene.exchange.settings.partner_keys / f"{partner}.pub").unlink()
    scene.send(MONDAY, "ORIE", row("ORIE", **ANNA), row("ORIE", **BORIS, referral_id="R62063-2026-000002"))
    told = scene.exchange.half_day(MONDAY, "EVENING")
    assert {one.partner for one in told if one.error} == set(keyless)
    for name, value in {**environ, "PASSERELLE_HOME": str(scene.exchange.root / "hub")}.items():
        monkeypatch.setenv(name, value)
    return scene


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def command(*words: str, text: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        code = main(["reveal", *words])
        out, err = capsys.readouterr()
        return code, out + err

    return command


@pytest.fixture
def officers(scene: Scene, run: Run, tmp_path: Path) -> dict[str, Path]:
    """Two officers of the registry, and somebody who is none."""
    keys = {name: tmp_path / f"{name}.key" for name in ("dpo-liege", "juriste", "stranger")}
    lines = [run("key", name, "--out", str(path))[1] for name, path in keys.items()]
    with (tmp_path / "registry" / "officers.txt").open("a") as registry:
        registry.writelines(line.strip() + " a remark\n" for line in lines[:2])
    return keys


def subject(scene: Scene) -> str:
    with scene.exchange.hub(MONDAY) as hub:
        (sid,) = found(hub, niss=ANNA["niss"]).sids
    return sid


def asked(scene: Scene, run: Run, key: Path) -> str:
    words = ("request", subject(scene), "--reason", "PERSON_RIGHTS", "--at", MORNING, "--key", str(key), "--json")
    code, text = run(*words, text=WHY)
    assert code == 0, text
    return str(json.loads(text)["request"])


def reveal_entries(scene: Scene) -> Sequence[dict[str, Any]]:
    leaves = sorted(scene.exchange.rows(tables.audit_leaf), key=lambda line: line["n"])
    return [entry for line in leaves if (entry := json.loads(line["entry"]))["kind"] == "reveal"]


def test_two_officers_learn_who_it_is_once(scene: Scene, run: Run, officers: dict[str, Path]) -> None:
    """Asked for by one, approved by the other, opened by one of them; then it is over. Each step is in the log."""
    first, second = officers["dpo-liege"], officers["juriste"]
    one = asked(scene, run, first)
    code, text = run("approve", one, "--at", EVENING, "--key", str(second))
    assert (code, WHY in text) == (0, True)
    code, text = run("open", one, "--at", EVENING, "--key", str(first), "--json")
    assert code == 0
    assert json.loads(text) == ANNA
    assert run("open", one, "--at", EVENING, "--key", str(first))[0] == 11
    entries = reveal_entries(scene)
    assert [(e["action"], e["officer"]) for e in entries] == [
        ("request", "dpo-liege"),
        ("approve", "juriste"),
        ("open", "dpo-liege"),
    ]
    assert {e["reason"] for e in entries} == {"PERSON_RIGHTS"}
    assert [w for w in (subject(scene), ANNA["niss"], "Dubois", "courrier") if w in json.dumps(entries)] == []


def test_one_person_alone_cannot(scene: Scene, run: Run, officers: dict[str, Path]) -> None:
    """Neither without an approval, nor by approving oneself, nor with a key that is no officer's."""
    first = str(officers["dpo-liege"])
    one = asked(scene, run, officers["dpo-liege"])
    assert "a second officer has to approve" in run("open", one, "--at", EVENING, "--key", first)[1]
    assert "who asks does not approve" in run("approve", one, "--at", EVENING, "--key", first)[1]
    stranger = str(officers["stranger"])
    assert "not that of an officer" in run("approve", one, "--at", EVENING, "--key", stranger)[1]
    assert run("open", one, "--at", EVENING, "--key", first)[0] == 11
    assert [e["action"] for e in reveal_entries(scene)] == ["request"]


@pytest.mark.parametrize("forged", ["approval", "approved_by", "sid", "reason", "text", "asked_at"])
def test_who_writes_into_the_store_cannot_either(
    scene: Scene, run: Run, officers: dict[str, Path], forged: str
) -> None:
    """One officer with the database in hand: own signature as the second, or another subject under two signatures."""
    first, second = officers["dpo-liege"], officers["juriste"]
    one = asked(scene, run, first)
    if forged not in ("approval", "approved_by"):
        assert run("approve", one, "--at", EVENING, "--key", str(second))[0] == 0
    with open_databases(scene.exchange.settings) as (_, identity), identity.write() as tx:
        note = tx.execute(sa.select(tables.reveal.c.note)).scalar_one()
        other: dict[str, Any] = {
            "approval": {"approval": note, "approved_by": "juriste"},
            "approved_by": {"approval": note.replace("dpo-liege", "juriste"), "approved_by": "juriste"},
            "sid": {"sid": "0" * 32},
            "reason": {"reason": "INCIDENT"},
            "text": {"text": "autre chose"},
            "asked_at": {"asked_at": tx.execute(sa.select(tables.reveal.c.asked_at)).scalar_one().replace(hour=9)},
        }[forged]
        tx.execute(tables.reveal.update().values(**other))
    code, text = run("open", one, "--at", EVENING, "--key", str(first))
    assert code == 11, text
    assert "Dubois" not in text


def test_after_its_time_a_request_is_over(scene: Scene, run: Run, officers: dict[str, Path]) -> None:
    """A day later it can neither be approved nor opened."""
    one = asked(scene, run, officers["dpo-liege"])
    assert "time of the request is over" in run("approve", one, "--at", TOO_LATE, "--key", str(officers["juriste"]))[1]
    assert run("approve", one, "--at", EVENING, "--key", str(officers["juriste"]))[0] == 0
    assert "time of the request is over" in run("open", one, "--at", TOO_LATE, "--key", str(officers["juriste"]))[1]


def test_a_reason_is_of_the_list_and_has_a_text(scene: Scene, run: Run, officers: dict[str, Path]) -> None:
    """No text, no request; another reason is refused by the command line."""
    words = ("request", subject(scene), "--at", MORNING, "--key", str(officers["dpo-liege"]), "--reason")
    assert run(*words, "PERSON_RIGHTS", text=" \n")[0] == 11
    with pytest.raises(SystemExit):
        run(*words, "CURIOSITY", text=WHY)
    assert reveal_entries(scene) == []


def test_the_text_is_in_the_identity_store_alone_and_goes_with_the_person(
    scene: Scene, run: Run, officers: dict[str, Path]
) -> None:
    """Erasing the person ends the request, and takes its text away; who asked, and when, stays."""
    one = asked(scene, run, officers["dpo-liege"])
    with open_databases(scene.exchange.settings) as (ledger, identity):
        for database, inside in ((ledger, False), (identity, True)):
            text = ""
            for table in getattr(tables, database.zone).sorted_tables:
                with database.read() as tx:
                    text += str(tx.execute(sa.select(table)).all())
            assert ("courrier du 9 mars" in text) is inside
    with scene.exchange.hub(MONDAY) as hub:
        erase(hub, found(hub, niss=ANNA["niss"]).sids, "OBJECTION")
    assert "its person was erased" in run("approve", one, "--at", EVENING, "--key", str(officers["juriste"]))[1]
    with open_databases(scene.exchange.settings) as (_, identity), identity.read() as tx:
        kept = tx.execute(sa.select(tables.reveal)).mappings().one()
    assert (kept["sid"], kept["text"], kept["note"], kept["asked_by"]) == (None, None, "", "dpo-liege")


@pytest.mark.parametrize("keyless", [()])
def test_a_received_file_is_never_opened_to_say_who_it_is(scene: Scene, run: Run, officers: dict[str, Path]) -> None:
    """Every partner has a key, so nothing waits: two officers agree, the file is still kept, and nobody is told."""
    one = asked(scene, run, officers["dpo-liege"])
    assert run("approve", one, "--at", EVENING, "--key", str(officers["juriste"]))[0] == 0
    assert any((scene.exchange.settings.files / "landing").iterdir())
    code, text = run("open", one, "--at", EVENING, "--key", str(officers["juriste"]))
    assert (code, "ask a partner" in text, "Dubois" in text) == (11, True, False)
    assert [e["action"] for e in reveal_entries(scene)] == ["request", "approve"]
    assert NEEDS["reveal"].keys == {"vault"}


@pytest.mark.parametrize("keyless", [(CPAS,), (FOREM,), (CPAS, FOREM)])
def test_what_waits_for_a_key_is_read_by_two_officers_too(
    scene: Scene, run: Run, officers: dict[str, Path], keyless: tuple[str, ...]
) -> None:
    """Whichever partner has no key, the vault holds the person for it: it is told, once."""
    one = asked(scene, run, officers["dpo-liege"])
    words = ("open", one, "--at", EVENING, "--key", str(officers["juriste"]))
    assert "a second officer has to approve" in run(*words)[1]
    assert run("approve", one, "--at", EVENING, "--key", str(officers["juriste"]))[0] == 0
    code, text = run(*words, "--json")
    assert (code, json.loads(text)) == (0, ANNA)
    assert "was opened already" in run(*words)[1]
    assert [e["action"] for e in reveal_entries(scene)] == ["request", "approve", "open"]


@pytest.mark.parametrize("keyless", [(CPAS,)])
def test_a_row_of_the_vault_that_was_moved_to_another_person_names_nobody(
    scene: Scene, run: Run, officers: dict[str, Path]
) -> None:
    """One who writes into the store puts another's row under the subject: it does not open, and nothing is told."""
    one = asked(scene, run, officers["dpo-liege"])
    assert run("approve", one, "--at", EVENING, "--key", str(officers["juriste"]))[0] == 0
    mine, v = subject(scene), tables.vault.c
    with open_databases(scene.exchange.settings) as (_, identity), identity.write() as tx:
        tx.execute(tables.vault.delete().where(v.sid == mine))
        assert tx.execute(tables.vault.update().where(v.local == sa.false()).values(sid=mine)).rowcount == 1
    code, text = run("open", one, "--at", EVENING, "--key", str(officers["juriste"]))
    assert (code, "is not the one it was kept with" in text, "Lambert" in text) == (11, True, False)
    assert [e["action"] for e in reveal_entries(scene)] == ["request", "approve"]


@pytest.mark.parametrize("keyless", [(CPAS,)])
def test_a_shredded_person_is_revealed_to_nobody(scene: Scene, run: Run, officers: dict[str, Path]) -> None:
    """The key of the person is gone, and rows of the vault came back with a backup: they tell nothing."""
    one = asked(scene, run, officers["dpo-liege"])
    assert run("approve", one, "--at", EVENING, "--key", str(officers["juriste"]))[0] == 0
    with open_databases(scene.exchange.settings) as (_, identity), identity.write() as tx:
        tx.execute(tables.person_key.delete())
    code, text = run("open", one, "--at", EVENING, "--key", str(officers["juriste"]))
    assert (code, "the vault does not hold" in text) == (11, True)
