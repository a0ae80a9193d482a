"""The envelopes against the tools that partners have: openssl, gpg and age. A tool that is not installed is skipped."""

import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import age, cms, openpgp
from connectors.errors import Tampered

AT = datetime(2026, 3, 9, tzinfo=UTC)
DATA = "niss;nom\n00000000097;Zoé\n".encode() * 3000
GO = b"passerelle/go/1\nFI.ORIE.062063.20260309.00001.T.1.1\n"
Run = Callable[..., bytes]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a tool in a folder of its own, gpg with a home there."""
    (tmp_path / "gnupg").mkdir(mode=0o700)

    def _run(*words: str, data: bytes = b"") -> bytes:
        if shutil.which(words[0]) is None:
            pytest.skip(f"{words[0]} is not installed")
        env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "GNUPGHOME": str(tmp_path / "gnupg")}
        env["PATH"] = f"{Path(str(shutil.which(words[0]))).parent}:{env['PATH']}"
        done = subprocess.run(words, input=data, capture_output=True, check=False, cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return _run


def certificate(run: Run, tmp_path: Path, *kind: str) -> tuple[bytes, str]:
    """A partner's own key and certificate, made by openssl."""
    words = ["openssl", "req", "-x509", "-nodes", "-days", "30", "-subj", "/CN=062063", "-keyout", "key", "-out", "crt"]
    run(*words, "-newkey", *kind)
    return (tmp_path / "key").read_bytes() + (tmp_path / "crt").read_bytes(), (tmp_path / "crt").read_text()


@pytest.mark.parametrize("cipher", ["-aes256", "-aes128"])
def test_what_openssl_seals_opens(run: Run, tmp_path: Path, cipher: str) -> None:
    """`openssl cms -encrypt` to our certificate, in binary."""
    ours = cms.make("Passerelle", AT)
    (tmp_path / "ours.pem").write_text(cms.public(ours))
    made = run("openssl", "cms", "-encrypt", "-binary", cipher, "-outform", "DER", "ours.pem", data=DATA)
    assert cms.opened(made, ours, b"", len(DATA)) == DATA


def test_what_we_seal_openssl_opens(run: Run, tmp_path: Path) -> None:
    """`openssl cms -decrypt` with a key and certificate of openssl's own making."""
    _, public = certificate(run, tmp_path, "rsa:2048")
    made = cms.sealed(DATA, public, b"")
    words = ["-decrypt", "-binary", "-inform", "DER", "-inkey", "key", "-recip", "crt"]
    assert run("openssl", "cms", *words, data=made) == DATA


@pytest.mark.parametrize("kind", [("rsa:2048",), ("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")], ids=["rsa", "ec"])
@pytest.mark.parametrize("more", [(), ("-nocerts",), ("-noattr",), ("-md", "sha512"), ("-keyid",)])
def test_what_openssl_signs_verifies(run: Run, tmp_path: Path, kind: tuple[str, ...], more: tuple[str, ...]) -> None:
    """`openssl cms -sign` with RSA and EC keys, in each shape that it can give; another message does not."""
    _, public = certificate(run, tmp_path, *kind)
    words = ["-sign", "-binary", "-outform", "DER", "-signer", "crt", "-inkey", "key"]
    made = run("openssl", "cms", *words, *more, data=GO)
    cms.verify(GO, made, public)
    with pytest.raises(Tampered):
        cms.verify(GO + b" ", made, public)


@pytest.mark.parametrize("more", [("-md", "sha1"), ("-nodetach",)], ids=["sha1", "with its content"])
def test_a_signature_that_is_weak_or_not_detached_is_refused(run: Run, tmp_path: Path, more: tuple[str, ...]) -> None:
    """SHA-1 signs nothing here, and a content inside the signature is not the one that was sent."""
    _, public = certificate(run, tmp_path, "rsa:2048")
    words = ["-sign", "-binary", "-outform", "DER", "-signer", "crt", "-inkey", "key"]
    made = run("openssl", "cms", *words, *more, data=GO)
    with pytest.raises(Tampered):
        cms.verify(GO, made, public)


def test_what_we_sign_openssl_verifies(run: Run, tmp_path: Path) -> None:
    """`openssl cms -verify` against our certificate alone."""
    ours = cms.make("Passerelle", AT)
    (tmp_path / "ours.pem").write_text(cms.public(ours))
    (tmp_path / "go").write_bytes(GO)
    (tmp_path / "signature").write_bytes(cms.sign(GO, ours))
    pinned = ["-certfile", "ours.pem", "-nointern", "-noverify", "-content", "go"]
    assert run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", *pinned) == GO


def test_gpg_both_ways(run: Run, tmp_path: Path) -> None:
    """gpg seals to us (compressed, as it does by default) and signs; it opens and verifies what is ours."""
    ours = openpgp.make("Passerelle")
    gpg = ["gpg", "--batch", "--quiet", "--trust-model", "always"]
    run(*gpg, "--import", data=openpgp.public(ours).encode())
    made = run(*gpg, "--encrypt", "--recipient", "Passerelle", data=DATA)
    assert openpgp.begins(made)
    assert openpgp.opened(made, ours, b"", len(DATA)) == DATA
    run(*gpg, "--pinentry-mode", "loopback", "--passphrase", "", "--quick-gen-key", "062063", "rsa2048", "sign,encrypt")
    theirs = run(*gpg, "--armor", "--export", "062063").decode()
    openpgp.verify(GO, run(*gpg, "--local-user", "062063", "--detach-sign", data=GO), theirs)
    assert run(*gpg, "--decrypt", data=openpgp.sealed(DATA, theirs, b"")) == DATA
    (tmp_path / "go").write_bytes(GO)
    (tmp_path / "signature").write_bytes(openpgp.sign(GO, ours))
    run(*gpg, "--verify", "signature", "go")


def test_age_both_ways(run: Run, tmp_path: Path) -> None:
    """The program age opens what we seal, and we open what it seals."""
    ours = age.make()
    made = run("age", "--encrypt", "--recipient", age.public(ours), data=DATA)
    assert age.opened(made, ours, b"", len(DATA)) == DATA
    (tmp_path / "identity").write_bytes(ours + b"\n")
    assert run("age", "--decrypt", "--identity", "identity", data=age.sealed(DATA, age.public(ours), b"")) == DATA
