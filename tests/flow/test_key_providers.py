"""Key providers: wherever the keys are, the same promises hold, and no byte of a key is in anything that is said."""

import base64
import json
import logging
import os
import shutil
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from play import MONDAY, Exchange

from hub.audit_key import AuditKey, initialise_audit
from hub.checkpoint import Checkpoint
from hub.cli import main
from hub.errors import HubError, OperatorError, Transient
from hub.key_files import WRAPPED, variable
from hub.key_providers import provider
from hub.keys import PURPOSES, Key, KeyRing, initialise
from hub.merkle import EMPTY
from hub.settings import Settings, load_settings
from hub.wiring import migrate, open_hub
from hub.zones import EVERYTHING, NEEDS
from tests.softhsm import LABEL, PIN, SoftHsm
from tests.vault import ROOT, Vault, running_vault

NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
WRITABLE, READ_ONLY = ("file", "vault", "pkcs11"), ("systemd", "environment")
WRAPPING = ("vault", "pkcs11")
REACH = ("PASSERELLE_VAULT", "PASSERELLE_PKCS11")


@dataclass
class Place:
    """An installation whose keys are in one kind of place; `folder` is where their files were made."""

    kind: str
    home: Path
    folder: Path
    environ: dict[str, str]
    secrets: dict[str, bytes] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return load_settings({"PASSERELLE_HOME": str(self.home), "PASSERELLE_KEY_PROVIDER": self.kind, **self.environ})

    @property
    def ring(self) -> KeyRing:
        """The keys as a process that starts now sees them."""
        return KeyRing(provider(self.settings, self.environ))

    def text(self, name: str) -> str:
        return self.environ[variable(name)] if self.kind == "environment" else (self.folder / name).read_text()

    def put(self, name: str, text: str) -> None:
        """Change what lies there, behind the hub's back."""
        if self.kind == "environment":
            self.environ[variable(name)] = text
        else:
            (self.folder / name).write_text(text)

    def show(self) -> dict[str, str]:
        return {
            name: self.text(name)
            for name in (*(f"{p}.json" for p in PURPOSES), "landing.pub", "audit.key", "audit.pub")
        }


@pytest.fixture(scope="module")
def vault() -> Iterator[Vault]:
    """A stand-in for Vault with a key for each purpose."""
    with running_vault() as vault:
        vault.make(*(f"passerelle-{purpose}" for purpose in (*PURPOSES, "audit")))
        yield vault


def installed(kind: str, home: Path, environ: dict[str, str]) -> Place:
    """Keys made in a place of this kind; those that cannot be made there are made in files and handed over."""
    place = Place(kind, home, home / "keys", {"PASSERELLE_KEYS": str(home / "keys"), **environ})
    making = provider(load_settings({**place.environ, "PASSERELLE_KEY_PROVIDER": kind if kind in WRITABLE else "file"}))
    initialise(making, NOW)
    initialise_audit(making)
    if kind == "systemd":
        place.environ["CREDENTIALS_DIRECTORY"] = str(place.folder)
    if kind == "environment":
        place.environ |= {variable(path.name): path.read_text() for path in place.folder.iterdir()}
        shutil.rmtree(place.folder)
    place.secrets = {purpose: place.ring.active(purpose).secret for purpose in PURPOSES}
    return place


