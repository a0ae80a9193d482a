"""Key providers: where the files of the keys lie, and what protects the secrets in them.

A key file is JSON with a line for each key; only the secret in it differs: in clear, or wrapped by a key that never
leaves its place (`Keeper`: Vault, an HSM). Id, status, dates and check value are readable in any case, and the check
value is verified after unwrapping. Which provider an installation uses is a setting: `hub.key_providers`.
"""

import base64
import fcntl
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from hub.errors import OperatorError

CLEAR, WRAPPED = "secret", "wrapped"  # the field of a key's line that holds its secret
SECRET = re.compile(f'"{CLEAR}"|PRIVATE')  # in a file of keys, and in that of the audit log


class KeyProvider(Protocol):
    """One place for the key files. No text, error or repr of it shows a secret."""

    def read(self, name: str) -> str | None:
        """The text of a key file, None where there is none."""
        ...

    def write(self, name: str, text: str) -> None:
        """Replace a key file, whole or not at all. Raises OperatorError where keys cannot be changed."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """No other process changes the keys meanwhile."""
        ...

    def seal(self, secret: bytes, purpose: str, kid: str) -> dict[str, str]:
        """The field that holds a secret in its file."""
        ...

    def open(self, entry: Mapping[str, str], purpose: str, kid: str) -> bytes:
        """The secret of a key's line. Raises OperatorError where it does not open, Transient where it may later."""
        ...

    def unprotected(self) -> list[str]:
        """Files whose secrets lie in clear though this place wraps them: `initialise` writes them anew."""
        ...

    def problems(self) -> list[str]:
        """What is wrong with this place, a sentence each."""
        ...

    def warnings(self) -> list[str]:
        """What everybody who starts a worker with it must be told."""
        ...


class Keeper(Protocol):
    """A key that never leaves its place, and wraps ours. Each purpose has one of its own, so that rights can differ."""

    def wrap(self, secret: bytes, purpose: str, kid: str) -> str:
        """The secret wrapped, bound to purpose and id."""
        ...

    def unwrap(self, wrapped: str, purpose: str, kid: str) -> bytes:
        """The secret; an error of ours when this was not wrapped here, for this purpose and id."""
        ...


class _Clear:
    """Secrets as they are: the place protects them."""

    def seal(self, secret: bytes, purpose: str, kid: str) -> dict[str, str]:  # noqa: ARG002
        """The secret in clear."""
        return {CLEAR: base64.urlsafe_b64encode(secret).decode()}

    def open(self, entry: Mapping[str, str], purpose: str, kid: str) -> bytes:
        """The secret."""
        if WRAPPED in entry:
            raise OperatorError(
                f"the key {kid} for {purpose} is wrapped: set PASSERELLE_KEY_PROVIDER to what wrapped it"
            )
        return unb64(entry[CLEAR])

    def unprotected(self) -> list[str]:
        """None: nothing is wrapped here."""
        return []

    def warnings(self) -> list[str]:
        """None."""
        return []


class FolderKeys(_Clear):
    """Files of mode 0600 in a folder of mode 0700."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str) -> str | None:
        """The text of a file, None where there is none."""
        try:
            return (self.folder / name).read_text()
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            raise OperatorError(f"{name} cannot be read: restore it, or its rights") from None

    def write(self, name: str, text: str) -> None:
        """Replace a file."""
        write_private(self.folder / name, text)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Make the folder, and hold its lock; readers need none, since a file is replaced whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def problems(self) -> list[str]:
        """Files that others may read."""
        paths = [self.folder, *sorted(self.folder.glob("*"))]
        loose = [p.name for p in paths if p.suffix != ".pub" and stat.S_IMODE(p.stat().st_mode) & 0o077]
        return [f"others than the hub's user may use {name}: chmod go= on it" for name in loose]


class CredentialKeys(FolderKeys):
    """What systemd hands to a service, in `$CREDENTIALS_DIRECTORY`: it has rights of its own and is only read."""

    def write(self, name: str, text: str) -> None:  # noqa: ARG002
        """Raise OperatorError."""
        raise OperatorError(f"{name} is a credential of systemd: change keys where it comes from, restart the service")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nothing is held: nothing can be changed."""
        yield

    def problems(self) -> list[str]:
        """A folder that is not there."""
        return [] if self.folder.is_dir() else ["the folder of systemd's credentials is not there"]


class EnvironmentKeys(_Clear):
    """Variables such as PASSERELLE_KEY_INDEX with the text of index.json; for tests, since each child sees them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def read(self, name: str) -> str | None:
        """The text of a variable."""
        return self._environ.get(variable(name))

    def write(self, name: str, text: str) -> None:  # noqa: ARG002
        """Raise OperatorError."""
        raise OperatorError(
            f"keys in the environment cannot be changed: set {variable(name)} where the process is started"
        )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nothing is held: nothing can be changed."""
        yield

    def problems(self) -> list[str]:
        """That they are there at all."""
        return self.warnings()

    def warnings(self) -> list[str]:
        """That they are there at all."""
        return ["the keys are in the environment, which other programs can read: for tests only"]


class WrappedKeys(FolderKeys):
    """Files as in a folder, whose secrets a `Keeper` has wrapped; what was unwrapped once is kept in memory."""

    def __init__(self, folder: Path, keeper: Keeper) -> None:
        super().__init__(folder)
        self._keeper = keeper
        self._opened: dict[tuple[str, str, str], bytes] = {}

    def seal(self, secret: bytes, purpose: str, kid: str) -> dict[str, str]:
        """The secret wrapped. It is unwrapped again before it is written: a key that does not come back is lost."""
        wrapped = self._keeper.wrap(secret, purpose, kid)
        if self._keeper.unwrap(wrapped, purpose, kid) != secret:
            raise OperatorError("what wraps our keys does not give them back: nothing was written")
        return {WRAPPED: wrapped}

    def open(self, entry: Mapping[str, str], purpose: str, kid: str) -> bytes:
        """The secret; one that still lies in clear is read as it is, and `problems` names its file."""
        if WRAPPED not in entry:
            return super().open(entry, purpose, kid)
        asked = (entry[WRAPPED], purpose, kid)
        if asked not in self._opened:
            self._opened[asked] = self._keeper.unwrap(*asked)
        return self._opened[asked]

    def unprotected(self) -> list[str]:
        """Files that hold a secret in clear."""
        files = [path.name for path in sorted(self.folder.glob("*")) if path.suffix in (".json", ".key")]
        return [name for name in files if SECRET.search(self.read(name) or "")]

    def problems(self) -> list[str]:
        """Those of a folder, and files that hold a secret in clear."""
        bare = [f"{name} holds a secret in clear: `passerelle keys init` wraps it" for name in self.unprotected()]
        return super().problems() + bare


def variable(name: str) -> str:
    """The variable for a key file: PASSERELLE_KEY_INDEX for index.json, PASSERELLE_KEY_LANDING_PUB for landing.pub."""
    return "PASSERELLE_KEY_" + name.removesuffix(".json").replace(".", "_").upper()


def provider_of(where: "Path | KeyProvider") -> "KeyProvider":
    """A path is a folder of key files."""
    return FolderKeys(where) if isinstance(where, Path) else where


def write_private(path: Path, content: str) -> None:
    """Write a file for its owner alone: whole, or not at all, and still there after a crash."""
    temporary = path.with_suffix(".part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def unb64(text: str) -> bytes:
    """The bytes of base64url, padded or not."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
