"""Whom the API lets in: an authority of its own for TLS, the hub's certificate, and tokens for a signed assertion.

Made when it starts, below the root of the stand-ins. RFC 7523 and RFC 8705 in the stand-ins' own few lines.
"""

import base64
import binascii
import json
import secrets
import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_public_key
from cryptography.x509.oid import NameOID

from simulators import layout

SCOPE = "scope:passerelle:exchange"
CLIENT = "passerelle"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def make_authority(folder: Path, host: str) -> ssl.SSLContext:
    """A new authority and a certificate for `host`, left in `folder`; what the server speaks TLS with."""
    now = datetime.now(UTC)
    root_key, key = generate_private_key(SECP256R1()), generate_private_key(SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Autorité d'essai de Passerelle")])
    root = (
        _certificate(root_name, root_name, root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(root_key.public_key()), critical=False)
        .sign(root_key, SHA256())
    )
    try:
        name: x509.GeneralName = x509.IPAddress(ip_address(host))
    except ValueError:
        name = x509.DNSName(host)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api")])
    served = (
        _certificate(subject, root_name, key.public_key(), now)
        .add_extension(x509.SubjectAlternativeName([name]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, SHA256())
    )
    layout.write_whole(folder / "ca.pem", root.public_bytes(Encoding.PEM))
    layout.write_whole(folder / "server.pem", served.public_bytes(Encoding.PEM))
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    layout.write_whole(folder / "server.key", secret)
    (folder / "server.key").chmod(0o600)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(issuer_name=issuer, subject_name=subject, public_key=key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def require_certificate(context: ssl.SSLContext, of_hub: Path) -> None:
    """Nobody connects without the hub's own certificate."""
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(of_hub)


class Tokens:
    """Gives tokens to the hub, and knows those that it gave."""

    def __init__(self, hub_key: Path, life: int = 300) -> None:
        key = load_pem_public_key(hub_key.read_bytes())
        if not isinstance(key, EllipticCurvePublicKey):
            raise TypeError("the hub's key for APIs is a P-256 key")
        self._key, self._life = key, life
        self._given: dict[str, datetime] = {}
        self._used: set[str] = set()
        self._lock = threading.Lock()

    def give(self, form: dict[str, str], audience: str, now: datetime) -> dict[str, Any] | str:
        """A token, or the error of RFC 6749 (5.2)."""
        if form.get("grant_type") != "client_credentials":
            return "unsupported_grant_type"
        if form.get("client_assertion_type") != ASSERTION or form.get("scope", SCOPE) != SCOPE:
            return "invalid_request"
        claims = self._claims(form.get("client_assertion", ""))
        if claims is None or not self._is_sound(claims, audience, now.timestamp()):
            return "invalid_client"
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._given[token] = now + timedelta(seconds=self._life)
        return {"access_token": token, "token_type": "Bearer", "expires_in": self._life, "scope": SCOPE}

    def knows(self, token: str, now: datetime) -> bool:
        """Whether it was given here and has not ended."""
        with self._lock:
            return token in self._given and self._given[token] > now

    def end_all(self) -> None:
        """Every token given so far ends now."""
        with self._lock:
            self._given.clear()

    def _claims(self, assertion: str) -> dict[str, Any] | None:
        try:
            signed, signature = assertion.rsplit(".", 1)
            head, body = (json.loads(_unb64(part)) for part in signed.split("."))
            raw = _unb64(signature)
            half = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
            self._key.verify(half, signed.encode(), ECDSA(SHA256()))
        except (ValueError, binascii.Error, InvalidSignature, TypeError):
            return None
        return body if isinstance(body, dict) and head.get("alg") == "ES256" and len(raw) == 64 else None

    def _is_sound(self, claims: dict[str, Any], audience: str, now: float) -> bool:
        right = (claims.get("iss"), claims.get("sub"), claims.get("aud")) == (CLIENT, CLIENT, audience)
        since, until, jti = claims.get("iat"), claims.get("exp"), claims.get("jti")
        if not right or not isinstance(since, int) or not isinstance(until, int) or not isinstance(jti, str):
            return False
        with self._lock:
            fresh = jti not in self._used
            self._used.add(jti)
        return fresh and since - 30 <= now < until and until - since <= 300


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
