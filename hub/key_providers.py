"""From settings to the place of the keys: files, systemd's credentials, the environment, or files that are wrapped.

What wraps has a key for each purpose, `<name>-index`, `<name>-token`…, so that a policy can allow a zone its own alone.
What was wrapped is bound to purpose and id: a file renamed or a line moved does not open.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from connectors.errors import LinkError
from connectors.pkcs11 import Token
from hub.errors import OperatorError, Transient
from hub.key_files import CredentialKeys, EnvironmentKeys, FolderKeys, KeyProvider, WrappedKeys
from hub.settings import Settings

T = TypeVar("T")


def provider(settings: Settings, environ: Mapping[str, str] = os.environ) -> KeyProvider:
    """The place that the settings name. Raises OperatorError when it cannot be what they say."""
    match settings.key_provider:
        case "file":
            return FolderKeys(settings.keys)
        case "systemd":
            return CredentialKeys(settings.keys)
        case "environment":
            if settings.environment == "R":
                raise OperatorError("keys in the environment are for tests: not with PASSERELLE_ENVIRONMENT=R")
            return EnvironmentKeys(environ)
        case "vault":
            return WrappedKeys(settings.keys, LinkKeeper(_vault(settings), settings.vault.key))
        case "pkcs11":
            hsm = settings.hsm
            return WrappedKeys(settings.keys, LinkKeeper(Token(hsm.module, hsm.token, hsm.pin), hsm.key))


class Link(Protocol):
    """Whatever holds keys that never leave it. Its errors are those of `connectors.errors`."""

    def encrypt(self, key: str, secret: bytes, about: bytes) -> str:
        """The secret under a key, bound to `about`."""
        ...

    def decrypt(self, key: str, text: str, about: bytes) -> bytes:
        """What was encrypted."""
        ...


@dataclass(frozen=True, slots=True)
class LinkKeeper:
    """Wraps over a link, by the key `<key>-<purpose>` there."""

    link: Link
    key: str

    def wrap(self, secret: bytes, purpose: str, kid: str) -> str:
        """As text, in the form that the link has for it."""
        return _told(purpose, lambda: self.link.encrypt(f"{self.key}-{purpose}", secret, about(purpose, kid)))

    def unwrap(self, wrapped: str, purpose: str, kid: str) -> bytes:
        """The secret."""
        return _told(purpose, lambda: self.link.decrypt(f"{self.key}-{purpose}", wrapped, about(purpose, kid)))


def about(purpose: str, kid: str) -> bytes:
    """What a wrapped secret is bound to."""
    return f"passerelle/key/1|{purpose}|{kid}".encode()


def _vault(settings: Settings) -> Link:
    from connectors.vault import Transit  # the commands for partners run where there is no library for HTTP

    vault = settings.vault
    return _told("any purpose", lambda: Transit(vault.url, vault.mount, vault.token, vault.authority))


def _told(purpose: str, ask: Callable[[], T]) -> T:
    """Errors of the link as errors of the hub: an operator must act, or nobody yet."""
    try:
        return ask()
    except LinkError as error:
        kind = Transient if error.retry else OperatorError
        failed = kind(f"the keys for {purpose} cannot be had: {error}")
    raise failed
