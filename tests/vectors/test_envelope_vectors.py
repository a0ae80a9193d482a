"""The formats of envelopes against the published vectors of their standards."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from connectors import age, ed25519
from connectors.errors import Tampered

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "envelopes.json").read_text("utf-8"))
RFC_8032 = {  # section 7.1, test 2
    "secret": "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "message": "72",
    "signature": "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
}


def test_hpke_is_that_of_rfc_9180() -> None:
    """The library's HPKE opens the first message of appendix A.1.1, whose cipher is AES-128 where ours is AES-256."""
    one = {name: bytes.fromhex(value) for name, value in VECTORS["hpke"].items()}
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
    key = X25519PrivateKey.from_private_bytes(one["skRm"])
    assert openssl.hpke._decrypt_with_aad(suite, one["enc"] + one["ct"], key, one["info"], one["aad"]) == one["pt"]


@pytest.mark.parametrize("case", VECTORS["age"], ids=lambda case: case["name"])
def test_age_does_what_its_testkit_expects(case: dict[str, Any]) -> None:
    """A good file opens to its payload; one for another recipient, or in an armour that is not canonical, does not."""
    lines = ["-----BEGIN AGE ENCRYPTED FILE-----", *case["body"], "-----END AGE ENCRYPTED FILE-----"]
    data, identity = ("\n".join(lines) + "\n").encode(), case["identity"].encode()
    assert age.begins(data)
    if case["payload_sha256"] is None:
        with pytest.raises(Tampered):
            age.opened(data, identity, b"", 1000)
    else:
        assert hashlib.sha256(age.opened(data, identity, b"", 1000)).hexdigest() == case["payload_sha256"]


def test_ed25519_is_that_of_rfc_8032() -> None:
    """The signature of the standard's second test, made and verified."""
    secret, message, made = (bytes.fromhex(RFC_8032[name]) for name in ("secret", "message", "signature"))
    assert ed25519.sign(message, secret) == made
    ed25519.verify(message, made, ed25519.public(secret))