@pytest.fixture(params=(*WRITABLE, *READ_ONLY))
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Each kind of place, with databases."""
    place = installed(request.param, tmp_path / "hub", reached(request, tmp_path))
    migrate(place.settings)
    set_environment(monkeypatch, place)
    return place


def reached(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """What a kind of place needs beside the keys."""
    if request.param == "pkcs11":
        token: SoftHsm = request.getfixturevalue("softhsm")
        return {
            "PASSERELLE_PKCS11_MODULE": str(token.module),
            "PASSERELLE_PKCS11_TOKEN": LABEL,
            "PASSERELLE_PKCS11_PIN_FILE": str(token.pin),
        }
    if request.param != "vault":
        return {}
    (tmp_path / "token").write_text(ROOT)
    return {
        "PASSERELLE_VAULT_URL": request.getfixturevalue("vault").url,
        "PASSERELLE_VAULT_TOKEN_FILE": str(tmp_path / "token"),
    }


def set_environment(monkeypatch: pytest.MonkeyPatch, place: Place) -> None:
    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)
    given = {"PASSERELLE_HOME": str(place.home), "PASSERELLE_KEY_PROVIDER": place.kind, **place.environ}
    for name, value in given.items():
        monkeypatch.setenv(name, value)


def shown(secrets: Mapping[str, bytes], text: str) -> list[str]:
    """The purposes whose secret is in a text, in any of the forms in which it could be printed."""
    forms: tuple[Callable[[bytes], str], ...] = (
        bytes.hex,
        repr,
        lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="),
        lambda raw: base64.b64encode(raw).decode().rstrip("="),
        lambda raw: repr(list(raw)),
    )
    return [purpose for purpose, secret in secrets.items() if any(form(secret) in text for form in forms)]


def told(error: BaseException) -> str:
    """All that could be printed of an error: its text, what is chained to it, and the values in its frames."""
    return "".join(traceback.format_exception(error)) + repr(error) + repr(error.__dict__)


def test_the_scanner_finds_a_planted_secret() -> None:
    """Each form that the tests look for would be found."""
    secret = {"index": bytes(range(32))}
    for text in (
        secret["index"].hex(),
        repr(secret),
        base64.b64encode(secret["index"]).decode(),
        repr(list(range(32))),
    ):
        assert shown(secret, f"error: {text} in it") == ["index"]
    assert shown(secret, "an error") == []


def test_keys_come_back_as_they_were_made(place: Place) -> None:
    """A process that starts later has the same secrets, public key and signature; nothing of a repr shows them."""
    ring = place.ring
    assert {purpose: ring.active(purpose).secret for purpose in PURPOSES} == place.secrets
    assert len({ring.active(purpose).kid for purpose in PURPOSES}) == len(PURPOSES)
    assert ring.landing_public().public_bytes_raw() == ring.landing_private().public_key().public_bytes_raw()
    assert AuditKey(ring.where).sign(Checkpoint(0, EMPTY)) == AuditKey(place.ring.where).sign(Checkpoint(0, EMPTY))
    assert AuditKey(ring.where).verifiers()
    said = repr([ring, ring.provider, ring.all("index"), place.settings, getattr(ring.provider, "_keeper", None)])
    assert shown(place.secrets, said) == []
    assert ROOT not in said
    assert PIN not in said


def test_a_worker_with_other_keys_does_not_start(
    place: Place, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Once the keys are recorded, those of another installation stop the worker, and the right ones let it go on."""
    caplog.set_level(logging.DEBUG)
    before = place.show()
    with open_hub(place.settings, NOW, NEEDS["process"]) as hub:
        assert hub.keys.active("index").secret == place.secrets["index"]
    other = other_ring(place, tmp_path)
    for name in ("index.json", "digest.json"):
        start_with(place, name, other[name])
        with pytest.raises(OperatorError, match="never put in force here") as refused, open_process(place):
            pass
        assert (refused.value.exit_code, shown(place.secrets, told(refused.value) + caplog.text)) == (11, [])
        start_with(place, name, before[name])
    with open_hub(place.settings, NOW, NEEDS["process"]):
        pass


def other_ring(place: Place, tmp_path: Path) -> dict[str, str]:
    """The files of another installation of the same kind."""
    kept = {name: value for name, value in place.environ.items() if name.startswith(REACH)}
    return installed(place.kind, tmp_path / "other", kept).show()


def start_with(place: Place, name: str, text: str) -> None:
    place.put(name, text)
    if place.kind == "environment":
        os.environ[variable(name)] = text


def open_process(place: Place) -> object:
    return open_hub(place.settings, NOW, NEEDS["process"])


def test_another_secret_under_a_known_id_is_refused(place: Place, tmp_path: Path) -> None:
    """A line whose secret is another one does not match its check value, whatever protects it."""
    line, foreign = json.loads(place.text("index.json")), json.loads(other_ring(place, tmp_path)["index.json"])
    secret = next(name for name in (WRAPPED, "secret") if name in line["keys"][0])
    line["keys"][0][secret] = foreign["keys"][0][secret]
    place.put("index.json", json.dumps(line))
    with pytest.raises(OperatorError) as refused:
        place.ring.active("index")
    expected = "cannot be had" if place.kind in WRAPPING else "does not match its check value"
    assert expected in str(refused.value)
    assert shown(place.secrets, told(refused.value)) == []


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"keys": [{"kid": "aaaa"}]}', '{"keys": 3}', "\x00"])
def test_a_file_that_holds_no_keys_is_named(place: Place, text: str) -> None:
    """What was cut or overwritten is named, and nothing of it is shown; nothing there says which command makes it."""
    place.put("index.json", text)
    with pytest.raises(OperatorError) as refused:
        place.ring.active("index")
    assert str(refused.value) == "index.json cannot be read: restore it"
    assert shown(place.secrets, told(refused.value)) == []


