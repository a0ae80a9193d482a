"""Whom the mailbox takes for the partner's server, and what it does when it is refused."""

import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import paramiko
import pytest

from connectors import _link
from connectors.errors import Denied, HostKeyMismatch, ProtocolBroken
from connectors.sftp import Address, Password, SftpMailbox, read_key, read_password
from tests.connectors.faulty import PASSWORD, Asks, AsksInTurns, ClientKey, Honest, serving


def _new_key(kind: str = "ssh-ed25519") -> asyncssh.SSHKey:
    return asyncssh.generate_private_key(kind)


def _line(key: asyncssh.SSHKey) -> str:
    return str(key.export_public_key().decode())


def _enter(address: Address, key: ClientKey) -> bool:
    with SftpMailbox(address, read_key(key.file)) as box:
        return box.exists("in", "file")


def test_wrong_host_key(root: Path, client_key: ClientKey) -> None:
    """Another host key than the pinned one stops the visit, and the error shows both fingerprints."""
    other = _new_key()
    with serving(root, client_key.public, Honest) as address:
        pinned = replace(address, host_keys=(_line(other),))
        with pytest.raises(HostKeyMismatch) as caught:
            _enter(pinned, client_key)
    shown = asyncssh.import_public_key(address.host_keys[0])
    assert shown.get_fingerprint() in str(caught.value)
    assert other.get_fingerprint() in str(caught.value)
    assert not caught.value.retry


