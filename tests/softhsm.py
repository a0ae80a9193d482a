"""A software token for the tests: SoftHSM in a folder of its own, with AES keys that cannot leave it.

The library reads its configuration once for a process, so there is one token of this kind for all tests.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

MODULES = (
    *(Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/lib64/pkcs11/libsofthsm2.so")),
    *(Path("/usr/local/lib/softhsm/libsofthsm2.so"), Path("/opt/homebrew/lib/softhsm/libsofthsm2.so")),
)
LABEL, PIN, OTHER_PIN = "passerelle-tests", "648213", "111111"


def missing() -> str | None:
    """Why the tests with a token cannot run, None if they can."""
    if find_spec("pkcs11") is None:
        return "NOT RUN: python-pkcs11 is not installed; pip install 'passerelle[pkcs11]'"
    if shutil.which("softhsm2-util") is None or module() is None:
        return "NOT RUN: no SoftHSM on this machine; apt-get install softhsm2"
    return None


def module() -> Path | None:
    """The library of SoftHSM."""
    return next((path for path in MODULES if path.exists()), None)


@dataclass(frozen=True)
class SoftHsm:
    """A token with a PIN, and the file that holds it."""

    module: Path
    pin: Path

    def make(self, *names: str, extractable: bool = False) -> None:
        """AES keys on the token, as `pkcs11-tool --keygen` makes them."""
        import pkcs11

        kept = {pkcs11.Attribute.SENSITIVE: not extractable, pkcs11.Attribute.EXTRACTABLE: extractable}
        with pkcs11.lib(str(self.module)).get_token(token_label=LABEL).open(user_pin=PIN, rw=True) as session:
            for name in names:
                session.generate_key(pkcs11.KeyType.AES, 256, label=name, store=True, template=kept)


def new_token(folder: Path, names: Iterable[str]) -> SoftHsm:
    """A token in this folder with these keys; the environment says where it is."""
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    words = ("--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "87654321")
    subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
    (folder / "pin").write_text(PIN + "\n")
    found = module()
    assert found
    token = SoftHsm(found, folder / "pin")
    token.make(*names)
    return token
