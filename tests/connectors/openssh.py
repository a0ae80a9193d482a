"""A real OpenSSH server on a free port of 127.0.0.1, run by whoever runs the tests.

Decides one working way to stand in for several partners: one sshd each, with its own port and host key, as a
partner's own server has. Every session is forced into `internal-sftp -d FOLDER`, so that relative paths begin in
the partner's folder. That is a starting place and no prison: chroot needs root and folders that root owns.
The user is always the one who runs the tests, root or not (an unprivileged sshd can serve nobody else); without
PAM it must not be locked, as `nobody` is with systemd.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_TRIES, _PATIENCE = 3, 20.0  # ports tried, as another process may take one; seconds for the first banner

_CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {work}/host_key
AuthorizedKeysFile {work}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding no
MaxStartups 100
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {folder}
"""


@dataclass(frozen=True)
class Sshd:
    """A running server: where it is, as whom to log in, and its host key as 'ssh-ed25519 AAAA…'."""

    host: str
    port: int
    user: str
    host_key: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Ends the server. Sessions that are open go on until their client leaves."""
        self.process.terminate()
        self.process.wait()


def binary() -> str | None:
    """Where sshd is, None if it is not installed. It must be started by its whole path: it starts itself again."""
    return shutil.which("sshd", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))


@contextlib.contextmanager
def running_sshd(folder: Path, authorized_keys: str, work: Path) -> Iterator[Sshd]:
    """A server for as long as the block lasts."""
    server = start_sshd(folder, authorized_keys, work)
    try:
        yield server
    finally:
        server.stop()


def start_sshd(folder: Path, authorized_keys: str, work: Path) -> Sshd:
    """Starts a server on `folder` (no blank in its path) for the holders of these keys.

    `work` is made for its own files: configuration, host key, log.
    """
    if (program := binary()) is None:
        raise RuntimeError("no sshd on this machine")
    work.mkdir(parents=True, exist_ok=True)
    (work / "authorized_keys").write_text(authorized_keys)
    host_key = _make_host_key(work / "host_key")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd separates privileges there, and refuses without
    for _ in range(_TRIES):
        port = _free_port()
        (work / "config").write_text(_CONFIG.format(port=port, work=work, folder=folder))
        process = subprocess.Popen([program, "-D", "-f", work / "config", "-E", work / "log"])
        if _answers(process, port):
            return Sshd("127.0.0.1", port, pwd.getpwuid(os.geteuid()).pw_name, host_key, process)
        process.terminate()
        process.wait()
    raise RuntimeError("sshd does not start: " + (work / "log").read_text())


def _make_host_key(file: Path) -> str:
    key = Ed25519PrivateKey.generate()
    openssh, no_password = serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    file.touch(mode=0o600)
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, openssh, no_password))
    public = serialization.PublicFormat.OpenSSH
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, public).decode()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            if line.recv(4) == b"SSH-":
                return True
        time.sleep(0.02)
    return False
