"""A stand-in for HashiCorp Vault's transit engine: the documented API over real HTTP, on a free port of this machine.

Paths, fields, statuses and the shape of errors are those of its API documentation (secret/transit, and the index). It
shares no code with the hub. Keys are made beforehand, as `vault write -f transit/keys/…`; a token may be held to some.
"""

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ROOT = "hvs.root-token-of-the-stand-in"


@dataclass
class Vault:
    """What the server has: keys with all their versions, and which keys each token may use."""

    url: str = ""
    keys: dict[str, list[bytes]] = field(default_factory=dict)
    tokens: dict[str, set[str] | None] = field(default_factory=lambda: {ROOT: None})  # None: every key
    broken: tuple[int, bytes] | None = None  # what every answer is, instead of the right one
    asked: list[str] = field(default_factory=list)

    def make(self, *names: str) -> None:
        """Keys of the type aes256-gcm96, unless they are there; a new version of those that are."""
        for name in names:
            self.keys.setdefault(name, []).append(os.urandom(32))

    def answer(self, path: str, token: str | None, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Status and body."""
        parts = path.split("/")
        if parts[:3] != ["", "v1", "transit"] or len(parts) != 5 or parts[3] not in ("encrypt", "decrypt"):
            return 404, {"errors": ["no handler for route"]}
        if token not in self.tokens or parts[4] not in (self.tokens[token] or self.keys):
            return 403, {"errors": ["1 error occurred:\n\t* permission denied\n\n"]}
        if parts[4] not in self.keys:
            return 400, {"errors": ["encryption key not found"]}
        about = base64.b64decode(body.get("associated_data", ""), validate=True)
        if parts[3] == "encrypt":
            return 200, self._encrypt(self.keys[parts[4]], base64.b64decode(body["plaintext"], validate=True), about)
        return self._decrypt(self.keys[parts[4]], body["ciphertext"], about)

    def _encrypt(self, versions: list[bytes], plain: bytes, about: bytes) -> dict[str, Any]:
        nonce = os.urandom(12)
        sealed = base64.b64encode(nonce + AESGCM(versions[-1]).encrypt(nonce, plain, about)).decode()
        return _whole({"ciphertext": f"vault:v{len(versions)}:{sealed}", "key_version": len(versions)})

    def _decrypt(self, versions: list[bytes], text: str, about: bytes) -> tuple[int, dict[str, Any]]:
        vault, version, sealed = (*text.split(":", 2), "", "")[:3]
        if vault != "vault" or not version[1:].isdigit() or not 0 < int(version[1:]) <= len(versions):
            return 400, {"errors": ["invalid ciphertext: no prefix"]}
        raw = base64.b64decode(sealed)
        try:
            plain = AESGCM(versions[int(version[1:]) - 1]).decrypt(raw[:12], raw[12:], about)
        except InvalidTag:
            return 400, {"errors": ["cipher: message authentication failed"]}
        return 200, _whole({"plaintext": base64.b64encode(plain).decode()})


def _whole(data: dict[str, Any]) -> dict[str, Any]:
    """An answer has these beside its data."""
    return {"request_id": "0", "lease_id": "", "renewable": False, "lease_duration": 0, "data": data, "warnings": None}


@contextmanager
def running_vault() -> Iterator[Vault]:
    """A server for as long as the block lasts."""
    vault = Vault()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            vault.asked.append(self.path)
            if vault.broken:
                status, text = vault.broken
            else:
                status, content = vault.answer(self.path, self.headers.get("X-Vault-Token"), json.loads(body))
                text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    vault.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield vault
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
