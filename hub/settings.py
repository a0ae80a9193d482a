"""Settings: the environment and nothing else, read once into a frozen value."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, cast, get_args

from contracts.model import Limits
from hub.errors import OperatorError

PROJECT = Path(__file__).resolve().parent.parent
SMALLEST_COUNT = 10  # docs/decisions/0043


KeyPlace = Literal["file", "systemd", "environment", "vault", "pkcs11"]


@dataclass(frozen=True, slots=True)
class Vault:
    """A transit engine that wraps the keys: where it is, the file of our token, the beginning of its keys' names."""

    url: str
    mount: str
    token: Path
    key: str
    authority: Path | None


@dataclass(frozen=True, slots=True)
class Hsm:
    """A PKCS#11 token that wraps the keys: its library and label, the file of its PIN, how its keys' names begin."""

    module: Path
    token: str
    pin: Path
    key: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Where everything lies, and what is too large or too bad. Every path defaults to a place inside `home`.

    A file is refused as a whole when at least `refused_rows` of its rows are rejected and these are more than
    `refused_share` of all: a column was shifted or an export changed, and the rows left are not to be trusted.
    A complete export that would close at least `closed_rows` offers, and more than `closed_share` of the open ones, is
    read as a partial one: it closes none.
    A CPAS that names on a day at least `volume_rows` people new to it, and more than `volume_times` as many as usual,
    or in four weeks more than `volume_share` of all whom it had, is told to the operator; so is one of whose newcomers
    at least `elsewhere_rows`, and more than `elsewhere_share`, are with another CPAS (docs/steps/process.md).
    `smallest_count` is the least number of persons that the yearly figures show, and never below 10.
    """

    home: Path
    ledger_url: str
    identity_url: str
    keys: Path
    partner_keys: Path
    files: Path
    channels: Path
    ssh_key: Path
    api_key: Path
    partners: Path
    limits: Limits
    refused_share: float
    refused_rows: int
    closed_share: float
    closed_rows: int
    volume_rows: int
    volume_times: float
    volume_share: float
    elsewhere_rows: int
    elsewhere_share: float
    smallest_count: int
    environment: Literal["T", "R"]
    key_provider: KeyPlace
    vault: Vault
    hsm: Hsm

    def __repr__(self) -> str:
        return f"Settings(home={self.home}, environment={self.environment})"  # URLs may hold a password


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the `PASSERELLE_…` variables. Raises OperatorError when one of them makes no sense."""
    home = Path(environ.get("PASSERELLE_HOME", "var/hub")).absolute()
    environment = environ.get("PASSERELLE_ENVIRONMENT", "T")
    if environment not in {"T", "R"}:
        raise OperatorError("PASSERELLE_ENVIRONMENT is T (test) or R (real)")
    key_provider = environ.get("PASSERELLE_KEY_PROVIDER", "file")
    if key_provider not in get_args(KeyPlace):
        raise OperatorError(f"PASSERELLE_KEY_PROVIDER is one of {', '.join(get_args(KeyPlace))}")

    def path(name: str, default: Path) -> Path:
        return Path(environ.get(f"PASSERELLE_{name}", default)).absolute()

    return Settings(
        home=home,
        ledger_url=environ.get("PASSERELLE_LEDGER_URL", f"sqlite:///{home}/ledger.db"),
        identity_url=environ.get("PASSERELLE_IDENTITY_URL", f"sqlite:///{home}/identity.db"),
        keys=_credentials(environ) if key_provider == "systemd" else path("KEYS", home / "keys"),
        partner_keys=path("PARTNER_KEYS", home / "partner-keys"),
        files=path("FILES", home / "files"),
        channels=path("CHANNELS", home / "channels.toml"),
        ssh_key=path("SSH_KEY", home / "ssh_key"),
        api_key=path("API_KEY", home / "api_key"),
        partners=path("PARTNERS", PROJECT / "partners"),
        limits=Limits(
            **{field.name: _number(environ, f"MAX_{field.name.upper()}", field.default) for field in fields(Limits)}
        ),
        refused_share=_number(environ, "REFUSED_SHARE", 0.2),
        refused_rows=_number(environ, "REFUSED_ROWS", 20),
        closed_share=_number(environ, "CLOSED_SHARE", 0.3),
        closed_rows=_number(environ, "CLOSED_ROWS", 20),
        volume_rows=_number(environ, "VOLUME_ROWS", 50),
        volume_times=_number(environ, "VOLUME_TIMES", 5.0),
        volume_share=_number(environ, "VOLUME_SHARE", 0.5),
        elsewhere_rows=_number(environ, "ELSEWHERE_ROWS", 10),
        elsewhere_share=_number(environ, "ELSEWHERE_SHARE", 0.3),
        smallest_count=_smallest_count(environ),
        environment=cast(Literal["T", "R"], environment),
        key_provider=cast(KeyPlace, key_provider),
        vault=Vault(
            url=environ.get("PASSERELLE_VAULT_URL", "https://127.0.0.1:8200"),
            mount=environ.get("PASSERELLE_VAULT_MOUNT", "transit"),
            token=path("VAULT_TOKEN_FILE", home / "vault-token"),
            key=environ.get("PASSERELLE_VAULT_KEY", "passerelle"),
            authority=path("VAULT_CA", home) if "PASSERELLE_VAULT_CA" in environ else None,
        ),
        hsm=Hsm(
            module=path("PKCS11_MODULE", Path("/usr/lib/softhsm/libsofthsm2.so")),
            token=environ.get("PASSERELLE_PKCS11_TOKEN", "passerelle"),
            pin=path("PKCS11_PIN_FILE", home / "pkcs11-pin"),
            key=environ.get("PASSERELLE_PKCS11_KEY", "passerelle"),
        ),
    )


def _credentials(environ: Mapping[str, str]) -> Path:
    """Gives the folder that systemd made for this service."""
    if not (folder := environ.get("CREDENTIALS_DIRECTORY")):
        raise OperatorError("systemd gave this process no credentials: CREDENTIALS_DIRECTORY is not set")
    return Path(folder)


def _smallest_count(environ: Mapping[str, str]) -> int:
    """Gives a whole number that may be above the floor for what anybody may read, and not below it."""
    number: int = _number(environ, "SMALLEST_COUNT", SMALLEST_COUNT)
    if number < SMALLEST_COUNT:
        raise OperatorError(f"PASSERELLE_SMALLEST_COUNT is a whole number from {SMALLEST_COUNT}")
    return number


def _number(environ: Mapping[str, str], name: str, default: Any) -> Any:
    """Gives a positive number of the default's own type."""
    text = environ.get(f"PASSERELLE_{name}", str(default))
    try:
        number = type(default)(text)
    except ValueError:
        number = 0
    if not number > 0:
        raise OperatorError(f"PASSERELLE_{name} is a number above 0, such as {default}")
    return number
