"""CMS (RFC 5652) as an envelope and as a detached signature, for X.509 certificates that both sides have pinned.

Sealed: EnvelopedData, AES-256-CBC, its key for one RSA certificate. It proves nothing of its content by itself: what
was altered is found by the hash in the signed GO, so a caller compares that first. Signed: SignedData without its
content. No chain of certificates is followed: the one that was agreed counts, in its own dates, and no other.
"""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import new as new_hash
from hmac import compare_digest

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from connectors import der
from connectors.errors import BadKey, Tampered

BITS = 3072  # of a key that we make; a partner's has 2,048 at least
YEARS = 3
_DER = serialization.Encoding.DER
_DATA = bytes.fromhex("2a864886f70d010701")
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_HASHES: dict[bytes, hashes.HashAlgorithm] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}


def make(name: str, at: datetime) -> bytes:
    """A new RSA key and its own certificate of that name, for three years from that day; PEM, key first."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begin = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(named)
        .issuer_name(named)
        .public_key(key.public_key())
        .serial_number(secrets.randbits(120))
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=365 * YEARS))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(pem, *plain) + certificate.public_bytes(pem)


def public(secret: bytes) -> str:
    """The certificate, PEM."""
    return _pair(secret)[1].public_bytes(serialization.Encoding.PEM).decode()


def dates(public_key: str) -> tuple[datetime, datetime]:
    """From when until when a certificate holds."""
    certificate = _certificate(public_key.encode())
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def sealed(data: bytes, public_key: str, _context: bytes) -> bytes:
    """The file for one certificate, DER. BadKey when it is not of an RSA key of 2,048 bits at least."""
    certificate = _certificate(public_key.encode())
    if not isinstance(certificate.public_key(), rsa.RSAPublicKey):
        raise BadKey("a certificate to seal to has an RSA key")
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(data).add_recipient(certificate)
    return builder.set_content_encryption_algorithm(algorithms.AES256).encrypt(_DER, [pkcs7.PKCS7Options.Binary])


def opened(data: bytes, secret: bytes, _context: bytes, _limit: int) -> bytes:
    """The file; Tampered when it does not open. It is never longer than `data`."""
    key, certificate = _pair(secret)
    try:
        return pkcs7.pkcs7_decrypt_der(data, certificate, key, [])
    except Exception:  # noqa: BLE001  whatever a parser says of foreign bytes; the key was read before
        raise Tampered("not sealed for this certificate, altered or cut") from None


def begins(data: bytes) -> bool:
    """Whether a file begins as DER does: no CSV and no workbook does."""
    return data[:1] == bytes([der.SEQUENCE]) and data[1:2] >= b"\x80"


def sign(message: bytes, secret: bytes) -> bytes:
    """The signature without the message, DER, SHA-256."""
    key, certificate = _pair(secret)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(message).add_signer(certificate, key, hashes.SHA256())
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.NoCapabilities]
    return builder.sign(_DER, options)


def verify(message: bytes, signature: bytes, public_key: str) -> None:
    """Return when this certificate's key signed this message; Tampered when not.

    One signer, SHA-256 or longer, RSA (PKCS #1 v1.5) or ECDSA. A content inside the signature is refused.
    """
    outer = der.only(signature).inside(der.SEQUENCE)
    if len(outer) != 2 or outer[0].of(der.OID) != _SIGNED_DATA:
        raise Tampered("not a signature of CMS")
    parts = der.only(outer[1].of(der.CONTEXT_0)).inside(der.SEQUENCE)
    if len(parts) < 4 or [e.of(der.OID) for e in parts[2].inside(der.SEQUENCE)] != [_DATA]:
        raise Tampered("not a signature without its content")
    signers = parts[-1].inside(der.SET)
    if len(signers) != 1:
        raise Tampered("not one signature")
    _verify_signer(message, signers[0].inside(der.SEQUENCE), _certificate(public_key.encode()))


def _verify_signer(message: bytes, signer: list[der.Element], certificate: x509.Certificate) -> None:
    if len(signer) < 5:
        raise Tampered("not a signature of CMS")
    algorithm = _hash_of(signer[2])
    rest, signed = signer[3:], message
    if rest[0].tag == der.CONTEXT_0:
        _check_attributes(message, rest[0].inside(der.CONTEXT_0), algorithm)
        signed, rest = bytes([der.SET]) + rest[0].whole[1:], rest[1:]
    if len(rest) < 2:
        raise Tampered("not a signature of CMS")
    signature, key = rest[1].of(der.OCTETS), certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, signed, ec.ECDSA(algorithm))
        else:
            raise BadKey("a certificate to sign with has an RSA or an EC key")
    except InvalidSignature:
        raise Tampered("not signed by this certificate") from None


def _check_attributes(message: bytes, attributes: list[der.Element], algorithm: hashes.HashAlgorithm) -> None:
    held: dict[bytes, bytes] = {}
    for attribute in attributes:
        parts = attribute.inside(der.SEQUENCE)
        values = parts[1].inside(der.SET) if len(parts) == 2 else []
        if len(values) != 1 or parts[0].of(der.OID) in held:
            raise Tampered("not the attributes of a signature")
        held[parts[0].held] = values[0].held
    digest = new_hash(algorithm.name, message).digest()
    if held.get(_CONTENT_TYPE) != _DATA or not compare_digest(held.get(_MESSAGE_DIGEST, b""), digest):
        raise Tampered("not a signature of this message")


def _hash_of(element: der.Element) -> hashes.HashAlgorithm:
    parts = element.inside(der.SEQUENCE)
    found = _HASHES.get(parts[0].of(der.OID)) if parts else None
    if found is None:
        raise Tampered("not a hash that is safe")
    return found


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except Exception:  # noqa: BLE001  a parser says it in many ways
        raise BadKey("not a certificate in PEM") from None
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < 2048:
        raise BadKey("an RSA key has 2,048 bits at least")
    return certificate


def _pair(secret: bytes) -> tuple[rsa.RSAPrivateKey, x509.Certificate]:
    key = serialization.load_pem_private_key(secret, None, unsafe_skip_rsa_key_validation=True)  # it was made here
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BadKey("not an RSA key")
    return key, _certificate(secret[secret.index(b"-----BEGIN CERTIFICATE") :])
