"""The formats in which a stand-in seals and signs: HPKE and Ed25519 by cryptography, age by pyrage, OpenPGP by
pysequoia, CMS by the program openssl. Functions take the name of the format first; what does not open is a ValueError.
"""

import os
import subprocess
import tempfile
from datetime import date
from pathlib import Path

import pyrage
import pysequoia
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite

from simulators.sealing import b64, unb64

BLOCK = 65_536
MAGIC = {"HPKE": b"passerelle/hpke/1\n", "HPKE_PQ": b"passerelle/hpkq/1\n"}
KEMS = {"HPKE": KEM.X25519, "HPKE_PQ": KEM.MLKEM768_X25519}
ENCAPSULATED = {"HPKE": 32, "HPKE_PQ": 1120}


def new_key(kind: str, partner: str, since: date) -> tuple[bytes, str]:
    """A private key, and the public half as it is given to the hub."""
    match kind:
        case "ED25519":
            private = Ed25519PrivateKey.generate()
            return private.private_bytes_raw(), b64(private.public_key().public_bytes_raw())
        case "HPKE":
            x25519 = X25519PrivateKey.generate()
            return x25519.private_bytes_raw(), b64(x25519.public_key().public_bytes_raw())
        case "HPKE_PQ":
            mlkem, x25519 = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
            public = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
            return mlkem.private_bytes_raw() + x25519.private_bytes_raw(), b64(public)
        case "AGE":
            identity = pyrage.x25519.Identity.generate()
            return str(identity).encode(), str(identity.to_public())
        case "OPENPGP":
            key = pysequoia.Tsk.generate(user_id=partner)
            return bytes(key), str(key.extract_certificate())
    return _new_certificate(partner, since)


def _new_certificate(partner: str, since: date) -> tuple[bytes, str]:
    """An RSA key and its own certificate from that day on, by openssl."""
    begin = since.strftime("%Y%m%d000000Z")
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key"), Path(folder, "certificate")
        request, config = Path(folder, "request"), Path(folder, "ca")
        subject = ["-subj", f"/CN={partner}"]
        _openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(request), *subject)
        for name in ("index", "serial"):
            Path(folder, name).write_text("" if name == "index" else f"{os.urandom(8).hex().upper()}\n")
        config.write_text(
            f"[ca]\ndefault_ca=a\n[a]\ndatabase={folder}/index\nserial={folder}/serial\nnew_certs_dir={folder}\n"
            "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n"
        )
        made = ["-selfsign", "-keyfile", str(key), "-in", str(request), "-out", str(certificate), "-notext"]
        _openssl("ca", "-batch", "-config", str(config), *made, "-startdate", begin, "-enddate", "20990101000000Z")
        return key.read_bytes() + certificate.read_bytes(), certificate.read_text("utf-8")


def sealed(kind: str, data: bytes, public: str, name: str) -> bytes:
    """The file sealed for one key; HPKE binds its name."""
    match kind:
        case "AGE":
            return bytes(pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(public)]))
        case "OPENPGP":
            certificate = pysequoia.Cert.from_bytes(public.encode())
            return bytes(pysequoia.encrypt(data, [certificate], armor=False))
        case "CMS":
            with _file(public.encode()) as path:
                return _openssl("cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", path, data=data)
    return _sealed_hpke(kind, data, unb64(public), name)


def opened(kind: str, data: bytes, secret: bytes, name: str) -> bytes:
    """The file of the hub, opened."""
    try:
        match kind:
            case "AGE":
                return bytes(pyrage.decrypt(data, [pyrage.x25519.Identity.from_str(secret.decode())]))
            case "OPENPGP":
                decryptor = pysequoia.Tsk.from_bytes(secret).decryptor()
                return pysequoia.decrypt(data, decryptor=decryptor).bytes or b""
            case "CMS":
                with _file(secret) as pair:
                    return _openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", pair, data=data)
        return _opened_hpke(kind, data, secret, name)
    except Exception:  # noqa: BLE001  each tool has errors of its own
        raise ValueError("does not open") from None


