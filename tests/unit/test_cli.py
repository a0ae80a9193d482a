"""The command line: its answers, in text and JSON, and its exit codes."""

import json
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from play import PROJECT, WEEK, Exchange

from contracts.registry import contracts
from hub.cli import main
from hub.keys import PURPOSES
from hub.settings import load_settings
from hub.stores import tables
from hub.wiring import open_databases

FILES = "in/done/FI.ORIE.*"
PARTNERS = Path(__file__).parents[2] / "partners"


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
    states = exchange.rows(tables.entity_state)
    referral = next(state["entity_id"] for state in states if state["kind"] == "REFERRAL")
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
    assert len(json.loads(answer(capsys, "partners", "list", "--json"))) == 261 + 13 + 3


def test_a_broken_registry_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A registry with an error gives exit code 11 and names the file."""
    monkeypatch.setenv("PASSERELLE_PARTNERS", str(tmp_path))
    assert "cpas.csv" in answer(capsys, "partners", "check", code=11)


def test_a_bad_choice_of_offers_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line of selection.csv that the page of offers would stumble over is told with its number, code 11."""
    folder = shutil.copytree(PARTNERS, tmp_path / "partners")
    with (folder / "selection.csv").open("a", encoding="utf-8") as choices:
        choices.write("062063;EVERYWHERE;;;200\n")
    monkeypatch.setenv("PASSERELLE_PARTNERS", str(folder))
    assert answer(capsys, "partners", "check", code=11) == "selection.csv:2: scope has not the form it must have\n"


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


def test_contracts_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Every contract is there once, by feed, version and direction, for people and for programs."""
    rows = json.loads(answer(capsys, "contracts", "list", "--json"))
    assert [row["contract"] for row in rows] == [contract.label for contract in contracts("T")]
    assert {"contract": "orientations/1", "feed": "ORIE", "direction": "in", "columns": 42} in rows
    shown = answer(capsys, "contracts", "list").splitlines()
    assert len(shown) == len(rows)
    assert all(row["contract"] in line and row["feed"] in line for row, line in zip(rows, shown, strict=True))


@pytest.mark.parametrize(
    ("which", "label"),
    [("ORIE", "orientations/2"), ("orie", "orientations/2"), ("orientations/1", "orientations/1")],
)
def test_a_contract_is_shown_column_by_column(which: str, label: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A feed means the last version received under it; each column says whether it is required and what it expects."""
    told = json.loads(answer(capsys, "contracts", "show", which, "--json"))
    assert (told["contract"], told["feed"]) == (label, "ORIE")
    assert told["key"] == ["referral_id", "effective_date", "version"]
    columns = {column["name"]: column for column in told["columns"]}
    priority = {"name": "priority", "kind": "code", "nature": "coded", "required": True, "expects": "NORMAL, URGENT"}
    assert columns["priority"] == priority
    assert columns["driving_license"]["expects"] == "A, B, C, D (joined by |)"
    assert columns["niss"]["expects"] == "11 digits"
    first, *lines, key = answer(capsys, "contracts", "show", which).splitlines()
    assert (first, key) == (f"{label} (ORIE, in)", "key: referral_id, effective_date, version")
    assert [line.split()[0] for line in lines] == [column["name"] for column in told["columns"]]
    assert lines[12].split() == ["sex", "optional", "quasi", "0,", "1,", "2"]


def test_a_contract_that_we_publish_is_named_by_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    """Where a feed goes both ways its name is that of the way in; what goes out only is found by its feed too."""
    told = json.loads(answer(capsys, "contracts", "show", "orientations_out/1", "--json"))
    assert "sealed_identity" in {column["name"] for column in told["columns"]}
    assert json.loads(answer(capsys, "contracts", "show", "RECO", "--json"))["contract"] == "reconciliation/1"


