"""How a stand-in wraps what it sends and opens what it is sent, from the partner page and with partners' own tools.

Its private keys never leave its folder; the hub is given `public/<partner>.keys`, and gives `public/hub.keys`. A
partner without an envelope sends bare files; the hub signs what it sends to everybody.
"""

import base64
import json
from collections.abc import Collection, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from simulators import layout, wraps
from simulators.layout import FOREM, OPEN_DATA, REGISTERS

KINDS = {  # envelope: sealing, signing
    "SIGNED": ("", "ED25519"),
    "HPKE": ("HPKE", "ED25519"),
    "HPKE_PQ": ("HPKE_PQ", "ED25519"),
    "AGE": ("AGE", "ED25519"),
    "CMS": ("CMS", "CMS"),
    "OPENPGP": ("OPENPGP", "OPENPGP"),
}
WORDS = tuple(KINDS)
_HEADER = "partner_id;since;sends;receives\n"


def agree(root: Path, partners: Sequence[str], with_api: Collection[str], since: date) -> None:
    """Give the first partners an envelope each, Le Forem the post-quantum one; write what the registry says of it.

    The last one sends bare files. An API carries rows, which cannot be sealed: whoever has one signs.
    """
    sealing = [one for one in partners if one != FOREM and one not in with_api]
    chosen = dict(zip(sealing[:-1], WORDS, strict=False)) | {FOREM: "HPKE_PQ"} | dict.fromkeys(with_api, "SIGNED")
    lines = [f"{partner};{since};{word};{word}\n" for partner, word in chosen.items()]
    lines += [
        f"{partner};{since};BARE;SIGNED\n" for partner in (*partners, REGISTERS, OPEN_DATA) if partner not in chosen
    ]
    layout.write_whole(root / "public" / "envelopes.csv", (_HEADER + "".join(lines)).encode())
    for partner, word in chosen.items():
        _make_keys(root, partner, word, since)


def _make_keys(root: Path, partner: str, word: str, since: date) -> None:
    """Draw the keys of one partner, unless it has them."""
    path = root / partner / "envelope.json"
    if path.exists():
        return
    sealing, signing = KINDS[word]
    wanted = [("SEAL", sealing), ("SIGN", signing)] if sealing else [("SIGN", signing)]
    private, public = {}, []
    for use, kind in wanted:
        secret, given = wraps.new_key(kind, partner, since)
        private[use] = base64.b64encode(secret).decode()
        public.append({"use": use, "kind": kind, "public": given, "since": since.isoformat()})
    layout.write_json(path, {"word": word, "private": private})
    path.chmod(0o600)
    layout.write_json(root / "public" / f"{partner}.keys", {"partner": partner, "keys": public})


def wrapped(root: Path, partner: str, name: str, data: bytes) -> bytes:
    """The bytes of a file as this partner sends them."""
    word, _ = _own(root, partner)
    sealing = KINDS[word][0] if word else ""
    return wraps.sealed(sealing, data, _hubs(root, "SEAL", sealing), name) if sealing else data


def signed(root: Path, partner: str, go: dict[str, Any]) -> dict[str, Any]:
    """The manifest with its signature, the last thing that is put into it."""
    word, private = _own(root, partner)
    if not word:
        return go
    signature = wraps.signature(KINDS[word][1], statement(go), private["SIGN"])
    return go | {"signature": base64.b64encode(signature).decode()}


def unwrapped(root: Path, partner: str, name: str, data: bytes, go: dict[str, Any]) -> bytes:
    """A file of the hub as it is read. ValueError when it is not signed by the hub, or does not open."""
    word, private = _own(root, partner)
    if not word and not (root / "public" / "hub.keys").exists():
        return data  # a hub that was never asked for its keys
    sealing, signing = KINDS[word or "SIGNED"]
    signature = base64.b64decode(go["signature"], validate=True)
    wraps.check(signing, statement(go), signature, _hubs(root, "SIGN", signing))
    return wraps.opened(sealing, data, private["SEAL"], name) if sealing else data


def statement(go: dict[str, Any]) -> bytes:
    """The ten lines that are signed."""
    names = ("file", "rows", "sha256", "contract", "first_version", "last_version", "previous")
    lines = ["passerelle/go/1", *(go[name] for name in names), go.get("kind", "DELTA")]
    lines.append("complete" if go.get("complete") else None)
    return "".join(f"{'' if line is None else line}\n" for line in lines).encode()


def _own(root: Path, partner: str) -> tuple[str, dict[str, bytes]]:
    path = root / partner / "envelope.json"
    if not path.exists():
        return "", {}
    own = layout.read_json(path)
    return own["word"], {use: base64.b64decode(secret) for use, secret in own["private"].items()}


def _hubs(root: Path, use: str, kind: str) -> str:
    """The public key that the hub gave for this."""
    keys = json.loads((root / "public" / "hub.keys").read_text("utf-8"))["keys"]
    return next(str(key["public"]) for key in keys if (key["use"], key["kind"]) == (use, kind))
