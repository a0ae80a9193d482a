"""The client of Vault's transit engine, over real HTTP: what it wraps, and what it says when it cannot."""

import socket
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import Denied, LinkError, Missing, ProtocolBroken, Tampered, Throttled, Unreachable
from connectors.vault import LARGEST, Transit
from tests.vault import ROOT, Vault, running_vault

SECRET, ABOUT = bytes(range(32)), b"passerelle/key/1|index|aaaa"


@pytest.fixture
def vault() -> Iterator[Vault]:
    """A stand-in with two keys."""
    with running_vault() as vault:
        vault.make("ours-index", "ours-token")
        yield vault


@pytest.fixture
def transit(vault: Vault, tmp_path: Path) -> Transit:
    """A client whose token may use every key."""
    (tmp_path / "token").write_text(ROOT + "\n")
    return Transit(vault.url, "transit", tmp_path / "token")


def test_what_is_wrapped_comes_back_also_after_a_rotation_of_the_key_in_vault(vault: Vault, transit: Transit) -> None:
    """Two wrappings of one secret differ, both open, and they still do when Vault has a newer version of its key."""
    texts = [transit.encrypt("ours-index", SECRET, ABOUT) for _ in range(2)]
    vault.make("ours-index")
    texts.append(transit.encrypt("ours-index", SECRET, ABOUT))
    assert len(set(texts)) == 3
    assert [text.split(":")[1] for text in texts] == ["v1", "v1", "v2"]
    assert [transit.decrypt("ours-index", text, ABOUT) for text in texts] == [SECRET] * 3
    assert set(vault.asked) == {"/v1/transit/encrypt/ours-index", "/v1/transit/decrypt/ours-index"}


def test_another_key_or_another_use_does_not_open(transit: Transit) -> None:
    """What was wrapped for one purpose and id opens for no other, and not when it was altered."""
    text = transit.encrypt("ours-index", SECRET, ABOUT)
    for key, given, about in (
        ("ours-token", text, ABOUT),
        ("ours-index", text, ABOUT.replace(b"index", b"token")),
        ("ours-index", text[:-6] + "AAAAA=", ABOUT),
        ("ours-index", "not:of:vault", ABOUT),
    ):
        with pytest.raises(Tampered):
            transit.decrypt(key, given, about)


def test_a_token_is_held_to_its_keys_and_read_at_each_call(vault: Vault, transit: Transit) -> None:
    """A policy that allows one zone's key refuses the others; a token that an agent renews is used at once."""
    vault.tokens["hvs.publish"] = {"ours-token"}
    transit.token.write_text("hvs.publish")
    assert transit.decrypt("ours-token", transit.encrypt("ours-token", SECRET, b""), b"") == SECRET
    with pytest.raises(Denied):
        transit.encrypt("ours-index", SECRET, ABOUT)
    transit.token.write_text(ROOT)
    assert transit.encrypt("ours-index", SECRET, ABOUT)


WORDS = b"the server's own words"
STATUSES = {400: Tampered, 403: Denied, 404: Missing, 405: ProtocolBroken, 302: ProtocolBroken, 204: ProtocolBroken} | (
    dict.fromkeys((412, 429, 473, 500, 502, 503), Throttled)
)
NOT_DOCUMENTED = [
    b"",
    b"[]",
    b"{}",
    b'{"data": null}',
    b'{"data": {"plaintext": 3}}',
    b"\xff\xfe",
    b"<html>",
    b"[" * 99_999,
]


@pytest.mark.parametrize("status", STATUSES)
def test_a_refusal_is_told_by_its_status_alone(vault: Vault, transit: Transit, status: int) -> None:
    """Who must act follows from the status; the server's own words are not repeated."""
    vault.broken = (status, b'{"errors": ["' + WORDS + b'"]}' if status != 204 else b"")
    with pytest.raises(STATUSES[status]) as told:
        transit.decrypt("ours-index", "vault:v1:AAECAwQ", ABOUT)
    assert told.type is STATUSES[status]
    assert WORDS.decode() not in "".join(traceback.format_exception(told.value))


@pytest.mark.parametrize("body", NOT_DOCUMENTED)
def test_an_answer_that_is_not_documented_is_refused(vault: Vault, transit: Transit, body: bytes) -> None:
    """Whatever comes with a status of 200, nothing but the documented form is taken."""
    vault.broken = (200, body)
    with pytest.raises(ProtocolBroken):
        transit.decrypt("ours-index", "vault:v1:AAECAwQ", ABOUT)
    with pytest.raises(ProtocolBroken):
        transit.encrypt("ours-index", SECRET, ABOUT)


def test_an_answer_without_end_is_cut(vault: Vault, transit: Transit) -> None:
    """Of an answer that is too long no more than the limit is read."""
    vault.broken = (200, b'{"data": {"plaintext": "' + b"A" * LARGEST + b'"}}')
    with pytest.raises(ProtocolBroken):
        transit.decrypt("ours-index", "vault:v1:AAECAwQ", ABOUT)


def test_nobody_answering_is_told_without_the_token(transit: Transit, tmp_path: Path) -> None:
    """No server: it may succeed later, and nothing of token, address or secret hangs on to the error."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable) as told:
        Transit(f"http://127.0.0.1:{port}", "transit", transit.token).encrypt("ours-index", SECRET, ABOUT)
    assert told.value.retry
    assert (told.value.__cause__, told.value.__context__) == (None, None)
    assert ROOT not in repr(transit) + "".join(traceback.format_exception(told.value))


def test_a_proxy_of_the_machine_is_not_given_the_token(transit: Transit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is passed by."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert transit.encrypt("ours-index", SECRET, ABOUT)


@pytest.mark.parametrize("url", ["http://vault.example:8200", "ftp://127.0.0.1", "127.0.0.1:8200", ""])
def test_the_token_is_not_sent_in_clear_over_a_network(url: str, tmp_path: Path) -> None:
    """Plain HTTP is for this machine alone."""
    with pytest.raises(LinkError, match="https://"):
        Transit(url, "transit", tmp_path / "token")


@pytest.mark.parametrize("text", [None, "", "\n", "two\nlines", "ünknown", "\x00"])
def test_a_file_that_holds_no_token_is_told(vault: Vault, tmp_path: Path, text: str | None) -> None:
    """Without a token nothing is asked."""
    if text is not None:
        (tmp_path / "token").write_text(text)
    with pytest.raises(Denied, match="token"):
        Transit(vault.url, "transit", tmp_path / "token").encrypt("ours-index", SECRET, ABOUT)
    assert vault.asked == []
