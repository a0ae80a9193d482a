"""The key with which the hub signs in to its partners' APIs, and its certificate: made once, in files of their own."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from hub.key_files import write_private

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_DAYS = 365 * 30  # of a certificate whose days say nothing: it is known as itself, and replaced with its key


def initialise_api(path: Path) -> bool:
    """Make the key for APIs unless there is one; True when made.

    Beside it the public key, by which a partner verifies our assertions (RFC 7523), and a certificate that we signed
    ourselves, for mutual TLS (RFC 8705, 2.2). A partner that wants one of its own authority gives one for this key.
    """
    if path.exists():
        return False
    private = generate_private_key(SECP256R1())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".pub").write_bytes(public)
    path.with_suffix(".crt").write_bytes(_certificate(private).public_bytes(Encoding.PEM))
    write_private(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
    return True


def _certificate(private: EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "passerelle")])
    builder = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=private.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(_SINCE).not_valid_after(_SINCE + timedelta(days=_DAYS))
    return builder.sign(private, SHA256())
