"""The right to call a partner's API: OAuth 2.0 client credentials with a signed assertion instead of a password.

RFC 6749 4.4, RFC 7523 2.2 (`private_key_jwt`, ES256 of RFC 7518). The assertion is made for each request and lives a
minute; the token that it earns is kept in memory until a minute before its end, and never in a text or a repr.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from connectors.errors import Denied, ProtocolBroken

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = 60  # seconds of an assertion
EARLY = 60.0  # seconds before its end in which a token is not used any more, half of its life at most
_LONGEST = 8192


@dataclass(frozen=True, slots=True)
class Client:
    """Who we are at a partner: where tokens are given, our name there, the scope, and the file of our private key."""

    token_url: str
    client_id: str
    scope: str
    key: Path


class Token:
    """The one token of a session: earned when first needed, again when it ends or is refused."""

    def __init__(self, client: Client, monotonic: Callable[[], float]) -> None:
        self._client, self._monotonic = client, monotonic
        self._value, self._until = "", 0.0
        self._key = _read(client.key)

    @property
    def value(self) -> str | None:
        """The token, or None when one must be earned."""
        return self._value if self._value and self._monotonic() < self._until else None

    def drop(self) -> None:
        """The token was refused: the next call earns another."""
        self._value = ""

    def request(self, now: datetime) -> dict[str, str]:
        """The form that asks for a token at that instant of the partner's clock."""
        form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION}
        scope = {"scope": self._client.scope} if self._client.scope else {}
        return form | scope | {"client_assertion": assertion(self._client, self._key, now, str(uuid.uuid4()))}

    def keep(self, told: Mapping[str, object]) -> str:
        """The token of an answer. ProtocolBroken if it holds none that can be used."""
        value, kind, life = told.get("access_token"), told.get("token_type"), told.get("expires_in", 300)
        fits = isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isascii() and value.isprintable()
        if not fits or str(kind).lower() != "bearer" or not isinstance(life, int | float) or not 0 < life < 1e9:
            raise ProtocolBroken("the answer to our request for a token holds none that we know how to use")
        self._value = str(value)
        self._until = self._monotonic() + max(life - EARLY, life / 2)
        return self._value

    def __repr__(self) -> str:
        return "Token(…)"


def assertion(client: Client, key: EllipticCurvePrivateKey, now: datetime, jti: str) -> str:
    """A JWT signed by ES256 that says who we are, for this token endpoint alone, for a minute (RFC 7523, 3)."""
    since = int(now.timestamp())
    claims = {"iss": client.client_id, "sub": client.client_id, "aud": client.token_url, "jti": jti}
    claims_of = claims | {"iat": since, "exp": since + LIFE}
    signed = f"{_part({'alg': 'ES256', 'typ': 'JWT', 'kid': key_id(key)})}.{_part(claims_of)}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ECDSA(SHA256())))
    return f"{signed}.{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def key_id(key: EllipticCurvePrivateKey) -> str:
    """The beginning of the SHA-256 of the public key: what both sides can compare by telephone."""
    form = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(form).hexdigest()[:16]


def _read(path: Path) -> EllipticCurvePrivateKey:
    key: object
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        key = None  # said below, outside the except
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise Denied("our own key for APIs is not there or no key of P-256: run `passerelle keys init`")
    return key


def _part(content: Mapping[str, object]) -> str:
    return _b64(json.dumps(content, separators=(",", ":")).encode())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
