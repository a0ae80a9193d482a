"""One connection to a partner's server: made, proved to be the right one, guarded, and cut.

Decides the order of algorithms, which host keys pass, how long anything may take, and what a failure means.
What is said over it is left to `_wire`. Every failure that leaves here is a LinkError.
"""

import base64
import binascii
import contextlib
import hashlib
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import paramiko
from paramiko.pkey import UnknownKeyType

from connectors._wire import Session
from connectors.errors import Denied, HostKeyMismatch, LinkError, ProtocolBroken, Throttled, Unreachable

_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
_MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)
_SIGNATURES = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256")}  # RFC 8332: the key's type is not the signature's
_NO_ROOM = frozenset({2, 4})  # RFC 4254, 5.1: connect failed (sshd's MaxSessions), resource shortage

# paramiko logs what the server says, with tracebacks; the reason that counts is in the error that we raise.
# A filter, because it outlives a reconfiguration of logging: `propagate` and `disabled` do not.
_LOG = "connectors.wire"
logging.getLogger(_LOG).addFilter(lambda _: False)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a partner's server is, and the host keys by which we know it: the current one and, in a rotation,
    the next, each written as 'ssh-ed25519 AAAA…'. None pinned: none passes.
    """

    host: str
    port: int
    user: str
    host_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect and to each step of the greeting, without a byte in or out, and for the whole visit;
    the largest file taken, in bytes."""

    connect: float = 15.0
    io: float = 30.0
    deadline: float = 300.0
    max_bytes: int = 1 << 30


def read_key(path: Path) -> paramiko.PKey:
    """Our own private key from a file. Denied if it cannot be read: no server will let us in without it."""
    try:
        return paramiko.PKey.from_path(path)
    except (OSError, ValueError, TypeError, paramiko.SSHException, UnknownKeyType):
        raise Denied("our own private key cannot be read") from None


class Link:
    """An SFTP session with a watchdog behind it: at the deadline the socket is shut, whatever waits on it.

    A timeout on the channel alone does not end every hang: a send into full TCP buffers is tried for ever
    (paramiko issue 1380), and the wait for a subsystem has no timeout at all.
    """

    def __init__(self, address: Address, key: paramiko.PKey, limits: Limits) -> None:
        self._overdue = False
        self._transport: paramiko.Transport | None = None
        self._socket = _dial(address, limits)
        self._watchdog = threading.Timer(limits.deadline, self._expire)
        self._watchdog.daemon = True
        self._watchdog.start()
        try:
            with self._told():
                self._channel = self._greet(address, key, limits)
            self.session = Session(self)
        except BaseException:
            self.close()
            raise

    def recv(self, nbytes: int, /) -> bytes:
        """At least one byte from the other side."""
        with self._told():
            if data := self._channel.recv(nbytes):
                return data
            raise EOFError

    def sendall(self, s: bytes, /) -> None:
        """All of these bytes to the other side."""
        with self._told():
            self._channel.sendall(s)

    def close(self) -> None:
        """Ends the connection. No error: what had to be confirmed was confirmed by a reply."""
        self._watchdog.cancel()
        self._cut()
        if self._transport:
            self._transport.close()
        self._socket.close()

    def _greet(self, address: Address, key: paramiko.PKey, limits: Limits) -> paramiko.Channel:
        transport = self._transport = paramiko.Transport(self._socket)
        transport.set_log_channel(_LOG)
        transport.banner_timeout = transport.handshake_timeout = limits.connect
        transport.auth_timeout = transport.channel_timeout = limits.connect
        _prefer(transport.get_security_options(), address)
        transport.start_client(timeout=limits.connect)
        _check_pin(transport.get_remote_server_key().asbytes(), address)
        if transport.auth_publickey(address.user, key):
            raise Denied("the server asks for more than our key")
        channel = transport.open_session(timeout=limits.connect)
        channel.settimeout(limits.io)
        _start_sftp(channel, transport)
        return channel

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What broke, as one of our errors. A broken link is cut: nothing waits on it a second time."""
        try:
            yield
        except (paramiko.SSHException, EOFError, OSError, ValueError) as error:
            self._cut()
            raise (Unreachable("the deadline has passed") if self._overdue else _meaning(error)) from None

    def _expire(self) -> None:
        self._overdue = True
        self._cut()

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


class _Socket(socket.socket):
    """Acknowledges at once: sshd's small answers otherwise wait 40 ms for our delayed acknowledgement."""

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """As a socket's."""
        data = super().recv(bufsize, flags)
        _set(self, "TCP_QUICKACK", 1)
        return data