def test_two_contracts_are_compared(capsys: pytest.CaptureFixture[str]) -> None:
    """Each change is a line that says whom it breaks; a contract and itself say the same."""
    pair = ("contracts", "diff", "orientations/1", "orientations_out/1")
    rows = json.loads(answer(capsys, *pair, "--json"))
    assert {"column": "niss", "what": "removed", "breaks_sender": True, "breaks_reader": True} in rows
    shown = answer(capsys, *pair).splitlines()
    assert shown[0] == "orientations/1 → orientations_out/1"
    assert shown[1] == "  (contract): ORIE in became ORIE out — breaks sender and reader"
    assert len(shown) == len(rows) + 1
    assert answer(capsys, "contracts", "diff", "ORIE", "orie") == "orientations/2 and orientations/2 say the same\n"
    assert json.loads(answer(capsys, "contracts", "diff", "ORIE", "orie", "--json")) == []
    told = answer(capsys, "contracts", "diff", "registrations/1", "registrations/2").splitlines()
    assert told[0] == "registrations/1 → registrations/2"
    assert told[1:] == ["  deregistration_reason: added, optional — breaks sender and reader"]


def test_a_template_is_the_header_of_an_empty_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What `contracts template` prints is a file that can be sent as it is: no row, and nothing wrong."""
    for contract in contracts("T"):
        if contract.direction == "in":
            header = answer(capsys, "contracts", "template", contract.label)
            assert header == ";".join(contract.columns) + "\n"
            (tmp_path / "empty.csv").write_text(header)
            assert main(["check", str(tmp_path / "empty.csv"), "--feed", contract.feed]) == 0
            capsys.readouterr()
            assert json.loads(answer(capsys, "contracts", "template", contract.label, "--json")) == [*contract.columns]


@pytest.mark.parametrize(
    "words",
    [
        ("list", "ORIE"),
        ("show",),
        ("show", "ORIE", "SITU"),
        ("show", "XXXX"),
        ("show", "orientations/9"),
        ("diff", "ORIE"),
        ("diff", "ORIE", "XXXX"),
        ("template",),
        ("template", "XXXX"),
    ],
)
def test_a_question_about_no_contract_is_the_operators_error(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    """Too few or too many contracts, or one that does not exist: exit code 11 and one sentence."""
    assert main(["contracts", *words]) == 11
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert "contract" in printed.err


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
    assert {row["purpose"] for row in rows} == {"index", "token", "digest", "landing", "vault", "opening", "signing"}
    assert all(set(row) == {"purpose", "kid", "status", "created", "check"} for row in rows)
    assert main(["keys", "init"]) == 0


def test_what_is_done_to_a_key_is_in_the_audit_log(exchange: Exchange, capsys: pytest.CaptureFixture[str]) -> None:
    """Each change is an entry with the key's id, a dry run or a refusal is none, and the log still verifies."""

    def noted() -> list[dict[str, str]]:
        lines = sorted(exchange.rows(tables.audit_leaf), key=lambda row: row["n"])
        entries = [one for row in lines if (one := json.loads(row["entry"]))["kind"] == "keys"]
        return [{name: one[name] for name in ("action", "purpose", "kid") if name in one} for one in entries]

    answer(capsys, "keys", "init")
    known = len(noted())
    answer(capsys, "keys", "rotate", "landing", "--dry-run")
    assert len(noted()) == known
    old = json.loads(answer(capsys, "keys", "list", "--json"))
    answer(capsys, "keys", "rotate", "landing", "--prepare")
    answer(capsys, "keys", "rotate", "landing")
    (new,) = {row["kid"] for row in json.loads(answer(capsys, "keys", "list", "--json"))} - {row["kid"] for row in old}
    before = next(row["kid"] for row in old if row["purpose"] == "landing")
    answer(capsys, "keys", "destroy", "landing", before, code=11)  # files are sealed to it
    answer(capsys, "keys", "rotate", "landing", "--prepare")
    waits = next(r["kid"] for r in json.loads(answer(capsys, "keys", "list", "--json")) if r["status"] == "pre")
    answer(capsys, "keys", "retire", "landing", waits)
    unneeded = next(row["kid"] for row in old if row["purpose"] == "vault")
    answer(capsys, "keys", "rotate", "vault")
    answer(capsys, "keys", "destroy", "vault", unneeded, "--dry-run")
    answer(capsys, "keys", "destroy", "vault", unneeded)
    done = [(one["action"], one["purpose"], one["kid"]) for one in noted()[known:]]
    rotated = done.pop(4)
    assert rotated[:2] == ("rotate", "vault")
    assert done == [
        ("prepare", "landing", new),
        ("rotate", "landing", new),
        ("prepare", "landing", waits),
        ("retire", "landing", waits),
        ("destroy", "vault", unneeded),
    ]
    answer(capsys, "audit", "verify")


