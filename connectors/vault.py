"""HashiCorp Vault's transit engine over its HTTP API: wraps and unwraps small secrets by keys that never leave it.

`POST /v1/<mount>/encrypt/<key>` and `…/decrypt/<key>`, with `associated_data`, as its API documentation has them.
Written against that and a stand-in; **not tried on a real server**. The client token is read from a file at each call,
so that an agent can renew it. Nothing of an answer, a token or a secret is in an error or a repr.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.errors import Denied, LinkError, Missing, ProtocolBroken, Tampered, Throttled, Unreachable

SECONDS = 10.0  # to connect, and between two pieces of an answer
LARGEST = 64 * 1024  # a wrapped key is some hundred bytes
HERE = ("localhost", "127.0.0.1", "::1")
AGAIN = (412, 429, 473, 500, 502, 503)


@dataclass(frozen=True, slots=True)
class Transit:
    """One transit engine: `url` is https, or http to this machine, where an agent listens."""

    url: str
    mount: str
    token: Path
    authority: Path | None = None

    def __post_init__(self) -> None:
        """Refuse a URL that would send the token in clear over a network."""
        parts = urlsplit(self.url)
        if parts.scheme != "https" and (parts.scheme, parts.hostname in HERE) != ("http", True):
            raise ProtocolBroken("Vault's URL is https://…, or http:// to this machine")

    def encrypt(self, key: str, secret: bytes, about: bytes) -> str:
        """The secret under a key, bound to `about`: Vault's own text form, `vault:v1:…`."""
        text = self._ask(f"encrypt/{key}", "ciphertext", plaintext=_b64(secret), associated_data=_b64(about))
        if not text.startswith("vault:v"):
            raise ProtocolBroken("Vault answered something that it does not document")
        return text

    def decrypt(self, key: str, text: str, about: bytes) -> bytes:
        """What `encrypt` made a text of. Raises Tampered for a text of another key or about something else."""
        plain = self._ask(f"decrypt/{key}", "plaintext", ciphertext=text, associated_data=_b64(about))
        try:
            return base64.b64decode(plain, validate=True)
        except binascii.Error:
            raise ProtocolBroken("Vault answered something that it does not document") from None

    def _ask(self, path: str, wanted: str, **given: str) -> str:
        headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
        try:
            with requests.Session() as session:
                session.trust_env = False  # no proxy, no netrc: the token goes to Vault and nowhere else
                answer = session.post(
                    f"{self.url.rstrip('/')}/v1/{self.mount}/{path}",
                    json=given,
                    headers=headers,
                    timeout=SECONDS,
                    allow_redirects=False,
                    verify=str(self.authority) if self.authority else True,
                    stream=True,
                )
                body = answer.raw.read(LARGEST + 1, decode_content=True)
        except requests.exceptions.SSLError:
            failed: LinkError = Denied("Vault's certificate is not one that we trust")
        except (requests.RequestException, OSError):
            failed = Unreachable("Vault did not answer")
        else:
            return _read(answer.status_code, body, wanted)
        raise failed  # outside the except: the error of the library holds the request, and with it the token

    def _token(self) -> str:
        try:
            token = self.token.read_text().strip()
        except (OSError, ValueError):
            token = ""
        if not token.isascii() or not token.isprintable() or not token:
            raise Denied("the file of Vault's token is not there, or holds none")
        return token


def _read(status: int, body: bytes, wanted: str) -> str:
    if status == requests.codes.ok:
        try:
            found: Any = json.loads(body)["data"][wanted]
        except (ValueError, KeyError, TypeError, RecursionError):
            found = None
        if not isinstance(found, str) or len(body) > LARGEST:
            raise ProtocolBroken("Vault answered something that it does not document")
        return found
    raise _refusal(status)


def _refusal(status: int) -> LinkError:
    """By the status alone: the list of errors beside it is the server's own words."""
    if status in AGAIN:
        return Throttled(f"Vault cannot serve now: {status}; it may be sealed")
    match status:
        case 400:
            return Tampered("Vault does not open this: wrapped by another key, or altered")
        case 403:
            return Denied("Vault refuses our token, or its policy this key")
        case 404:
            return Missing("Vault has no such transit engine or key, or hides it from us")
    return ProtocolBroken(f"Vault answered {status}")


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
