"""The key ring: made once, checked at each reading, one file per purpose; what a key may become."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub import keys_life as life
from hub.errors import OperatorError
from hub.keys import (
    PURPOSES,
    Key,
    KeyRing,
    change,
    initialise,
    initialise_ssh,
    new_key,
    public_key_id,
    read_partner_keys,
    read_private_key,
)

NOW = datetime(2026, 3, 9, tzinfo=UTC)
ACTIVE = Key("aaaa", "index", "active", "2026-01-01", b"a" * 32)
OTHER = Key("bbbb", "index", "active", "2026-03-09", b"b" * 32)
DAY = "2026-03-09"


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


def test_a_key_goes_from_pre_to_destroyed_and_never_back() -> None:
    """Prepared, put in force, replaced, destroyed: at each step one key is active, and every id stays."""
    keys = life.rotated(life.prepared([ACTIVE], OTHER), DAY)
    assert [(k.kid, k.status, k.retired) for k in keys] == [("aaaa", "retired", DAY), ("bbbb", "active", None)]
    keys = life.destroyed(keys, "aaaa", DAY)
    assert [(k.kid, k.status, k.secret, k.destroyed) for k in keys] == [
        ("aaaa", "destroyed", b"", DAY),
        ("bbbb", "active", OTHER.secret, None),
    ]
    assert keys[0].check_value == ACTIVE.check_value
    assert [k.status for k in life.retired(life.prepared([ACTIVE], OTHER), "bbbb", DAY)] == ["active", "retired"]


REFUSED = {
    "destroy an active key": lambda: life.destroyed([ACTIVE], "aaaa", DAY),
    "destroy a waiting key": lambda: life.destroyed(life.prepared([ACTIVE], OTHER), "bbbb", DAY),
    "destroy twice": lambda: life.destroyed(_gone(), "aaaa", DAY),
    "destroy an unknown key": lambda: life.destroyed([ACTIVE], "zzzz", DAY),
    "retire the active key": lambda: life.retired([ACTIVE], "aaaa", DAY),
    "retire a destroyed key": lambda: life.retired(_gone(), "aaaa", DAY),
    "let two keys wait": lambda: life.prepared(life.prepared([ACTIVE], OTHER), OTHER),
    "rotate to nothing": lambda: life.rotated([ACTIVE], DAY),
}


def _gone() -> list[Key]:
    return life.destroyed(life.rotated(life.prepared([ACTIVE], OTHER), DAY), "aaaa", DAY)


@pytest.mark.parametrize("what", REFUSED)
def test_a_step_that_would_lose_something_is_refused(what: str) -> None:
    """No other step exists than forward, one at a time; the reason names ids and no secret."""
    with pytest.raises(OperatorError) as raised:
        REFUSED[what]()
    assert raised.value.exit_code == 11
    assert "YWFh" not in str(raised.value)


def test_a_destroyed_key_leaves_no_secret_in_its_file(tmp_path: Path) -> None:
    """What is left of it is its id, check value and dates; its file is private, and the other keys are as they were."""
    first = initialise(tmp_path, NOW)[0]
    new = new_key(KeyRing(tmp_path), "index", "pre", NOW)
    change(tmp_path, "index", lambda keys: life.rotated(life.prepared(keys, new), DAY))
    change(tmp_path, "index", lambda keys: life.destroyed(keys, first.kid, DAY))
    old, _ = json.loads((tmp_path / "index.json").read_text())["keys"]
    wanted = {"kid": first.kid, "status": "destroyed", "created": DAY, "retired": DAY, "destroyed": DAY}
    assert old == wanted | {"kcv": first.check_value}
    ring = KeyRing(tmp_path)
    assert [key.kid for key in ring.usable("index")] == [new.kid]
    assert ring.all("index")[0].check_value == first.check_value
    assert stat.S_IMODE((tmp_path / "index.json").stat().st_mode) == 0o600
    with pytest.raises(OperatorError, match="not in this key ring"):
        ring.key("index", first.kid)


def test_keys_are_tried_in_the_order_in_which_they_are_likely(tmp_path: Path) -> None:
    """The active key first, then the one that waits, then the retired ones, the newest of them first."""
    initialise(tmp_path, NOW)
    for _ in range(3):
        new = new_key(KeyRing(tmp_path), "token", "pre", NOW)
        change(tmp_path, "token", lambda keys, new=new: life.rotated(life.prepared(keys, new), DAY))
    new = new_key(KeyRing(tmp_path), "token", "pre", NOW)
    made = [key.kid for key in change(tmp_path, "token", lambda keys: life.prepared(keys, new))]
    assert [key.kid for key in KeyRing(tmp_path).usable("token")] == [made[3], made[4], made[2], made[1], made[0]]


def test_two_that_change_the_keys_at_once_lose_none(tmp_path: Path) -> None:
    """Changes of one file happen one after the other; a second waiting key is refused."""
    initialise(tmp_path, NOW)

    def rotate(_: int) -> int:
        new = new_key(KeyRing(tmp_path), "index", "pre", NOW)
        with suppress(OperatorError):
            change(tmp_path, "index", lambda keys: life.rotated(life.prepared(keys, new), DAY))
            return 1
        return 0

    with ThreadPoolExecutor(8) as pool:
        done = sum(pool.map(rotate, range(40)))
    statuses = [key.status for key in KeyRing(tmp_path).all("index")]
    assert statuses == ["retired"] * done + ["active"]


def test_a_new_landing_key_seals_and_the_old_one_still_opens(tmp_path: Path) -> None:
    """The public half follows the active key; every private half is still tried."""
    initialise(tmp_path, NOW)
    before = KeyRing(tmp_path).landing_public().public_bytes_raw()
    new = new_key(KeyRing(tmp_path), "landing", "pre", NOW)
    change(tmp_path, "landing", lambda keys: life.prepared(keys, new))
    assert KeyRing(tmp_path).landing_public().public_bytes_raw() == before
    change(tmp_path, "landing", lambda keys: life.rotated(keys, DAY))
    ring = KeyRing(tmp_path)
    public = [key.public_key().public_bytes_raw() for key in ring.landing_privates()]
    assert public[0] == ring.landing_public().public_bytes_raw() != before
    assert public[1:] == [before]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": [{"kid": "aaaa"}]}', '{"keys": 3}'])
def test_a_file_that_holds_no_keys_is_named(tmp_path: Path, text: str) -> None:
    """A key file that was cut or overwritten is named, and nothing of it is shown."""
    (tmp_path / "index.json").write_text(text)
    with pytest.raises(OperatorError, match=r"^index\.json cannot be read: restore it$"):
        KeyRing(tmp_path).active("index")


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
