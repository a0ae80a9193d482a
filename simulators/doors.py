"""The APIs of a scenario's partners, opened beside their mailboxes: one server, a desk for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from simulators import layout
from simulators.api_desk import Desk
from simulators.api_faults import Faults
from simulators.api_routes import TOKEN_PATH
from simulators.api_trust import CLIENT, SCOPE, Tokens, make_authority, require_certificate
from simulators.forem_api import Api, running


@contextmanager
def opened(root: Path, hub: Path | None, host: str, port: int, faults: Faults) -> Iterator[dict[str, dict[str, Any]]]:
    """What the hub's channels file says of each API, while they are served to the hub that has the key `hub`.

    Only its public parts are read: `.pub` and `.crt`. Nothing is served without it.
    """
    if hub is None:
        yield {}
        return
    known = layout.apis(root)
    trust = root / "public" / "api"
    tls = make_authority(trust, host)
    require_certificate(tls, hub.with_suffix(".crt"))
    desks = {partner: Desk(root / partner / one["desk"]) for partner, one in known.items()}
    api = Api((host, port), tls, desks, Tokens(hub.with_suffix(".pub")), faults)
    end = running(api)
    words = {"token": api.origin + TOKEN_PATH, "client": CLIENT, "scope": SCOPE, "authority": str(trust / "ca.pem")}
    try:
        yield {
            partner: {"url": f"{api.origin}/{partner}/v1", **words, "feeds": one["feeds"]}
            for partner, one in known.items()
        }
    finally:
        end()
