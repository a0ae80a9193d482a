"""One connection to a partner's server: made, proved to be the right one, guarded, and cut.

Decides the order of algorithms, how long each step may take, and what a failure means. Which host keys pass is
`_trust`'s, what is said over the connection `_wire`'s. Every failure that leaves here is a LinkError.
"""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import paramiko

from connectors._dial import dial
from connectors._trust import Address, check_pin, fingerprint, preferred
from connectors._wire import Session
from connectors.errors import Denied, LinkError, ProtocolBroken, Throttled, Unreachable
from connectors.login import Login, Password

_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
_MACS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
)
_NOTHING_IN_COMMON = {  # by what paramiko calls it
    "kex algorithm": "way to exchange keys",
    "host key": "type of host key",
    "ciphers": "cipher",
    "macs": "code of authentication (MAC)",
}
_NO_ROOM = frozenset({2, 4})  # RFC 4254, 5.1: connect failed (sshd's MaxSessions), resource shortage
_PARTING = 1.0  # seconds
_WINDOW, _PACKET = 1 << 24, 1 << 18  # bytes: at 20 ms of delay a smaller window halves the speed

_LogIn = Callable[[paramiko.Transport, str, Login], Iterable[str]]

# paramiko logs what the server says, with tracebacks; the reason that counts is in the error that we raise.
# A filter, because it outlives a reconfiguration of logging: `propagate` and `disabled` do not.
_LOG = "connectors.wire"
logging.getLogger(_LOG).addFilter(lambda _: False)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long anything may take, in seconds: the connection; the server's banner and its keys; our login; no byte in
    or out; one file, resumed or not; the whole visit. How often a message keeps the line open where a firewall forgets
    it. Then: the largest file taken, in bytes, and how often one transfer is taken up again after a cut."""

    connect: float = 15.0
    banner: float = 15.0
    login: float = 30.0
    io: float = 30.0
    file: float = 600.0
    deadline: float = 1800.0
    keep_alive: int = 15
    max_bytes: int = 1 << 30
    resumes: int = 3


class Link:
    """An SFTP session with a watchdog behind it: at the deadline the socket is shut, whatever waits on it.

    A timeout on the channel alone does not end every hang: a send into full TCP buffers is tried for ever
    (paramiko issue 1380), and the wait for a subsystem has no timeout at all.
    """

    def __init__(self, address: Address, login: Login, limits: Limits, deadline: float) -> None:
        self._overdue = False
        self._transport: paramiko.Transport | None = None
        self._socket = dial(address, limits.connect, limits.io)
        self._watchdog = threading.Timer(deadline, self.expire)
        self._watchdog.daemon = True
        self._watchdog.start()
        try:
            with self._told():
                self._channel = self._let_in(address, login, limits)
            self.session = Session(self)
        except BaseException:
            self.close()
            raise

    @property
    def host_key(self) -> str:
        """The fingerprint of the host key that the server showed."""
        return fingerprint(self._transport.get_remote_server_key().asbytes()) if self._transport else ""

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

    def expire(self) -> None:
        """Cuts the link because its time is over, whatever waits on it."""
        self._overdue = True
        self._cut()

    def second_session(self, patience: float) -> None:
        """Opens another session over this connection and ends it; Throttled or Denied where the server has none."""
        with self._told():
            if self._transport:
                self._transport.open_session(timeout=patience).close()

    def close(self) -> None:
        """Ends the connection. No error: what had to be confirmed was confirmed by a reply.

        Waits a moment until the server has ended it too: the next one to call must not be one too many there.
        """
        self._watchdog.cancel()
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)
        if self._transport and self._transport.is_alive():
            self._transport.join(_PARTING)
        self._cut()
        if self._transport:
            self._transport.close()
        self._socket.close()

    def _let_in(self, address: Address, login: Login, limits: Limits) -> paramiko.Channel:
        """Logged in. A server that takes a password only as the answer to a question is called a second time: paramiko
        cannot change the way of logging in on one connection without breaking RFC 4252, section 5."""
        try:
            return self._greet(address, login, limits, _log_in)
        except paramiko.BadAuthenticationType as error:
            if not isinstance(login, Password) or "keyboard-interactive" not in error.allowed_types:
                raise
        if self._transport:
            self._transport.close()
        self._socket.close()
        self._socket = dial(address, limits.connect, limits.io)
        return self._greet(address, login, limits, _answer)

    def _greet(self, address: Address, login: Login, limits: Limits, log_in: _LogIn) -> paramiko.Channel:
        transport = self._transport = paramiko.Transport(self._socket)
        transport.set_log_channel(_LOG)
        transport.banner_timeout = transport.handshake_timeout = limits.banner
        transport.auth_timeout = transport.channel_timeout = limits.login
        _prefer(transport.get_security_options(), address)
        transport.start_client(timeout=limits.banner)
        check_pin(transport.get_remote_server_key(), address)
        if log_in(transport, address.user, login):
            raise Denied("the server asks for more than what we have to log in")
        transport.set_keepalive(limits.keep_alive)
        channel = transport.open_session(_WINDOW, _PACKET, timeout=limits.login)
        channel.settimeout(limits.io)
        _start_sftp(channel, transport)
        return channel

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """What broke, as one of our errors. A broken link is cut: nothing waits on it a second time."""
        try:
            yield
        except paramiko.ChannelException as error:  # a session refused: the connection stands
            raise _meaning(error) from None
        except (paramiko.SSHException, EOFError, OSError, ValueError) as error:
            self._cut()
            raise (Unreachable("the deadline has passed") if self._overdue else _meaning(error)) from None

    def _cut(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


def _prefer(options: paramiko.SecurityOptions, address: Address) -> None:
    """GCM first, no SHA-1, no compression (it costs five times the time), the types of the pins before others."""
    options.ciphers = _CIPHERS
    options.digests = _MACS
    options.compression = ("none",)
    options.key_types = preferred(address, tuple(options.key_types))


def _log_in(transport: paramiko.Transport, user: str, login: Login) -> Iterable[str]:
    """Once: a second try after a refusal is how one is locked out. What the server asks for besides."""
    if isinstance(login, Password):
        return transport.auth_password(user, login.text, fallback=False)
    return transport.auth_publickey(user, login)


def _answer(transport: paramiko.Transport, user: str, login: Login) -> Iterable[str]:
    """The password as the answer to the one question that is asked; none to any other."""
    text = login.text if isinstance(login, Password) else ""
    return transport.auth_interactive(user, lambda _title, _text, fields: [text] if len(fields) == 1 else [])


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
            return Unreachable("the connection was lost while we logged in")
        case paramiko.AuthenticationException():
            return Denied("our login is refused")
        case paramiko.ssh_exception.IncompatiblePeer():
            return ProtocolBroken(f"we accept no {_not_in_common(str(error))} of those that it offers")
        case paramiko.ChannelException() if error.code in _NO_ROOM:
            return Throttled("the server has no room for a session")
        case paramiko.ChannelException():
            return Denied("the server refuses a session")
        case TimeoutError():
            return Unreachable("no answer in the time allowed")
        case _:
            return Unreachable("the connection was lost")


def _not_in_common(words: str) -> str:
    """Which list of the greeting (RFC 4253, 7.1) holds nothing that we accept; the names in it stay theirs."""
    found = (ours for theirs, ours in _NOTHING_IN_COMMON.items() if f"(no acceptable {theirs})" in words)
    return next(found, "algorithm")


__all__ = ["Address", "Limits", "Link"]