def signature(kind: str, message: bytes, secret: bytes) -> bytes:
    """A signature without the message."""
    match kind:
        case "OPENPGP":
            signer = pysequoia.Tsk.from_bytes(secret).signer()
            return bytes(pysequoia.sign(signer, message, mode=pysequoia.SignatureMode.DETACHED))
        case "CMS":
            with _file(secret) as pair:
                return _openssl("cms", "-sign", "-binary", "-outform", "DER", "-signer", pair, data=message)
    return Ed25519PrivateKey.from_private_bytes(secret).sign(message)


def check(kind: str, message: bytes, made: bytes, public: str) -> None:
    """ValueError unless the hub signed the message."""
    try:
        match kind:
            case "OPENPGP":
                found = [pysequoia.Cert.from_bytes(public.encode())]
                pysequoia.verify(bytes=message, store=lambda _ids: found, signature=pysequoia.Sig.from_bytes(made))
            case "CMS":
                with _file(public.encode()) as certificate, _file(message) as content, _file(made) as der:
                    pinned = ["-certfile", certificate, "-nointern", "-noverify", "-content", content]
                    _openssl("cms", "-verify", "-binary", "-inform", "DER", "-in", der, *pinned)
            case _:
                Ed25519PublicKey.from_public_bytes(unb64(public)).verify(made, message)
    except InvalidSignature:
        raise ValueError("not signed by the hub") from None
    except Exception:  # noqa: BLE001  pysequoia raises Exception itself
        raise ValueError("not signed by the hub") from None


def _sealed_hpke(kind: str, data: bytes, public: bytes, name: str) -> bytes:
    key, prefix = os.urandom(32), os.urandom(7)
    x25519 = X25519PublicKey.from_public_bytes(public[-32:])
    to: X25519PublicKey | MLKEM768X25519PublicKey = x25519
    if kind == "HPKE_PQ":
        to = MLKEM768X25519PublicKey(MLKEM768PublicKey.from_public_bytes(public[:-32]), x25519)
    header = MAGIC[kind] + prefix + _suite(kind).encrypt(key, to, info=_info(kind, name))
    blocks = [data[at : at + BLOCK] for at in range(0, len(data), BLOCK)] or [b""]
    last, cipher = len(blocks) - 1, AESGCM(key)
    frames = (cipher.encrypt(prefix + n.to_bytes(4) + bytes([n == last]), one, None) for n, one in enumerate(blocks))
    return header + b"".join(frames)


def _opened_hpke(kind: str, data: bytes, secret: bytes, name: str) -> bytes:
    x25519 = X25519PrivateKey.from_private_bytes(secret[-32:])
    own: X25519PrivateKey | MLKEM768X25519PrivateKey = x25519
    if kind == "HPKE_PQ":
        own = MLKEM768X25519PrivateKey(MLKEM768PrivateKey.from_seed_bytes(secret[:64]), x25519)
    prefix, at = data[18:25], 25 + ENCAPSULATED[kind] + 48
    if not data.startswith(MAGIC[kind]):
        raise InvalidTag
    cipher = AESGCM(_suite(kind).decrypt(data[25:at], own, info=_info(kind, name)))
    frames = [data[one : one + BLOCK + 16] for one in range(at, len(data), BLOCK + 16)]
    last = len(frames) - 1
    opened = (cipher.decrypt(prefix + n.to_bytes(4) + bytes([n == last]), one, None) for n, one in enumerate(frames))
    return b"".join(opened)


def _suite(kind: str) -> Suite:
    return Suite(KEMS[kind], KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _info(kind: str, name: str) -> bytes:
    return MAGIC[kind].strip() + b"|" + name.encode()


class _file:  # noqa: N801  reads as open does
    """Bytes as a file of memory that openssl can read; nothing of it is on a disk."""

    def __init__(self, data: bytes) -> None:
        self._descriptor = os.memfd_create("held")
        os.write(self._descriptor, data)

    def __enter__(self) -> str:
        return f"/proc/{os.getpid()}/fd/{self._descriptor}"

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _openssl(*words: str, data: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *words], input=data, capture_output=True, check=False)
    if done.returncode:
        raise ValueError(f"openssl {words[0]} {words[1]} failed")
    return done.stdout
