"""The key ring: made once, checked at each reading, one file per purpose."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub.errors import OperatorError
from hub.keys import PURPOSES, KeyRing, initialise, initialise_ssh, public_key_id, read_partner_keys, read_private_key

NOW = datetime(2026, 3, 9, tzinfo=UTC)


def test_keys_are_made_once(tmp_path: Path) -> None:
    """Making the keys again replaces none of them."""
    assert [key.purpose for key in initialise(tmp_path, NOW)] == list(PURPOSES)
    first = [KeyRing(tmp_path).active(purpose).secret for purpose in PURPOSES]
    assert initialise(tmp_path, NOW) == []
    assert [KeyRing(tmp_path).active(purpose).secret for purpose in PURPOSES] == first
    assert len(set(first)) == len(PURPOSES)


def test_only_their_owner_can_read_the_keys(tmp_path: Path) -> None:
    """Key files have mode 0600, their folder 0700."""
    folder = tmp_path / "keys"
    initialise(folder, NOW)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    initialise_ssh(tmp_path / "ssh_key")
    assert stat.S_IMODE((tmp_path / "ssh_key").stat().st_mode) == 0o600


def test_a_collector_needs_no_key_that_opens(tmp_path: Path) -> None:
    """The public half of the landing key seals without the private one."""
    initialise(tmp_path, NOW)
    ring = KeyRing(tmp_path)
    expected = ring.landing_private().public_key().public_bytes_raw()
    (tmp_path / "landing.json").unlink()
    assert ring.landing_public().public_bytes_raw() == expected
    (tmp_path / "landing.pub").unlink()
    with pytest.raises(OperatorError, match="passerelle keys init"):
        ring.landing_public()


def test_an_altered_key_is_refused(tmp_path: Path) -> None:
    """A key that does not match its check value is never used."""
    initialise(tmp_path, NOW)
    path = tmp_path / "index.json"
    content = json.loads(path.read_text())
    content["keys"][0]["secret"] = "A" * 43 + "="
    path.write_text(json.dumps(content))
    with pytest.raises(OperatorError, match="check value"):
        KeyRing(tmp_path).active("index")


def test_a_missing_key_says_what_to_do(tmp_path: Path) -> None:
    """Without keys the operator is told which command makes them."""
    with pytest.raises(OperatorError, match="passerelle keys init"):
        KeyRing(tmp_path).active("token")


def test_a_key_never_shows_its_secret(tmp_path: Path) -> None:
    """The text of a key names its purpose, id and status only."""
    key = initialise(tmp_path, NOW)[0]
    assert repr(key) == f"Key({key.purpose}, {key.kid}, active)"


@pytest.mark.parametrize("content", ["{}", "[]", "no json", '{"kid": 1, "recipient": "062063", "public": "AA"}'])
def test_a_file_that_is_no_public_key_is_the_operators_to_mend(tmp_path: Path, content: str) -> None:
    """A partner's key file that cannot be read stops the hub with the file's name and nothing of its content."""
    (tmp_path / "062063.pub").write_text(content)
    with pytest.raises(OperatorError, match=r"^062063\.pub is not a partner's public key$"):
        read_partner_keys(tmp_path)


def test_a_public_key_under_another_partners_name_is_refused(tmp_path: Path) -> None:
    """A key is accepted only from the file that bears its recipient's id."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

    public = X25519PrivateKey.generate().public_key()
    from base64 import urlsafe_b64encode

    text = urlsafe_b64encode(public.public_bytes_raw()).decode().rstrip("=")
    entry = {"kid": public_key_id(public), "alg": "X25519", "recipient": "062096", "public": text}
    (tmp_path / "062063.pub").write_text(json.dumps(entry))
    with pytest.raises(OperatorError, match="not the one it names"):
        read_partner_keys(tmp_path)


def test_an_unreadable_private_key_is_an_error_without_content(tmp_path: Path) -> None:
    """`passerelle open` with a wrong key file says so, and shows nothing of it."""
    (tmp_path / "x.key").write_text('{"private": "secret-of-somebody"}')
    with pytest.raises(OperatorError) as raised:
        read_private_key(tmp_path / "x.key")
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
