"""The command line: its answers, in text and JSON, and its exit codes."""

import json
from pathlib import Path

import pytest
from play import WEEK, Exchange

from hub.cli import main

FILES = "in/done/FI.ORIE.*"


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    made = Exchange(tmp_path_factory.mktemp("cli")).prepare()
    made.play(WEEK[:1])
    return made


@pytest.fixture(autouse=True)
def home(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_HOME", str(exchange.root / "hub"))


def answer(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(words) == code
    return capsys.readouterr().out


def test_every_verb_runs_without_airflow(capsys: pytest.CaptureFixture[str]) -> None:
    """Each verb is a command on the same code, and running it when there is nothing to do is harmless."""
    for verb in ("collect", "process", "acknowledge", "reconcile", "publish", "deliver"):
        answer(capsys, verb, "--at", "2026-03-09T20:00+01:00", "--json")


def test_status_is_json_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    """`status --json` can be read by a program and says whether rows were conserved."""
    assert json.loads(answer(capsys, "status", "--json"))["conservation"]["holds"] == 1
    assert ": balanced" in answer(capsys, "status")


def test_explain_tells_a_message_and_a_referral(exchange: Exchange, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole story of a referral leads to the message it came in, and the other way round."""
    with exchange.hub(WEEK[0]) as hub:
        referral = hub.ledger.entities.states()[0].entity_id
    story = json.loads(answer(capsys, "explain", referral, "--json"))
    message = next(step["message_id"] for step in story if step["what"] == "row accepted")
    assert any(step.get("entity_id") == referral for step in json.loads(answer(capsys, "explain", message, "--json")))
    assert referral in answer(capsys, "explain", message)


def test_explain_of_something_unknown_is_the_operators_error(capsys: pytest.CaptureFixture[str]) -> None:
    """An id that is nowhere gives exit code 11 and one sentence."""
    assert main(["explain", "R00000-0000-000000"]) == 11
    assert capsys.readouterr().err == "passerelle: nothing in the ledger has this id\n"


def test_partners_are_listed_and_checked(capsys: pytest.CaptureFixture[str]) -> None:
    """The registry in git holds together, and lists every partner."""
    assert answer(capsys, "partners", "check") == "the registry holds together\n"
    assert len(json.loads(answer(capsys, "partners", "list", "--json"))) == 261 + 13 + 1


def test_a_broken_registry_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A registry with an error gives exit code 11 and names the file."""
    monkeypatch.setenv("PASSERELLE_PARTNERS", str(tmp_path))
    assert "cpas.csv" in answer(capsys, "partners", "check", code=11)


def test_check_answers_as_the_hub_would(exchange: Exchange, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that the hub accepts gives 0; the same file with a NISS that lost its zero gives 10 and says why."""
    sent = next(p for p in sorted(exchange.partners.glob("*/mailbox/" + FILES)) if p.name.endswith(".1.1"))
    good = tmp_path / sent.name
    good.write_bytes(sent.read_bytes())
    told = json.loads(answer(capsys, "check", str(good), "--json"))
    assert (told["verdict"], told["rejected"]) == ("ACCEPTED", 0)
    header, first, *rest = good.read_text().splitlines()
    niss = first.split(";")[header.split(";").index("niss")]
    good.write_text("\n".join([header, first.replace(niss, niss[1:]), *rest]) + "\n")
    shown = answer(capsys, "check", str(good), code=10)
    assert "R102" in shown
    assert niss[1:] not in shown


def test_check_needs_no_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A partner without keys or databases can check a file; a name outside the grammar is F01."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "nothing"))
    (tmp_path / "orientations.csv").write_text("a;b\n")
    assert "F01" in answer(capsys, "check", str(tmp_path / "orientations.csv"), code=10)
    assert not (tmp_path / "nothing").exists()


def test_le_forem_opens_its_file_with_its_key(exchange: Exchange, capsys: pytest.CaptureFixture[str]) -> None:
    """`open` gives Le Forem the NISS of the people oriented to it, and refuses another's key with code 11."""
    file = str(next(exchange.settings.files.glob("outbox/FO.ORIE.900001.*")))
    keys = {p: str(next((exchange.partners / p / "keys").glob("*.key"))) for p in exchange.everyone()}
    rows = json.loads(answer(capsys, "open", file, "--key", keys.pop("900001"), "--json"))
    assert all(len(row["identity_niss"]) == 11 for row in rows)
    assert main(["open", file, "--key", keys.popitem()[1]]) == 11
    assert "not given" in capsys.readouterr().err


def test_keys_are_listed_without_their_secrets(exchange: Exchange, capsys: pytest.CaptureFixture[str]) -> None:
    """`keys list` shows ids and check values only."""
    rows = json.loads(answer(capsys, "keys", "list", "--json"))
    assert {row["purpose"] for row in rows} == {"index", "token", "digest", "landing"}
    assert all(set(row) == {"purpose", "kid", "status", "created", "check"} for row in rows)
    assert main(["keys", "init"]) == 0


def test_a_hub_that_was_never_set_up_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without databases the operator is told to migrate, exit code 11."""
    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path))
    assert main(["status"]) == 11
    assert "passerelle migrate" in capsys.readouterr().err
    assert main(["migrate", "--json"]) == 0
    assert main(["collect", "--at", "2026-03-09T20:00"]) == 11


def test_an_unreachable_partner_is_transient(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A partner that does not answer gives exit code 12 and its outcome, the others are done."""
    channels = tmp_path / "channels.toml"
    away = "[channel.062003]\nhost='127.0.0.1'\nport=1\nuser='x'\nhost_keys=['ssh-ed25519 AAAA']\n"
    channels.write_text(away)
    monkeypatch.setenv("PASSERELLE_CHANNELS", str(channels))
    told = json.loads(answer(capsys, "collect", "--partner", "062003", "--json", code=12))
    assert told == [{"partner": "062003", "done": 0, "error": "Unreachable", "retry": True}]
