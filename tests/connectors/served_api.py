"""The partners' API over a folder, on a free port: its authority, the hub's key, and what is to go wrong."""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connectors.api import ApiMailbox, Client, Clocks, Patience, Trust
from hub.api_key import initialise_api
from simulators import naming, table
from simulators.api_desk import Desk
from simulators.api_faults import NAMES, Faults
from simulators.api_trust import CLIENT, SCOPE, Tokens, make_authority, require_certificate
from simulators.forem_api import Api, running

PARTNER = "900001"
QUICK = Patience(connect=20, read=20, call=40, visit=300, tries=4, pause=5)  # nothing waits so long but a hang
AT_ONCE = Clocks(sleep=lambda _: None, draw=lambda: 0.5)


@dataclass
class Served:
    """A server that runs, its desk, and the hub's side of it."""

    api: Api
    desk: Desk
    folder: Path
    key: Path

    @property
    def base(self) -> str:
        return f"{self.api.origin}/{PARTNER}/v1"

    def mailbox(self, patience: Patience = QUICK, clocks: Clocks = AT_ONCE, **changed: object) -> ApiMailbox:
        """The hub's client; `changed` are other words of its channel."""
        words = {"base": self.base, "token": f"{self.api.origin}/oauth/v5/token", "client": CLIENT, "scope": SCOPE}
        ours = {"certificate": self.key.with_suffix(".crt"), "key": self.key}
        given = {**words, "authority": self.folder / "trust/ca.pem", **ours, **changed}
        client = Client(str(given["token"]), str(given["client"]), str(given["scope"]), self.key)
        trust = Trust(given["authority"], given["certificate"], given["key"])  # type: ignore[arg-type]
        return ApiMailbox(str(given["base"]), client, trust, patience, clocks)

    def put(self, name: str, columns: list[str], rows: list[dict[str, str]]) -> bytes:
        """A data file of the partner's, and its GO; the bytes of the file."""
        data = table.write(columns, rows).encode()
        go = naming.manifest(name, data, "registrations/1", [1], None, len(rows))
        (self.desk.folder / "in" / name).write_bytes(data)
        (self.desk.folder / "in" / naming.go_of(name)).write_text(json.dumps(go))
        return data


@contextmanager
def served(
    folder: Path,
    seed: int = 1,
    share: float = 0.0,
    only: Collection[str] = NAMES,
    mutual: bool = True,
    times: int = 0,
) -> Iterator[Served]:
    """A server for as long as the block lasts. `share` of its answers go wrong, each fault `times` times at most."""
    key = folder / "hub" / "api_key"
    initialise_api(key)
    tls = make_authority(folder / "trust", "127.0.0.1")
    if mutual:
        require_certificate(tls, key.with_suffix(".crt"))
    desk = Desk(folder / "desk")
    api = Api(("127.0.0.1", 0), tls, {PARTNER: desk}, Tokens(key.with_suffix(".pub")), Faults(seed, share, only, times))
    end = running(api)
    try:
        yield Served(api, desk, folder, key)
    finally:
        end()