def test_what_is_recorded_on_the_way_cannot_be_opened_later(
    root: Path, client_key: ClientKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a server that knows it the key exchange is ML-KEM-768 with X25519, though it knows others too."""
    chosen: list[bytes] = []
    real = asyncssh.connection.get_kex

    def noting(connection: Any, algorithm: bytes) -> Any:
        chosen.append(algorithm)
        return real(connection, algorithm)

    monkeypatch.setattr(asyncssh.connection, "get_kex", noting)
    with serving(root, client_key.public, Honest) as address:
        assert not _enter(address, client_key)
    assert set(chosen) == {b"mlkem768x25519-sha256"}


@pytest.mark.parametrize(
    ("host_key", "offers", "missing"),
    [
        ("ssh-ed25519", {"kex_algs": ["diffie-hellman-group14-sha1"]}, "way to exchange keys"),
        ("ssh-dss", {}, "type of host key"),
        ("ssh-ed25519", {"encryption_algs": ["aes256-cbc", "3des-cbc"]}, "cipher"),
        ("ssh-ed25519", {"encryption_algs": ["aes128-ctr"], "mac_algs": ["hmac-sha1"]}, "MAC"),
    ],
)
def test_only_what_is_out_of_date(
    root: Path, client_key: ClientKey, host_key: str, offers: dict[str, list[str]], missing: str
) -> None:
    """A server that offers only what is broken is not talked to, and the error says which of its lists it is."""
    server = serving(root, client_key.public, Honest, (host_key,), **offers)
    with server as address, pytest.raises(ProtocolBroken) as caught:
        _enter(address, client_key)
    assert missing in str(caught.value)
    assert not any(name in str(caught.value) for names in offers.values() for name in names)


def test_partners_are_told_what_is_accepted() -> None:
    """The page for partners lists the algorithms that the hub accepts, in its order."""
    page = (Path(__file__).parents[2] / "docs/partners/exchange.md").read_text("utf-8")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        transport = paramiko.Transport(ours)
        _link._prefer(options := transport.get_security_options(), Address("h", 22, "u", ()))
        transport.close()
    for names in (options.kex, options.key_types, options.ciphers, options.digests):
        assert "| " + ", ".join(f"`{name}`" for name in names) + " |" in page


@pytest.mark.parametrize("pins", [(), ("",), ("ssh-ed25519",), ("ssh-ed25519 not-base-64!",), ("nonsense AAAA",)])
def test_no_usable_pin(root: Path, client_key: ClientKey, pins: tuple[str, ...]) -> None:
    """With no pin, or none that can be read or that is this server's, no server passes."""
    with serving(root, client_key.public, Honest) as address, pytest.raises(HostKeyMismatch):
        _enter(replace(address, host_keys=pins), client_key)


def test_next_host_key(root: Path, client_key: ClientKey) -> None:
    """In a rotation the second pin opens as the first does, whatever its place."""
    with serving(root, client_key.public, Honest) as address:
        rotated = replace(address, host_keys=(_line(_new_key()), *address.host_keys))
        assert not _enter(rotated, client_key)


def test_server_with_several_host_keys(root: Path, client_key: ClientKey) -> None:
    """A server that also has keys of a type we would prefer is known by the one that we pinned."""
    kinds = ("ecdsa-sha2-nistp256", "ssh-ed25519")
    with serving(root, client_key.public, Honest, kinds) as address:
        assert address.host_keys[0].startswith("ecdsa")
        assert not _enter(address, client_key)


def test_rsa_host_key(root: Path, client_key: ClientKey) -> None:
    """A pinned RSA key passes though its signature has another name than its type."""
    with serving(root, client_key.public, Honest, ("ssh-rsa", "ssh-ed25519")) as address:
        assert address.host_keys[0].startswith("ssh-rsa")
        assert not _enter(address, client_key)


def test_denied_key(root: Path, client_key: ClientKey) -> None:
    """A server that does not know our key denies it, and that is not tried again."""
    with serving(root, _line(_new_key()), Honest) as address, pytest.raises(Denied) as caught:
        _enter(address, client_key)
    assert not caught.value.retry


def test_pin_of_another_day(root: Path, client_key: ClientKey) -> None:
    """A key that is pinned for other days does not open, and the error says that it is known."""
    with serving(root, client_key.public, Honest) as address:
        lapsed = replace(address, host_keys=(_line(_new_key()),), lapsed=address.host_keys)
        with pytest.raises(HostKeyMismatch) as caught:
            _enter(lapsed, client_key)
    shown = asyncssh.import_public_key(address.host_keys[0]).get_fingerprint()
    assert str(caught.value).count(shown) == 2


def test_certificate(root: Path, client_key: ClientKey, tmp_path: Path) -> None:
    """A server that trusts an authority lets in our key with its certificate, and not without; nor one that is over."""
    authority, ours = _new_key(), asyncssh.read_private_key(client_key.file)
    for name, until in (("good", "+1h"), ("over", "-1s")):
        certificate = authority.generate_user_certificate(
            ours, "hub", principals=["partner"], valid_after="-2h", valid_before=until
        )
        certificate.write_certificate(tmp_path / name)
    trusted = f"cert-authority {_line(authority)}"
    with serving(root, trusted, Honest) as address:
        with SftpMailbox(address, read_key(client_key.file, tmp_path / "good")) as box:
            assert not box.exists("in", "file")
        for key in (read_key(client_key.file), read_key(client_key.file, tmp_path / "over")):
            with pytest.raises(Denied), SftpMailbox(address, key):
                pass


@pytest.mark.parametrize("door", [Asks, AsksInTurns])
def test_password(root: Path, tmp_path: Path, door: type[asyncssh.SSHServer]) -> None:
    """A password opens by either way of asking for it; a wrong one is denied; neither is shown."""
    with serving(root, "", Honest, door=door) as address:
        (tmp_path / "password").write_text(PASSWORD + "\n")
        with SftpMailbox(address, read_password(tmp_path / "password")) as box:
            assert not box.exists("in", "file")
        with pytest.raises(Denied) as caught, SftpMailbox(address, Password("wrong-one")):
            pass
    assert "wrong-one" not in str(caught.value) + repr(Password("wrong-one"))


def test_unreadable_own_password(tmp_path: Path) -> None:
    """Our own password file, missing, empty or no text, is said to be ours to mend."""
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for name in ("missing", "empty", "binary"):
        with pytest.raises(Denied, match="our own"):
            read_password(tmp_path / name)


def test_unreadable_own_key(tmp_path: Path) -> None:
    """Our own key, missing or broken, is said to be ours to mend."""
    (tmp_path / "broken").write_text("no key")
    for name in ("missing", "broken"):
        with pytest.raises(Denied, match="our own"):
            read_key(tmp_path / name)


def test_not_entered(client_key: ClientKey) -> None:
    """A mailbox that was not entered, or was left, says so."""
    box = SftpMailbox(Address("127.0.0.1", 1, "partner", ()), read_key(client_key.file))
    with pytest.raises(ProtocolBroken):
        box.list("in")
