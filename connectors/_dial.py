"""A TCP connection to a partner's server, with the options that paramiko does not set.

Decides how long a silent line is borne by the system itself; everything above it is `_link`'s.
"""

import contextlib
import socket

from connectors._trust import Address
from connectors.errors import Unreachable


class Socket(socket.socket):
    """Acknowledges at once: sshd's small answers otherwise wait 40 ms for our delayed acknowledgement."""

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """As a socket's."""
        data = super().recv(bufsize, flags)
        _set(self, "TCP_QUICKACK", 1)
        return data


def dial(address: Address, patience: float, silence: float) -> Socket:
    """Connected within `patience` seconds; given up by the system after `silence` seconds with nothing acknowledged."""
    try:
        dialled = socket.create_connection((address.host, address.port), timeout=patience)
    except (OSError, UnicodeError) as error:
        why = type(error).__name__
        raise Unreachable(f"no connection to {address.host}:{address.port} ({why})") from None
    line = Socket(dialled.family, dialled.type, dialled.proto, fileno=dialled.detach())
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    _set(line, "TCP_NODELAY", 1)
    _set(line, "TCP_USER_TIMEOUT", int(silence * 1000))
    return line


def _set(line: socket.socket, option: str, value: int) -> None:
    """Sets an option of TCP where the system has it."""
    if hasattr(socket, option):
        with contextlib.suppress(OSError):
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
