"""Each kind of envelope by itself: what it seals opens again, and nothing that was touched does."""

import datetime as dt
import itertools
import os
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors import age, cms, ed25519, hpke, openpgp
from connectors.errors import BadKey, LinkError, NotInstalled, Tampered, TooLarge
from hub.envelope_keys import KINDS
from hub.envelopes import SEALINGS, SIGNINGS

NOW = datetime(2026, 3, 9, tzinfo=UTC)
NAME = b"FI.ORIE.062063.20260309.00001.T.1.1"
LIMIT = 1 << 20
SEALS, SIGNS = sorted(SEALINGS), sorted(SIGNINGS)


def secret(use: str, kind: str) -> bytes:
    """A private key of that kind."""
    how = KINDS["SEAL" if use == "SEAL" else "SIGN", kind]
    return os.urandom(how.drawn) if how.made is None else how.made(NOW)


OURS = {kind: secret("SEAL", kind) for kind in SEALS}
OTHERS = {kind: secret("SEAL", kind) for kind in SEALS}
SIGNERS = {kind: secret("SIGN", kind) for kind in SIGNS}
MADE = {kind: SIGNINGS[kind].sign(b"message", SIGNERS[kind]) for kind in SIGNS}
STRANGERS = {kind: secret("SIGN", kind) for kind in SIGNS}


def public(use: str, kind: str, key: bytes) -> str:
    """The public half."""
    return KINDS["SEAL" if use == "SEAL" else "SIGN", kind].public(key)


def sealed(kind: str, data: bytes, name: bytes = NAME) -> bytes:
    """A file sealed to the first key."""
    return SEALINGS[kind].sealed(data, public("SEAL", kind, OURS[kind]), name)


@pytest.mark.parametrize("kind", SEALS)
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 300_000])
def test_what_is_sealed_opens(kind: str, size: int) -> None:
    """Every size comes back byte for byte, begins as its kind does, and shows nothing of itself."""
    data = os.urandom(size // 2) + b"niss;" * (size // 10)
    found = sealed(kind, data)
    assert SEALINGS[kind].begins(found)
    assert b"niss;" not in found
    assert SEALINGS[kind].opened(found, OURS[kind], NAME, LIMIT) == data


@pytest.mark.parametrize("kind", SEALS)
def test_only_the_recipient_opens(kind: str) -> None:
    """Another key of the same kind is refused."""
    with pytest.raises(Tampered):
        SEALINGS[kind].opened(sealed(kind, b"a;b\n1;2\n"), OTHERS[kind], NAME, LIMIT)


@pytest.mark.parametrize("kind", ["HPKE", "HPKE_PQ"])
def test_hpke_binds_the_name(kind: str) -> None:
    """A file opens under its own name alone, so it is not another partner's, nor of another day."""
    with pytest.raises(Tampered):
        SEALINGS[kind].opened(sealed(kind, b"a;b\n1;2\n"), OURS[kind], NAME.replace(b"062063", b"062096"), LIMIT)


AUTHENTICATED = [kind for kind in SEALS if kind != "CMS"]
IN_PROCESS = [kind for kind in SEALS if kind != "OPENPGP"]  # of which each opening starts a process
SHORT = {kind: sealed(kind, b"a;b\n1;2\n") for kind in SEALS}


@pytest.mark.parametrize("kind", AUTHENTICATED)
def test_any_byte_that_is_changed_or_missing_is_found(kind: str) -> None:
    """Each byte in turn flipped, and each length cut to: never another content, never anything but Tampered."""
    whole, opened, seen = SHORT[kind], SEALINGS[kind].opened, Counter[str]()
    places = range(len(whole)) if kind != "OPENPGP" else range(0, len(whole), 7)  # each starts a process
    for at in places:
        for damaged in (whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :], whole[:at]):
            try:
                assert opened(damaged, OURS[kind], NAME, LIMIT) == b"a;b\n1;2\n"
                seen["harmless"] += 1
            except Tampered:
                seen["found"] += 1
    assert seen["found"] > 0.9 * 2 * len(places), seen
    if kind.startswith("HPKE"):
        assert seen["harmless"] == 0


