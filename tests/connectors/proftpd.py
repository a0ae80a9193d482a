"""A ProFTPD with mod_sftp on a free port of 127.0.0.1: an SFTP server that shares no code with OpenSSH or asyncssh.

Many partners run it, or products made of it. Apart from the tests nothing needs it: apt-get install proftpd-core
proftpd-mod-crypto. It serves whoever runs the tests, in the folder given as that user's home.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from connectors.sftp import Address
from tests.connectors.openssh import _free_port, _make_host_key

USER, PASSWORD_FIELD = "partner", "!"
_PATIENCE = 20.0
_CONFIG = """\
ServerType standalone
ServerName Passerelle
Port {port}
DefaultAddress 127.0.0.1
UseIPv6 off
User {user}
Group {group}
PidFile {work}/pid
ScoreboardFile {work}/scoreboard
DelayEngine off
WtmpLog off
TransferLog none
SystemLog {work}/log
UseReverseDNS off
RequireValidShell off
AuthOrder mod_auth_file.c
AuthUserFile {work}/passwd
DefaultRoot ~
RootLogin on
LoadModule mod_sftp.c
SFTPEngine on
SFTPHostKey {work}/host_key
SFTPAuthorizedUserKeys file:{work}/authorized
SFTPAuthMethods publickey
SFTPLog {work}/sftp.log
AllowOverwrite on
"""


def binary() -> str | None:
    """Where proftpd is, None if it or its module for SFTP is not installed."""
    found = shutil.which("proftpd", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    return found if Path("/usr/lib/proftpd/mod_sftp.so").exists() else None


@contextlib.contextmanager
def running_proftpd(folder: Path, authorized_keys: str, work: Path) -> Iterator[Address]:
    """A server on `folder` for the holders of these keys, for as long as the block lasts."""
    work.mkdir(parents=True)
    pin = _make_host_key(work / "host_key")
    (work / "authorized").write_text(_rfc4716(authorized_keys))
    ids = f"{os.geteuid()}:{os.getegid()}"
    (work / "passwd").write_text(f"{USER}:{PASSWORD_FIELD}:{ids}:partner:{folder}:/bin/false\n")
    for path in (work / "passwd", work / "host_key"):
        path.chmod(0o600)
    port = _free_port()
    owner = {"user": "root", "group": "root"} if os.geteuid() == 0 else {"user": USER, "group": USER}
    (work / "config").write_text(_CONFIG.format(port=port, work=work, **owner))
    process = subprocess.Popen([str(binary()), "--nodaemon", "--config", work / "config"], stderr=subprocess.PIPE)
    try:
        _await_banner(process, port)
        yield Address("127.0.0.1", port, USER, (pin,))
    finally:
        process.terminate()
        process.wait()


def _rfc4716(line: str) -> str:
    """A public key as RFC 4716 writes it, which is what mod_sftp reads."""
    body = line.split()[1]
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join(["---- BEGIN SSH2 PUBLIC KEY ----", *lines, "---- END SSH2 PUBLIC KEY ----", ""])


def _await_banner(process: "subprocess.Popen[bytes]", port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            if line.recv(4) == b"SSH-":
                return
        time.sleep(0.05)
    process.terminate()
    raise RuntimeError("proftpd does not start: " + (process.communicate()[1] or b"").decode("utf-8", "replace"))
