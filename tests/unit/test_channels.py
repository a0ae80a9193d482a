"""What `channels.toml` may say of one partner, and what is wrong with it otherwise."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from hub.channels import Channel, read_channel
from hub.errors import OperatorError
from hub.model import Rules

DAY = date(2026, 3, 9)
NEAR = Path("/etc/passerelle")
WHERE = 'host = "sftp.example"\nport = 22\nuser = "hub"\n'
PINNED = WHERE + 'host_keys = ["ssh-ed25519 AAAA"]\n'


def read(text: str, day: date = DAY) -> Channel:
    return read_channel("062063", tomllib.loads(text), day, NEAR)


def test_a_channel_with_nothing_agreed() -> None:
    """Where to go and whom to trust is enough: two sessions, archive, two looks, the hub's own key."""
    channel = read(PINNED)
    assert channel.address is not None
    assert (channel.address.host, channel.address.port, channel.address.user) == ("sftp.example", 22, "hub")
    assert (channel.rules, channel.sessions) == (Rules("archive", 2, consumes=False), 2)
    assert (channel.key, channel.certificate, channel.password) == (None, None, None)


def test_a_channel_with_all_agreed() -> None:
    """Files are found from the folder of `channels.toml`; a whole path stays one."""
    more = 'sessions = 4\nafter = "leave"\nlooks = 3\nconsumes = true\nkey = "liege"\ncertificate = "/c/cert.pub"\n'
    channel = read(PINNED + more)
    assert channel.rules == Rules("leave", 3, consumes=True)
    assert (channel.sessions, channel.key, channel.certificate) == (4, NEAR / "liege", Path("/c/cert.pub"))
    assert read(PINNED + 'password = "liege.password"').password == NEAR / "liege.password"
    assert read('folder = "/mailbox"').folder == Path("/mailbox")


@pytest.mark.parametrize(
    ("day", "held"),
    [("2026-02-28", "a"), ("2026-03-01", "ab"), ("2026-03-31", "ab"), ("2026-04-01", "b"), ("2027-01-01", "")],
)
def test_pins_hold_in_their_windows(day: str, held: str) -> None:
    """A pin is in force from its first day to its last, both included; on other days it is known and does not pass."""
    keys = '{ key = "a", until = 2026-03-31 }, { key = "b", since = 2026-03-01, until = 2026-12-31 }'
    address = read(WHERE + f"host_keys = [{keys}]", date.fromisoformat(day)).address
    assert address is not None
    assert ("".join(address.host_keys), set(address.lapsed)) == (held, set("ab") - set(held))


def test_the_mark_changes_with_anything() -> None:
    """Whatever is changed in a channel makes another one of it: a partner that stopped is then called again."""
    texts = [PINNED, PINNED + "looks = 3", PINNED.replace("AAAA", "BBBB"), PINNED + 'key = "x"']
    assert len({read(text).mark for text in texts}) == len(texts)
    assert read(PINNED).mark == read(PINNED).mark


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no host_keys"),
        (WHERE, "no host_keys"),
        (PINNED.replace("host =", "hots ="), "1 name"),
        (PINNED.replace("22", "0"), "port"),
        (PINNED.replace("22", '"22"'), "port"),
        (PINNED + 'after = "burn"', "after is one of archive, delete, leave"),
        (PINNED + "looks = 0", "looks"),
        (PINNED + "sessions = true", "sessions"),
        (PINNED + 'consumes = "yes"', "consumes"),
        (PINNED + 'password = "a"\nkey = "b"', "a password beside a key"),
        (PINNED + "key = 5", "another kind"),
        (WHERE + "host_keys = 5", "another kind"),
        (WHERE + "host_keys = [5]", "another kind"),
        (WHERE + "host_keys = [{ key = 'a', since = 2026-03-02, until = 2026-03-01 }]", "since and until"),
        (WHERE + "host_keys = [{ key = 'a', since = '2026-03-02' }]", "since and until"),
        (WHERE + "host_keys = [{ key = 'a', from = 2026-03-02 }]", "1 name"),
        (WHERE + "host_keys = [{ since = 2026-03-02 }]", "no key"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    """A mistake is an error that the operator can read, with the partner and what is wrong, and no value of it."""
    with pytest.raises(OperatorError, match=why) as caught:
        read(text)
    assert "062063" in str(caught.value)
    assert "hots" not in str(caught.value)