@settings(max_examples=200, deadline=None)
@given(
    kind=st.sampled_from([k for k in SEALS if k != "OPENPGP"]), data=st.binary(max_size=300), at=st.integers(0, 2000)
)
@example(kind="CMS", data=b"", at=0)
@example(kind="CMS", data=b"0\x82", at=0)
def test_foreign_bytes_are_tampered(kind: str, data: bytes, at: int) -> None:
    """Whatever is put into a file, or in the place of it, gives the content or Tampered: nothing else is raised."""
    whole = SHORT[kind]
    for damaged in (data, whole[:at] + data + whole[at:], whole + data):
        try:
            found = SEALINGS[kind].opened(damaged, OURS[kind], NAME, LIMIT)
        except Tampered:
            continue
        assert kind == "CMS" or found == b"a;b\n1;2\n"  # of CMS the hash in the GO tells


@pytest.mark.parametrize("kind", ["AGE", "OPENPGP"])
def test_a_small_file_that_opens_to_a_large_one_is_not_held(kind: str) -> None:
    """Beyond the limit it is TooLarge, and no more than the limit was taken."""
    with pytest.raises(TooLarge):
        SEALINGS[kind].opened(sealed(kind, b"0" * 100_000), OURS[kind], NAME, 10_000)
    assert len(SEALINGS[kind].opened(sealed(kind, b"0" * 10_000), OURS[kind], NAME, 10_000)) == 10_000


@pytest.mark.parametrize("kind", SIGNS)
def test_a_signature_is_of_its_message_and_its_signer(kind: str) -> None:
    """Another message, another signer, another signature: Tampered."""
    made = SIGNINGS[kind].sign(b"message", SIGNERS[kind])
    ours, theirs = public("SIGN", kind, SIGNERS[kind]), public("SIGN", kind, STRANGERS[kind])
    SIGNINGS[kind].verify(b"message", made, ours)
    for message, signature, key in (
        (b"massage", made, ours),
        (b"message", made, theirs),
        (b"message", SIGNINGS[kind].sign(b"message", STRANGERS[kind]), ours),
        (b"message", b"", ours),
        (b"message", b"0" * 64, ours),
    ):
        with pytest.raises(Tampered):
            SIGNINGS[kind].verify(message, signature, key)


@pytest.mark.parametrize("kind", SIGNS)
def test_a_damaged_signature_never_signs_another_message(kind: str) -> None:
    """Each byte flipped, and each length: it verifies the same message or is Tampered; another message never."""
    made, key = SIGNINGS[kind].sign(b"message", SIGNERS[kind]), public("SIGN", kind, SIGNERS[kind])
    refused = 0
    for at, bit in itertools.product(range(0, len(made), 1 if kind == "ED25519" else 3), (0, 7)):
        for damaged in (made[:at] + bytes([made[at] ^ 1 << bit]) + made[at + 1 :], made[:at]):
            with pytest.raises(Tampered):
                SIGNINGS[kind].verify(b"massage", damaged, key)
            try:
                SIGNINGS[kind].verify(b"message", damaged, key)
            except Tampered:
                refused += 1
    assert refused >= len(made) / 3


@settings(max_examples=300, deadline=None)
@given(kind=st.sampled_from(SIGNS), data=st.binary(max_size=400), at=st.integers(0, 1800))
@example(kind="CMS", data=b"0" + b"\x80", at=0)
@example(kind="CMS", data=b"0\x84\xff\xff\xff\xff", at=0)
def test_foreign_bytes_sign_nothing(kind: str, data: bytes, at: int) -> None:
    """Whatever stands in the place of a signature, or is put into one, is Tampered or the same signature."""
    made, key = MADE[kind], public("SIGN", kind, SIGNERS[kind])
    for damaged in (data, made[:at] + data + made[at:], made[: at % len(made)] + data):
        with pytest.raises(Tampered):
            SIGNINGS[kind].verify(b"massage", damaged, key)


