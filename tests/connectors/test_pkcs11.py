"""The client of a PKCS#11 token, on SoftHSM: what it wraps, and what it says when it cannot."""

import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.errors import Denied, Missing, ProtocolBroken, Tampered
from connectors.pkcs11 import PREFIX, Token
from tests.softhsm import LABEL, OTHER_PIN, PIN, SoftHsm

SECRET, ABOUT = bytes(range(32)), b"passerelle/key/1|index|aaaa"
INDEX, TOKEN = "passerelle-index", "passerelle-token"


@pytest.fixture
def token(softhsm: SoftHsm) -> Token:
    """A client of the token."""
    return Token(softhsm.module, LABEL, softhsm.pin)


def test_what_is_wrapped_comes_back(token: Token) -> None:
    """Two wrappings of one secret differ, both open, and neither shows it."""
    texts = [token.encrypt(INDEX, SECRET, ABOUT) for _ in range(2)]
    assert len(set(texts)) == 2
    assert all(text.startswith(PREFIX) for text in texts)
    assert [token.decrypt(INDEX, text, ABOUT) for text in texts] == [SECRET, SECRET]


def test_another_key_or_another_use_does_not_open(token: Token) -> None:
    """What was wrapped for one purpose and id opens for no other, and not when it was cut or altered."""
    text = token.encrypt(INDEX, SECRET, ABOUT)
    altered = text[:-3] + ("A" if text[-3] != "A" else "B") + text[-2:]
    for key, given, about in (
        (TOKEN, text, ABOUT),
        (INDEX, text, b"passerelle/key/1|token|aaaa"),
        (INDEX, altered, ABOUT),
        (INDEX, text[: len(PREFIX) + 20], ABOUT),
        (INDEX, "vault:v1:AAAA", ABOUT),
        (INDEX, PREFIX + "ünknown", ABOUT),
    ):
        with pytest.raises(Tampered) as told:
            token.decrypt(key, given, about)
        assert (told.value.__cause__, told.value.__context__) == (None, None)


def test_threads_take_turns(token: Token) -> None:
    """A login counts for the whole process: many threads at once all get their answer."""
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda _: token.encrypt(INDEX, SECRET, ABOUT), range(40)))
        assert set(pool.map(lambda text: token.decrypt(INDEX, text, ABOUT), texts)) == {SECRET}


def test_a_wrong_pin_is_denied_and_shown_nowhere(token: Token, tmp_path: Path) -> None:
    """A PIN that the token refuses, or none, is the operator's to mend; the right one still works."""
    for text in (OTHER_PIN, "", "\n"):
        (tmp_path / "pin").write_text(text)
        with pytest.raises(Denied, match="PIN") as told:
            replace(token, pin=tmp_path / "pin").encrypt(INDEX, SECRET, ABOUT)
        said = "".join(traceback.format_exception(told.value)) + repr(token)
        assert not [pin for pin in (PIN, OTHER_PIN) if pin in said]
    with pytest.raises(Denied, match="PIN"):
        replace(token, pin=tmp_path / "none").encrypt(INDEX, SECRET, ABOUT)
    assert token.encrypt(INDEX, SECRET, ABOUT)


def test_what_is_not_there_is_named(token: Token, tmp_path: Path) -> None:
    """No such key, no such token, no such library: each says which."""
    with pytest.raises(Missing, match="no such key"):
        token.encrypt("passerelle-none", SECRET, ABOUT)
    with pytest.raises(Missing, match="no such token"):
        replace(token, label="none").encrypt(INDEX, SECRET, ABOUT)
    with pytest.raises(Missing, match="module cannot be loaded"):
        replace(token, module=tmp_path / "none.so").encrypt(INDEX, SECRET, ABOUT)


def test_a_key_that_could_leave_the_token_is_refused(token: Token, softhsm: SoftHsm) -> None:
    """A key made extractable, or two of one name, protect nothing and are not used."""
    softhsm.make("loose-index", extractable=True)
    with pytest.raises(ProtocolBroken, match="not extractable"):
        token.encrypt("loose-index", SECRET, ABOUT)
    softhsm.make("twice-index", "twice-index")
    with pytest.raises(ProtocolBroken, match="more than one"):
        token.encrypt("twice-index", SECRET, ABOUT)


def test_without_the_extra_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where python-pkcs11 is not installed, the command that installs it is named."""
    (tmp_path / "pin").write_text(PIN)
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(Missing, match=r"passerelle\[pkcs11\]"):
        Token(tmp_path / "none.so", LABEL, tmp_path / "pin").encrypt(INDEX, SECRET, ABOUT)
