"""Keys of partners: what is sealed to X25519 and ML-KEM-768 together takes both to open, and is never sealed to one."""

import base64
import hashlib
import hmac
import json
import re
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contracts import codes
from hub import kem
from hub.errors import OperatorError
from hub.keys import PartnerKey, key_id, read_partner_keys, read_private_key
from hub.opening import open_file
from hub.pseudonymise import open_capsule, seal

CPAS = "062063"
ANNA = {"niss": "85073100031", "last_name": "Dubois-Épée", "first_name": "Zoé", "birth_date": "1985-07-31"}
LABEL = b"\\.//^\\"  # of X-Wing
SUITE = b"HPKE" + bytes([0x64, 0x7A, 0, 1, 0, 2])  # MLKEM768-X25519, HKDF-SHA256, AES-256-GCM
NOT_MINE = "^not sealed to this key$"


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Pair:
    """A key pair of both kinds, as a partner makes it, in files."""

    def __init__(self, folder: Path) -> None:
        self.lattice, self.curve = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
        self.public = self.lattice.public_key().public_bytes_raw() + self.curve.public_key().public_bytes_raw()
        self.kid, self.folder = key_id(self.public), folder
        self.private = self.write(f"{self.kid}.key", private=self.lattice.private_bytes_raw() + self.secret)
        self.write(f"{CPAS}.pub", public=self.public)

    @property
    def secret(self) -> bytes:
        return self.curve.private_bytes_raw()

    def write(self, name: str, alg: str = kem.HYBRID, **raw: bytes) -> Path:
        path = self.folder / name
        values = {name: text(value) for name, value in raw.items()}
        path.write_text(json.dumps({"kid": self.kid, "alg": alg, "recipient": CPAS} | values))
        return path

    def known(self) -> PartnerKey:
        return read_partner_keys(self.folder)[CPAS]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def test_a_capsule_to_both_kinds_opens_with_the_partners_file(pair: Pair, tmp_path: Path) -> None:
    """It has the contract's form, `passerelle open` opens it, and another pair does not."""
    capsule = seal(ANNA, pair.known())
    assert re.fullmatch(codes.CAPSULE, capsule)
    kid, recipient, private = read_private_key(pair.private)
    assert (kid, recipient) == (pair.kid, CPAS)
    assert open_capsule(capsule, kid, recipient, private) == ANNA
    file = tmp_path / "FO.STAT.062063.20260310.00001.T"
    file.write_text(f"referral_id;sealed_identity\nR1;{capsule}\n")
    (line,) = open_file(lambda: file.open(encoding="utf-8", newline=""), [pair.private]).rows()
    assert line["identity_niss"] == ANNA["niss"]
    (tmp_path / "other").mkdir()
    with pytest.raises(ValueError, match=NOT_MINE):
        open_capsule(capsule, kid, recipient, read_private_key(Pair(tmp_path / "other").private)[2])


def extract(salt: bytes, label: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + SUITE + label + secret, "sha256")


def expand(key: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return hmac.digest(key, size.to_bytes(2, "big") + b"HPKE-v1" + SUITE + label + info + b"\x01", "sha256")[:size]


def opened_by_hand(capsule: str, pair: Pair, lattice: MLKEM768PrivateKey, curve: X25519PrivateKey) -> dict[str, str]:
    """The standards word by word: X-Wing's combiner, then the key schedule of RFC 9180, base mode."""
    body = base64.urlsafe_b64decode(capsule.split(".")[2] + "==")
    first, ephemeral, sealed = body[:1088], body[1088:1120], body[1120:]
    shared = lattice.decapsulate(first) + curve.exchange(X25519PublicKey.from_public_bytes(ephemeral))
    secret = hashlib.sha3_256(shared + ephemeral + pair.public[-32:] + LABEL).digest()
    info = f"passerelle/capsule/1|{CPAS}|{pair.kid}".encode()
    context = b"\x00" + extract(b"", b"psk_id_hash", b"") + extract(b"", b"info_hash", info)
    key = extract(secret, b"secret", b"")
    plain = AESGCM(expand(key, b"key", context, 32)).decrypt(expand(key, b"base_nonce", context, 12), sealed, None)
    opened: dict[str, str] = json.loads(plain)
    return opened


def test_both_halves_are_needed(pair: Pair) -> None:
    """By the standards alone it opens with both keys; who has broken one of the two opens nothing."""
    capsule = seal(ANNA, pair.known())
    assert opened_by_hand(capsule, pair, pair.lattice, pair.curve) == ANNA
    for lattice, curve in (
        (MLKEM768PrivateKey.generate(), pair.curve),
        (pair.lattice, X25519PrivateKey.generate()),
    ):
        with pytest.raises(InvalidTag):
            opened_by_hand(capsule, pair, lattice, curve)


def test_no_key_of_both_kinds_is_taken_for_its_weaker_half(pair: Pair) -> None:
    """Its X25519 half under its id is refused, and a capsule to that half does not open with both."""
    half = pair.curve.public_key()
    weak = PartnerKey(pair.kid, CPAS, half)
    kid, recipient, private = read_private_key(pair.private)
    with pytest.raises(ValueError, match=NOT_MINE):
        open_capsule(seal(ANNA, weak), kid, recipient, private)
    with pytest.raises(ValueError, match=NOT_MINE):
        open_capsule(seal(ANNA, pair.known()), kid, recipient, pair.curve)
    pair.write(f"{CPAS}.pub", alg=kem.X25519, public=half.public_bytes_raw())
    with pytest.raises(OperatorError, match="not the one it names"):
        pair.known()


@pytest.mark.parametrize("alg", [kem.X25519, "MLKEM768", "", "P256"])
def test_another_kind_than_the_bytes_is_refused(pair: Pair, alg: str) -> None:
    """A public or private file that names another kind, or has too few bytes, is the one at fault."""
    pair.write(f"{CPAS}.pub", alg=alg, public=pair.public)
    with pytest.raises(OperatorError, match="is not a partner's public key"):
        pair.known()
    with pytest.raises(OperatorError, match="the key file cannot be read"):
        read_private_key(pair.write("x.key", alg=alg, private=pair.lattice.private_bytes_raw() + pair.secret))


@pytest.mark.parametrize("size", [0, 31, 32, 1215])
def test_too_few_bytes_are_no_key(pair: Pair, size: int) -> None:
    """A cut file of a key of both kinds is refused, whatever is left of it."""
    pair.write(f"{CPAS}.pub", public=pair.public[:size])
    with pytest.raises(OperatorError, match="is not a partner's public key"):
        pair.known()