def test_keys_that_are_made_are_in_the_audit_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a ledger, each key made is an entry; without one the operator is told, and the next `init` finds them."""

    def noted(home: Path) -> list[tuple[str, str, bool]]:
        with open_databases(load_settings({"PASSERELLE_HOME": str(home)})) as (ledger, _), ledger.read() as tx:
            texts = tx.execute(sa.select(tables.audit_leaf.c.entry).order_by(tables.audit_leaf.c.n)).scalars()
            entries = [json.loads(text) for text in texts]
        return sorted((one["action"], one["purpose"], "kid" in one) for one in entries)

    def every(action: str) -> list[tuple[str, str, bool]]:
        with_id = [(action, one, True) for one in PURPOSES]
        return sorted([*with_id, *((action, one, False) for one in ("api", "audit", "ssh"))])

    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "first"))
    answer(capsys, "migrate")
    answer(capsys, "keys", "init", "--dry-run")
    assert noted(tmp_path / "first") == []
    answer(capsys, "keys", "init")
    assert noted(tmp_path / "first") == every("init")
    for words in (("init",), ("list",), ("doctor",)):
        answer(capsys, "keys", *words)
    assert noted(tmp_path / "first") == every("init")
    (tmp_path / "first" / "keys" / "audit.key").unlink()
    answer(capsys, "keys", "init")
    assert noted(tmp_path / "first") == sorted([*every("init"), ("init", "audit", False)])
    answer(capsys, "audit", "verify")

    monkeypatch.setenv("PASSERELLE_HOME", str(tmp_path / "second"))
    assert "no ledger yet" in answer(capsys, "keys", "init")
    assert not (tmp_path / "second" / "ledger.db").exists()
    answer(capsys, "migrate")
    assert "no ledger yet" not in answer(capsys, "keys", "init")
    assert noted(tmp_path / "second") == every("found")


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


def test_what_one_partner_agreed_is_shown_as_of_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    """The plan d'actions of a day: axes, feeds, format and contact, for a reader and for a machine."""
    text = answer(capsys, "partners", "plan", "062063", "--on", "2025-12-31")
    assert "plan since: 2024-04-12\naxes: 1, 2, 4\nfeeds: ACRF" in text
    assert "cellule emploi" in text
    told = json.loads(answer(capsys, "partners", "plan", "062063", "--on", "2026-03-09", "--json"))
    assert (told["since"], told["axes"], "MOBI" in told["feeds"]) == ("2026-01-01", [1, 2, 3, 4], True)
    eupen = json.loads(answer(capsys, "partners", "plan", "063023", "--json"))
    assert (eupen["may_exchange"], eupen["feeds"], eupen["contact"]) == (False, [], None)


def test_the_versions_that_a_partner_reads_are_shown_as_of_a_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it reads in a later version than the first, from its day on; of everything else version 1."""
    shutil.copytree(PROJECT / "partners", tmp_path / "partners")
    with (tmp_path / "partners" / "versions.csv").open("a", encoding="utf-8") as versions:
        versions.write("062063;INSC;2;2026-03-09\n")
    monkeypatch.setenv("PASSERELLE_PARTNERS", str(tmp_path / "partners"))
    before, after = (answer(capsys, "partners", "plan", "062063", "--on", day) for day in ("2026-03-08", "2026-03-09"))
    assert "\nreads: version 1 of each\n" in before
    assert "\nreads: INSC 2\n" in after
    told = json.loads(answer(capsys, "partners", "plan", "062063", "--on", "2026-03-09", "--json"))
    assert told["reads"] == {"INSC": 2}


@pytest.mark.parametrize(
    "asked",
    [
        ("plan",),
        ("list", "062063"),
        ("check", "--on", "2026-03-09"),
        ("plan", "999"),
        ("plan", "062063", "--on", "9 mars"),
    ],
)
def test_a_question_about_a_plan_that_has_no_answer_is_an_operators_error(
    capsys: pytest.CaptureFixture[str], asked: tuple[str, ...]
) -> None:
    """No partner, a stranger, no day: one line on standard error, exit code 11."""
    assert main(["partners", *asked]) == 11
    assert capsys.readouterr().err.startswith("passerelle: ")