def test_nothing_there_says_which_command_makes_it(place: Place) -> None:
    """A purpose without keys is missing, and the operator is told what to run."""
    if place.kind == "environment":
        del place.environ[variable("token.json")]
    else:
        (place.folder / "token.json").unlink()
    assert not place.ring.has("token")
    with pytest.raises(OperatorError, match="passerelle keys init"):
        place.ring.active("token")


def test_keys_are_rotated_where_they_can_be_changed(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """Rotation keeps the old key usable; where keys are only read, nothing changes and the place is named."""
    assert main(["keys", "doctor"]) == (11 if place.kind == "environment" else 0)
    before = place.show()
    code = main(["keys", "rotate", "token"])
    said = capsys.readouterr()
    assert shown(place.secrets, said.out + said.err) == []
    if place.kind in READ_ONLY:
        assert code == 11
        assert {"systemd": "credential of systemd", "environment": "keys in the environment"}[place.kind] in said.err
        assert place.show() == before
        return
    assert code == 0
    first, second = place.ring.all("token")
    assert [first.status, second.status] == ["retired", "active"]
    assert first.secret == place.secrets["token"] != second.secret
    assert main(["keys", "doctor"]) == 0
    assert main(["keys", "init"]) == 0
    assert [k.kid for k in place.ring.all("token")] == [first.kid, second.kid]


def test_keys_in_the_environment_warn_and_are_for_tests_only(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each start of a worker that has keys says it, `keys doctor` fails, and a real environment refuses."""
    place = installed("environment", tmp_path / "hub", {})
    migrate(place.settings)
    set_environment(monkeypatch, place)
    with open_hub(place.settings, NOW, NEEDS["process"]):
        pass
    assert [r.levelname for r in caplog.records if "keys_exposed" in r.message and "for tests only" in r.message] == [
        "WARNING"
    ]
    caplog.clear()
    with open_hub(place.settings, NOW, NEEDS["read"]):
        pass
    assert caplog.records == []
    assert main(["keys", "doctor"]) == 11
    assert "for tests only" in capsys.readouterr().out
    monkeypatch.setenv("PASSERELLE_ENVIRONMENT", "R")
    assert main(["reconcile"]) == 11
    assert "not with PASSERELLE_ENVIRONMENT=R" in capsys.readouterr().err


def test_systemd_is_not_pretended(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a folder of credentials the provider says so."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("PASSERELLE_KEY_PROVIDER", "systemd")
    assert main(["keys", "list"]) == 11
    assert "CREDENTIALS_DIRECTORY is not set" in capsys.readouterr().err


def test_an_unknown_provider_is_refused() -> None:
    """The settings know the providers there are."""
    with pytest.raises(OperatorError, match="PASSERELLE_KEY_PROVIDER is one of file, systemd"):
        load_settings({"PASSERELLE_KEY_PROVIDER": "s3"})


@pytest.fixture(params=WRAPPING)
def wrapping(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place that wraps, with keys."""
    return installed(request.param, tmp_path / "hub", reached(request, tmp_path))


def test_no_secret_lies_in_a_wrapped_file(wrapping: Place) -> None:
    """What is on the disk holds no key in clear, nor the one that signs; read as plain files it says what to set."""
    text = "".join(wrapping.show().values())
    assert shown(wrapping.secrets, text) == []
    assert "PRIVATE" not in text
    plain = KeyRing(wrapping.folder)
    with pytest.raises(OperatorError, match="is wrapped: set PASSERELLE_KEY_PROVIDER"):
        plain.active("index")


def test_a_line_moved_to_another_purpose_does_not_open(wrapping: Place) -> None:
    """What was wrapped for the index does not open as a token key, nor under another id."""
    moved = json.loads(wrapping.text("index.json"))
    wrapping.put("token.json", json.dumps(moved))
    with pytest.raises(OperatorError, match="cannot be had"):
        wrapping.ring.active("token")
    moved["keys"][0]["kid"] = "zzzz"
    wrapping.put("index.json", json.dumps(moved))
    with pytest.raises(OperatorError, match="cannot be had"):
        wrapping.ring.active("index")


def test_an_installation_moves_from_files(
    request: pytest.FixtureRequest,
    wrapping: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Once the setting is changed and `keys init` run, the same keys are wrapped and nothing is in clear."""
    files = installed("file", tmp_path / "files", {})
    place = Place(wrapping.kind, files.home, files.folder, wrapping.environ | files.environ, files.secrets)
    set_environment(monkeypatch, place)
    migrate(place.settings)
    assert main(["keys", "doctor"]) == 11
    assert capsys.readouterr().out.count("holds a secret in clear") == len(PURPOSES) + 1
    assert main(["keys", "init", "--dry-run"]) == 0
    assert capsys.readouterr().out.count("is wrapped") == len(PURPOSES) + 1
    assert main(["keys", "init"]) == 0
    assert shown(files.secrets, "".join(place.show().values())) == []
    assert "PRIVATE" not in place.text("audit.key")
    assert {purpose: place.ring.active(purpose).secret for purpose in PURPOSES} == files.secrets
    capsys.readouterr()
    assert main(["keys", "doctor"]) == 0


def test_a_zone_needs_its_own_keys_of_vault_only(vault: Vault, tmp_path: Path) -> None:
    """With a token that may use the keys of publishing only, `publish` gets its keys and `process` does not start."""
    (tmp_path / "token").write_text(ROOT)
    reach = {"PASSERELLE_VAULT_URL": vault.url, "PASSERELLE_VAULT_TOKEN_FILE": str(tmp_path / "token")}
    place = installed("vault", tmp_path / "hub", reach)
    migrate(place.settings)
    with open_hub(place.settings, NOW, EVERYTHING):
        pass
    vault.tokens["hvs.publish"] = {"passerelle-token", "passerelle-digest", "passerelle-audit"}
    (tmp_path / "token").write_text("hvs.publish")
    with open_hub(place.settings, NOW, NEEDS["publish"]) as hub:
        assert hub.keys.active("token").secret == place.secrets["token"]
    with pytest.raises(OperatorError, match="the keys for index cannot be had: Vault refuses"), open_process(place):
        pass


def test_a_vault_that_is_sealed_is_waited_for(vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While Vault cannot serve, a worker stops with exit code 12, and is the same as before once it can."""
    (tmp_path / "token").write_text(ROOT)
    reach = {"PASSERELLE_VAULT_URL": vault.url, "PASSERELLE_VAULT_TOKEN_FILE": str(tmp_path / "token")}
    place = installed("vault", tmp_path / "hub", reach)
    migrate(place.settings)
    set_environment(monkeypatch, place)
    monkeypatch.setattr(vault, "broken", (503, b'{"errors": ["Vault is sealed"]}'))
    with pytest.raises(Transient, match="it may be sealed"), open_process(place):
        pass
    assert main(["process"]) == HubError.exit_code + 1
    monkeypatch.setattr(vault, "broken", None)
    assert main(["process"]) == 0


def test_a_day_is_played_with_wrapped_keys(wrapping: Place, tmp_path: Path) -> None:
    """A whole day with keys that lie wrapped: the partners' books agree, and each process asked for each key once."""
    exchange = Exchange(tmp_path / "day", cpas="3").prepare()
    environ = {"PASSERELLE_KEY_PROVIDER": wrapping.kind} | {
        name: value for name, value in wrapping.environ.items() if name != "PASSERELLE_KEYS"
    }
    exchange.environ = environ
    initialise(provider(exchange.settings), NOW)
    initialise_audit(provider(exchange.settings))
    assert provider(exchange.settings).problems() == []
    exchange.play([MONDAY])
    assert exchange.books_agree(MONDAY)


def test_a_key_is_unwrapped_once(vault: Vault, tmp_path: Path) -> None:
    """However often a process uses a key, Vault is asked for it once; what it holds then is in memory."""
    (tmp_path / "token").write_text(ROOT)
    reach = {"PASSERELLE_VAULT_URL": vault.url, "PASSERELLE_VAULT_TOKEN_FILE": str(tmp_path / "token")}
    ring = installed("vault", tmp_path / "hub", reach).ring
    vault.asked.clear()
    keys: list[Key] = [ring.active(purpose) for _ in range(50) for purpose in PURPOSES]
    assert len(keys) == 50 * len(PURPOSES)
    assert sorted(vault.asked) == sorted(f"/v1/transit/decrypt/passerelle-{purpose}" for purpose in PURPOSES)