def test_a_key_that_is_none_is_named_as_such() -> None:
    """A public key of another kind, of another length, or no key at all is BadKey, and its text shows nothing of it."""
    wrong = ["", "!", "AAAA", "age1nobody", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "é"]
    for kind, text in itertools.product(SEALS, wrong):
        with pytest.raises(BadKey) as refused:
            SEALINGS[kind].sealed(b"", text, NAME)
        assert not text or text not in str(refused.value)
    for kind, text in itertools.product(SIGNS, wrong):
        with pytest.raises(LinkError):
            SIGNINGS[kind].verify(b"", b"", text)


def test_weak_and_unfit_certificates_are_refused() -> None:
    """An RSA key below 2,048 bits neither seals nor signs."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505  it is refused
    named = x509.Name([])
    built = x509.CertificateBuilder().subject_name(named).issuer_name(named).public_key(key.public_key())
    built = built.serial_number(1).not_valid_before(NOW).not_valid_after(NOW + dt.timedelta(days=9))
    pem = built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    with pytest.raises(BadKey):
        cms.sealed(b"", pem, NAME)
    with pytest.raises(BadKey):
        cms.verify(b"message", cms.sign(b"message", SIGNERS["CMS"]), pem)


@pytest.mark.parametrize(("module", "package"), [(age, "pyrage"), (openpgp, "pysequoia")])
def test_what_is_not_installed_says_which_extra_to_install(
    module: object, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its package a format is an error for the operator, with the name of the extra."""
    monkeypatch.setitem(sys.modules, package, None)
    kind = "AGE" if module is age else "OPENPGP"
    for ask in (
        lambda: SEALINGS[kind].sealed(b"", "", NAME),
        lambda: SEALINGS[kind].opened(b"", b"", NAME, LIMIT),
    ):
        with pytest.raises(NotInstalled, match=r"install passerelle\[(age|openpgp)\]"):
            ask()


def test_openpgp_of_the_newer_standard_works_too() -> None:
    """A partner's key of RFC 9580 (version 6) is sealed to and verified; no other signature is taken for its."""
    import pysequoia

    theirs = bytes(pysequoia.Tsk.generate(user_id="062063", profile=pysequoia.Profile.RFC9580))
    assert openpgp.opened(openpgp.sealed(b"a;b\n", openpgp.public(theirs), NAME), theirs, NAME, LIMIT) == b"a;b\n"
    openpgp.verify(b"message", openpgp.sign(b"message", theirs), openpgp.public(theirs))
    with pytest.raises(Tampered):
        openpgp.verify(b"message", openpgp.sign(b"message", SIGNERS["OPENPGP"]), openpgp.public(theirs))


def test_an_openpgp_key_that_ends_says_when() -> None:
    """Its own end is the last day on which it holds."""
    import pysequoia

    ends = bytes(pysequoia.Tsk.generate(user_id="062063", validity_seconds=86_400 * 30))
    until = openpgp.until(openpgp.public(ends))
    assert until is not None
    assert until > NOW


def test_certificates_say_their_own_dates() -> None:
    """Of X.509 both ends, of OpenPGP the end, where there is one."""
    begins, ends = cms.dates(cms.public(SIGNERS["CMS"]))
    assert (begins, (ends - begins).days) == (NOW, 365 * cms.YEARS)
    assert openpgp.until(openpgp.public(SIGNERS["OPENPGP"])) is None


def test_sizes_of_keys_are_those_of_their_standards() -> None:
    """32 bytes of X25519 and Ed25519; 64 of the seed of ML-KEM-768 (FIPS 203), with X25519 behind it."""
    assert (hpke.SECRET, ed25519.SECRET, hpke.SECRET_PQ) == (32, 32, 96)