def _dial(address: Address, limits: Limits) -> socket.socket:
    try:
        dialled = socket.create_connection((address.host, address.port), timeout=limits.connect)
    except (OSError, UnicodeError) as error:
        why = type(error).__name__
        raise Unreachable(f"no connection to {address.host}:{address.port} ({why})") from None
    line = _Socket(dialled.family, dialled.type, dialled.proto, fileno=dialled.detach())
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    _set(line, "TCP_NODELAY", 1)
    _set(line, "TCP_USER_TIMEOUT", int(limits.io * 1000))
    return line


def _set(line: socket.socket, option: str, value: int) -> None:
    """Sets an option of TCP where the system has it."""
    if hasattr(socket, option):
        with contextlib.suppress(OSError):
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def _prefer(options: paramiko.SecurityOptions, address: Address) -> None:
    """GCM first, no SHA-1, no compression (it costs five times the time), and the types of the pins before
    others: a server with several host keys then shows the one that we know."""
    options.ciphers = _CIPHERS
    options.digests = _MACS
    options.compression = ("none",)
    types = (pin.split(maxsplit=1)[0] for pin in address.host_keys if pin.strip())
    ours = [name for kind in types for name in _SIGNATURES.get(kind, (kind,)) if name in options.key_types]
    options.key_types = tuple(dict.fromkeys([*ours, *options.key_types]))


def _check_pin(shown: bytes, address: Address) -> None:
    """Fails closed, before our name or key is sent, and says both fingerprints: an operator compares them."""
    pinned = [_blob(pin) for pin in address.host_keys]
    if shown not in pinned:
        expected = ", ".join(map(_fingerprint, pinned)) or "none"
        raise HostKeyMismatch(f"{address.host}:{address.port} shows {_fingerprint(shown)}; pinned: {expected}")


def _blob(pin: str) -> bytes:
    """The key's bytes; empty, which equals no key, for a pin that cannot be read."""
    try:
        return base64.b64decode(pin.split()[1], validate=True)
    except (IndexError, binascii.Error):
        return b""


def _fingerprint(blob: bytes) -> str:
    """As `ssh-keygen -l` prints it."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return f"SHA256:{digest}" if blob else "(an unreadable pin)"


def _start_sftp(channel: paramiko.Channel, transport: paramiko.Transport) -> None:
    try:
        channel.invoke_subsystem("sftp")
    except paramiko.SSHException:
        if transport.is_active():
            raise ProtocolBroken("the server offers no SFTP to this user") from None
        raise


def _meaning(error: Exception) -> LinkError:
    """paramiko's or the system's error as one of ours, without its words."""
    match error:
        case paramiko.AuthenticationException() if "timeout" in str(error) or "shut down" in str(error):
            return Unreachable("the connection was lost while we presented our key")
        case paramiko.AuthenticationException():
            return Denied("our key is refused")
        case paramiko.ssh_exception.IncompatiblePeer():
            return ProtocolBroken("no algorithm in common")
        case paramiko.ChannelException() if error.code in _NO_ROOM:
            return Throttled("the server has no room for a session")
        case paramiko.ChannelException():
            return Denied("the server refuses a session")
        case TimeoutError():
            return Unreachable("no answer in the time allowed")
        case _:
            return Unreachable("the connection was lost")
