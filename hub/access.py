"""What is held about one person, as its controller hands it over: a table in French that a spreadsheet opens. Pure.

A controller is given what it wrote, what it was told, who was told of what it wrote, and its relationship with the
person; never what another CPAS wrote. The hub's own officer (`HUB`) sees all. No number, name or birth date is in it:
the hub holds them sealed, and only their recipient opens them. What waits for a recipient's key the hub can open: that
it is there, since when and what it is, is told; a copy (article 15.3 of the GDPR) takes two officers (`hub.reveal`).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from hub.calendar import BRUSSELS
from hub.model import FOREM
from hub.pseudonymise import CPAS_IDENTITY, FOREM_IDENTITY
from hub.retention import Term

COLUMNS = ("rubrique", "quoi", "de_qui", "a_qui", "le", "fondement", "jusqu_au", "detail")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NEVER = "tant que le dossier est ouvert, puis {days} jours après la dernière ligne"

_LOCKED = (
    "sous clé dans le coffre tant que le destinataire n'a pas donné la sienne ; copie : levée, motif PERSON_RIGHTS"
)

Held = Mapping[str, Sequence[Mapping[str, Any]]]
Line = dict[str, str]


def access_lines(held: Held, terms: Mapping[str, Term]) -> list[Line]:
    """The lines of the report, from what `hub.stores.access` found; each says until when it is kept."""
    person = _NEVER.format(days=terms["persons"].days)
    bases = {(one["organisation"], one["sid"]): one["basis"] for one in held["relationship"]}
    ground = " ; ".join(sorted(set(bases.values())))
    lines = [*_numbers(held), *_relations(held), *_rows(held, ground), *_states(held, ground), *_told(held, ground)]
    lines += [*_sealed(held), *_waiting(held), *_asked(held, terms["reveals"])]
    return [dict.fromkeys(COLUMNS, "") | {"jusqu_au": person} | line for line in lines]


def as_csv(lines: Iterable[Mapping[str, str]]) -> bytes:
    """UTF-8 with a byte order mark and semicolons, as Belgian spreadsheets read it; no cell is taken for a formula."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for line in lines:
        writer.writerow({name: f"'{cell}" if cell.startswith(_FORMULA) else cell for name, cell in line.items()})
    return text.getvalue().encode("utf-8-sig")


def _numbers(held: Held) -> Iterator[Line]:
    for one in held["number"]:
        yield {"rubrique": "Numéro", "quoi": "index à clé d'un NISS, qui ne redonne pas le NISS", "le": _day(one["at"])}


def _relations(held: Held) -> Iterator[Line]:
    for one in held["relationship"]:
        told = {"quoi": one["quality"], "de_qui": one["organisation"], "le": str(one["since"])}
        over = {"jusqu_au": str(one["until"])} if one["until"] else {}
        yield {"rubrique": "Relation", **told, "fondement": one["basis"], **over}


def _rows(held: Held, ground: str) -> Iterator[Line]:
    for one in held["event"]:
        codes = [f"{name}={value}" for name, value in sorted(one["payload"].items()) if value is not None]
        what = f"{one['feed']} version {one['version']}, effet au {one['effective_date']}"
        told = {"quoi": what, "de_qui": one["source"], "le": _day(one["received_at"])}
        yield {"rubrique": "Ligne reçue", **told, "fondement": ground, "detail": " | ".join(codes)}


def _states(held: Held, ground: str) -> Iterator[Line]:
    for one in held["state"]:
        codes = [f"{name}={one[name]}" for name in ("state", "class", "reason", "since") if one[name] is not None]
        told = {"quoi": one["kind"], "de_qui": "Passerelle (calculé)", "fondement": ground}
        yield {"rubrique": "État calculé", **told, "detail": " | ".join(codes)}


def _told(held: Held, ground: str) -> Iterator[Line]:
    for one in held["told"]:
        told = {"quoi": f"{one['feed']}, fichier {one['name']}", "a_qui": one["recipient"]}
        yield {"rubrique": "Communiqué", **told, "le": _day(one["published_at"]), "fondement": ground}


def _sealed(held: Held) -> Iterator[Line]:
    for one in held["sealed"]:
        told = {"quoi": f"identité scellée, {one['count']} fois", "a_qui": one["recipient"]}
        yield {"rubrique": "Identité", **told, "le": _day(one["at"]), "detail": "seul son destinataire peut l'ouvrir"}


def _waiting(held: Held) -> Iterator[Line]:
    for one in held["waiting"]:
        columns = ", ".join(FOREM_IDENTITY if one["recipient"] == FOREM else CPAS_IDENTITY)
        told = {"quoi": f"identité en attente, {one['count']} fois, au plus : {columns}", "a_qui": one["recipient"]}
        yield {"rubrique": "Identité", **told, "le": _day(one["since"]), "detail": _LOCKED}


def _asked(held: Held, term: Term) -> Iterator[Line]:
    for one in held["reveal"]:
        opened = "ouverte" if one["opened_at"] else "non ouverte"
        told = {"quoi": one["reason"], "le": _day(one["asked_at"]), "detail": opened}
        yield {"rubrique": "Levée de pseudonyme", **told, "jusqu_au": f"{term.days} jours"}


def _day(at: datetime | date) -> str:
    return at.astimezone(BRUSSELS).date().isoformat() if isinstance(at, datetime) else at.isoformat()
