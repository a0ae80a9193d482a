"""An exchange in which every feed of the convention is sent, with a canary in every field that identifies somebody.

For each feed two files: one right, one whose identities are written wrongly, so that they are rejected and answered.
"""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from play import PROJECT, WEEK
from post import go_of, mark_of, name_of

from contracts.registry import lookup
from hub.partners import Kind
from hub.verify import FEEDS
from tests.privacy.scanner import Canary
from tests.privacy.watched import VERBS, ByCommand

CPAS, FOREM, REGISTERS = "062063", "900001", "900002"
SENDER = {"CPAS": CPAS, "FOREM": FOREM, "REGISTERS": REGISTERS}
GOOD: dict[str, Any] = json.loads((PROJECT / "tests/vectors/good_rows.json").read_text("utf-8"))


def _niss(nine: str, century: str = "") -> str:
    """A number that nobody has: order 999."""
    return f"{nine}{97 - int(century + nine) % 97:02d}"


# One value of its own for every column that is not coded; those of a person's residence are codes of everyday.
VALUES = {
    "niss": _niss("791231999"),
    "replaced_by": _niss("040229999", "2"),
    "last_name": "Vandenbrouckelaere-Zéphyr",
    "first_name": "Wilhelmïna",
    "birth_date": "1979-12-31",
    "phone": "+32499999977",
    "email": "wilhelmina.zephyr@courriel.example",
    "cpas_dossier_ref": "DOSZ7731XQ",
    "referent_id": "REFERENT-X4419",
    "referent_phone": "+3243999988",
    "referent_email": "referent.x4419@cpas-exemple.example",
    "forem_person_id": "F7731990",
    "postal_code": "4999",
}
CODED_ENOUGH = {"sex", "residence_nis"}  # a digit, and a commune that is a coded column elsewhere
WRONG = {
    "niss": lambda value: f"{value[:-1]}x",
    "replaced_by": lambda value: value[:-1],
    "birth_date": lambda value: "/".join(reversed(value.split("-"))),
    "phone": lambda value: f"tel {value}",
    "email": lambda value: value.replace("@", " at "),
    "referent_phone": lambda value: f"({value})",
    "version": lambda value: "x",
}
CANARIES = [Canary(kind if kind in ("niss", "birth_date", "email", "phone", "last_name", "first_name") else
                   {"replaced_by": "niss", "referent_phone": "phone", "referent_email": "email"}.get(kind, kind), value)
            for kind, value in VALUES.items()]  # fmt: skip


def identifying(feed: str) -> list[str]:
    """The columns of a feed that are not coded, those that are codes of everyday left out."""
    contract = lookup(feed, "in", 1, "T")
    assert contract is not None
    return [n for kind in ("direct", "quasi") for n in contract.named(kind) if n not in CODED_ENOUGH]


def rows_of(feed: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """A right row with a canary in every identifying column, and rows in which one of them is written wrongly."""
    right = GOOD[feed] | {name: VALUES[name] for name in identifying(feed)}
    wrong = [right | {name: make(right[name])} for name, make in WRONG.items() if name in right]
    return right, wrong


def send(exchange: ByCommand) -> None:
    """Put two files of every feed into their senders' mailboxes."""
    send_from(exchange.partners, SENDER, 1)


def send_from(partners: Path, senders: Mapping[str, str], sequence: int) -> list[str]:
    """Put two files of every feed, numbered from `sequence`, into the mailboxes of these senders; their names."""
    names = []
    for kind, sender in senders.items():  # the public data set sends what Le Forem sends, and names nobody
        for feed in FEEDS[Kind(kind)]:
            right, wrong = rows_of(feed)
            for number, rows in enumerate(([right], wrong), sequence):
                own = [{n: v.replace(CPAS[1:], senders["CPAS"][1:]) for n, v in row.items()} for row in rows]
                names.append(name_of(number, feed=feed, sender=sender))
                put(partners / sender / "mailbox" / "in", names[-1], own)
    return names


def put(box: Path, name: str, rows: list[dict[str, str]]) -> None:
    """A file of these rows and its GO into a mailbox."""
    contract = lookup(name.split(".")[1], "in", 1, "T")
    assert contract is not None
    writer = csv.DictWriter(text := io.StringIO(), list(contract.columns), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    go = go_of(name, data, contract=contract.label, rows=len(rows), sha256=hashlib.sha256(data).hexdigest())
    (box / name).write_bytes(data)
    (box / mark_of(name)).write_bytes(go)


def prepared(root: Path, environ: Mapping[str, str] | None = None) -> ByCommand:
    """One CPAS, Le Forem and the registers with mailboxes, keys and empty databases, and all that they sent."""
    exchange = ByCommand(root, cpas=CPAS, environ=environ or {}).prepare()
    for partner in SENDER.values():
        for folder in ("in/done", "out/taken"):
            (exchange.mailbox(partner) / folder).mkdir(parents=True, exist_ok=True)
    exchange.set_channels({p: {"folder": str(exchange.mailbox(p))} for p in SENDER.values()})
    send(exchange)
    return exchange


def through(exchange: ByCommand, *, until: str | None = None) -> None:
    """Every verb in its order, up to that one."""
    for verb in VERBS:
        if verb == until:
            return
        assert exchange.run(verb, WEEK[0], "EVENING", sorted(SENDER.values())) == 0
