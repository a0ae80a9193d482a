"""The registry of partners: who answers for which commune on which day, and who may exchange.

It reads the folder `partners/` and nothing else, and refuses to load a folder with a problem. It knows no
mailbox and no person. What follows from a refusal (F codes, rejected rows) is left to the steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from contracts.model import FileFormat
from hub.envelope_kinds import UNSAID, Agreed
from hub.errors import OperatorError
from hub.model import FOREM, OPEN_DATA, REGISTERS
from hub.partners_folder import Problem, Table, read_folder
from hub.partners_rules import DELIMITERS, QUOTES, read_day
from hub.plans import AXES, DECREE, EVERYONE, FEEDS, Agreement, Plan, read_agreement

__all__ = ["Kind", "Partner", "Plan", "Problem", "Registry", "Succession", "load_registry"]


class Kind(StrEnum):
    """What a partner is."""

    CPAS = "CPAS"
    FOREM = "FOREM"
    REGISTERS = "REGISTERS"
    OPEN_DATA = "OPEN_DATA"


@dataclass(frozen=True, slots=True)
class Partner:
    """One partner. `service` is the service of employment of its territory: FOREM or ADG; that of others is their kind.

    `nis` is empty but for CPAS. `encoding` is that of its CSV files. `legal_basis` is CONV2024, DECR2025 or empty.
    `arrondissement` is the name of its arrondissement.
    It exists from `valid_from` to `valid_until`, both included; None is open.
    """

    partner_id: str
    kind: Kind
    nis: str
    name: str
    arrondissement_nis: str
    service: str
    convention_signed_on: date | None
    legal_basis: str
    encoding: str
    valid_from: date
    valid_until: date | None
    arrondissement: str = ""

    def is_valid(self, day: date) -> bool:
        """Whether the partner exists on that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Succession:
    """From `effective_date` on, `new_nis` answers for what `old_nis` was."""

    old_nis: str
    new_nis: str
    effective_date: date
    kind: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Partners by id, successions by old NIS code, postal codes, first day of each legal basis.

    `forms` and `agreements` hold what each partner declared and agreed, by id, each with its first day, in that order;
    `versions` which version of a feed it reads, by id and feed, in the same way; `envelopes` how its files travel.
    """

    partners: Mapping[str, Partner]
    successions: Mapping[str, Succession]
    postal_codes: Mapping[str, str]
    legal_bases: Mapping[str, date]
    forms: Mapping[str, tuple[tuple[date, FileFormat], ...]] = field(default_factory=dict)
    agreements: Mapping[str, tuple[Agreement, ...]] = field(default_factory=dict)
    versions: Mapping[tuple[str, str], tuple[tuple[date, int], ...]] = field(default_factory=dict)
    envelopes: Mapping[str, tuple[tuple[date, Agreed], ...]] = field(default_factory=dict)
    _heirs: Mapping[str, tuple[Succession, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        heirs: dict[str, tuple[Succession, ...]] = {}
        for step in self.successions.values():
            heirs[step.new_nis] = (*heirs.get(step.new_nis, ()), step)
        object.__setattr__(self, "_heirs", MappingProxyType(heirs))

    @property
    def forem(self) -> Partner:
        """Le Forem."""
        return self.partners[FOREM]

    def get(self, partner_id: str) -> Partner | None:
        """The partner with this id, ended ones included."""
        return self.partners.get(partner_id)

    def list(self) -> tuple[Partner, ...]:
        """Every partner, ended ones included, by id."""
        return tuple(self.partners[key] for key in sorted(self.partners))

    def on(self, day: date) -> tuple[Partner, ...]:
        """The partners that exist on that day, by id."""
        return tuple(partner for partner in self.list() if partner.is_valid(day))

    def cpas(self) -> tuple[Partner, ...]:
        """Every CPAS, ended ones and those of the ADG included, by id."""
        return tuple(partner for partner in self.list() if partner.kind is Kind.CPAS)

    def successor(self, partner_id: str, day: date) -> str:
        """The id of the partner that answers on that day for what this one sent: often itself."""
        partner = self.partners.get(partner_id)
        if partner is None or partner.kind is not Kind.CPAS:
            return partner_id
        return f"0{self._nis_on(partner.nis, day)}"

    def predecessors(self, partner_id: str, day: date) -> tuple[str, ...]:
        """The ids of the partners for which this one answers on that day, itself not among them."""
        return tuple(sorted(f"0{nis}" for nis in self.entitled_nis(partner_id, day) if f"0{nis}" != partner_id))

    def entitled_nis(self, partner_id: str, day: date) -> frozenset[str]:
        """The NIS codes for which this CPAS answers on that day: its own and those it succeeds.

        A code is in it exactly when `owner_of_nis` names this CPAS; it is empty when it does not exist.
        """
        partner = self.partners.get(partner_id)
        if partner is None or partner.kind is not Kind.CPAS or not partner.is_valid(day):
            return frozenset()
        found, ahead = {partner.nis}, [partner.nis]
        while ahead:
            steps = self._heirs.get(ahead.pop(), ())
            new = {step.old_nis for step in steps if step.effective_date <= day} - found
            found |= new
            ahead += sorted(new)
        return frozenset(found)

    def owner_of_nis(self, nis: str, day: date) -> str | None:
        """The id of the CPAS that answers for this NIS code on that day; None for a code not known then."""
        if f"0{nis}" not in self.partners:
            return None
        owner = self.partners.get(f"0{self._nis_on(nis, day)}")
        return owner.partner_id if owner is not None and owner.is_valid(day) else None

    def may_exchange(self, partner_id: str, day: date) -> bool:
        """Whether the partner exists that day, belongs to Le Forem's territory, and has an open legal basis.

        A convention opens on the day it was signed, the decree on its own first day; Le Forem itself
        with the first of them. The registers tell of numbers by their own law; open data are by licence.
        """
        partner = self.partners.get(partner_id)
        if partner is not None and partner.kind in (Kind.REGISTERS, Kind.OPEN_DATA):
            return partner.is_valid(day)
        if partner is None or partner.service != "FOREM" or not partner.is_valid(day):
            return False
        if partner.kind is Kind.FOREM:
            return any(first <= day for first in self.legal_bases.values())
        signed = partner.convention_signed_on
        by_decree = partner.legal_basis == "DECR2025" and self.legal_bases["DECR2025"] <= day
        return by_decree or (signed is not None and signed <= day)

    def basis(self, partner_id: str, day: date) -> str:
        """The legal basis on which this partner exchanges on that day: DECR2025, CONV2024, or empty.

        Of both the decree, which is law. Le Forem exchanges under whichever is open.
        """
        if not self.may_exchange(partner_id, day) or partner_id in (REGISTERS, OPEN_DATA):
            return ""
        partner = self.partners[partner_id]
        decree = self.legal_bases["DECR2025"] <= day and (partner_id == FOREM or partner.legal_basis == "DECR2025")
        return "DECR2025" if decree else "CONV2024"

    def plan(self, partner_id: str, day: date) -> Plan:
        """What this partner agreed to exchange, as it holds on that day; Le Forem takes part in every feed.

        A CPAS has the last row of plans.csv that begins on or before that day; before its first one, no axis. A
        successor has its own plan from its first day and inherits none. The decree adds its feeds from its first day.
        """
        if partner_id == FOREM:
            return Plan(FOREM, None, tuple(AXES), FEEDS, MappingProxyType({}), None)
        if partner_id == REGISTERS:
            return Plan(REGISTERS, None, (), frozenset({"MUTA"}), MappingProxyType({}), None)
        if partner_id == OPEN_DATA:
            return Plan(OPEN_DATA, None, (), frozenset({"OFFR"}), MappingProxyType({}), None)
        partner = self.partners.get(partner_id)
        if partner is None or partner.service != "FOREM" or not partner.is_valid(day):
            return Plan(partner_id, None, (), frozenset(), MappingProxyType({}), None)
        duties = EVERYONE | (DECREE if self.legal_bases["DECR2025"] <= day else frozenset())
        held = [row for row in self.agreements.get(partner_id, ()) if row.since <= day]
        if not held:
            return Plan(partner_id, None, (), duties, MappingProxyType({}), None)
        last = held[-1]
        return Plan(partner_id, last.since, last.axes, last.feeds | duties, last.calendar, last.contact)

    def form(self, partner_id: str, day: date) -> FileFormat:
        """How this partner writes its files on that day: as everybody does, unless formats.csv says otherwise."""
        declared = [form for since, form in self.forms.get(partner_id, ()) if since <= day]
        partner = self.partners.get(partner_id)
        return declared[-1] if declared else FileFormat(encoding=partner.encoding if partner else "utf-8")

    def version(self, partner_id: str, feed: str, day: date) -> int:
        """The version of a feed's contract that this partner reads on that day: 1, unless versions.csv says otherwise.

        A successor has its own rows and inherits none.
        """
        return next((v for since, v in reversed(self.versions.get((partner_id, feed), ())) if since <= day), 1)

    def envelope(self, partner_id: str, day: date) -> Agreed:
        """How files travel between this partner and the hub on that day: signed, unless envelopes.csv says otherwise.

        A successor has its own rows and inherits none.
        """
        rows = reversed(self.envelopes.get(partner_id, ()))
        return next((agreed for since, agreed in rows if since <= day), UNSAID)

    def _nis_on(self, nis: str, day: date) -> str:
        seen: set[str] = set()
        while (step := self.successions.get(nis)) and step.effective_date <= day and nis not in seen:
            seen.add(nis)
            nis = step.new_nis
        return nis


def load_registry(path: Path) -> Registry:
    """Read the folder of the registry; an OperatorError counts its problems and shows the first three."""
    folder, problems = read_folder(path)
    if problems:
        shown = "; ".join(str(problem) for problem in problems[:3])
        raise OperatorError(f"the registry of partners has {len(problems)} problem(s): {shown}")
    partners = [*(_cpas(row) for _, row in folder.cpas), _forem(folder.forem), _REGISTERS, _OPEN_DATA]
    encodings = {partner.partner_id: partner.encoding for partner in partners}
    agreements: dict[str, tuple[Agreement, ...]] = {}
    for row in _by_day(folder.plans):
        agreements[row["partner_id"]] = (*agreements.get(row["partner_id"], ()), read_agreement(row))
    steps = [_succession(row) for _, row in folder.history]
    return Registry(
        partners=MappingProxyType({partner.partner_id: partner for partner in partners}),
        successions=MappingProxyType({step.old_nis: step for step in steps}),
        postal_codes=MappingProxyType({row["postal_code"]: row["nis"] for _, row in folder.postal_codes}),
        legal_bases=MappingProxyType(dict(folder.forem["legal_bases"])),
        forms=MappingProxyType(_forms(folder.formats, encodings)),
        agreements=MappingProxyType(agreements),
        versions=MappingProxyType(_versions(folder.versions)),
        envelopes=MappingProxyType(_envelopes(folder.envelopes)),
    )


# Law of 15 January 1990 on the Crossroads Bank of social security: it is there whether or not it has a mailbox.
_REGISTERS = Partner(
    partner_id=REGISTERS,
    kind=Kind.REGISTERS,
    nis="",
    name="Banque-carrefour de la sécurité sociale (registres)",
    arrondissement_nis="",
    service="REGISTERS",
    convention_signed_on=None,
    legal_basis="",
    encoding="utf-8",
    valid_from=date(1990, 1, 15),
    valid_until=None,
)

# CC BY-SA 4.0: whoever attributes them may use them.
_OPEN_DATA = replace(
    _REGISTERS,
    partner_id=OPEN_DATA,
    kind=Kind.OPEN_DATA,
    name="Offres d'emploi du Forem (données ouvertes)",
    service="OPEN_DATA",
    valid_from=date(2020, 1, 1),
)


def _by_day(table: Table) -> list[Mapping[str, str]]:
    """The rows by their first day; one without a day holds from the beginning."""
    return sorted((row for _, row in table), key=lambda row: row["since"])


def _forms(table: Table, encodings: Mapping[str, str]) -> dict[str, tuple[tuple[date, FileFormat], ...]]:
    forms: dict[str, tuple[tuple[date, FileFormat], ...]] = {}
    for row in _by_day(table):
        partner = row["partner_id"]
        declared = (read_day(row["since"]) or date.min, _form(row, encodings[partner]))
        forms[partner] = (*forms.get(partner, ()), declared)
    return forms


def _versions(table: Table) -> dict[tuple[str, str], tuple[tuple[date, int], ...]]:
    found: dict[tuple[str, str], tuple[tuple[date, int], ...]] = {}
    for row in _by_day(table):
        read = date.fromisoformat(row["since"]), int(row["version"])
        key = row["partner_id"], row["feed"]
        found[key] = (*found.get(key, ()), read)
    return found


def _envelopes(table: Table) -> dict[str, tuple[tuple[date, Agreed], ...]]:
    found: dict[str, tuple[tuple[date, Agreed], ...]] = {}
    for row in _by_day(table):
        agreed = date.fromisoformat(row["since"]), Agreed(row["sends"], row["receives"])
        found[row["partner_id"]] = (*found.get(row["partner_id"], ()), agreed)
    return found


def _form(row: Mapping[str, str], encoding: str) -> FileFormat:
    delimiter, quote = DELIMITERS[row["delimiter"]], QUOTES[row["quote"]]
    kind, dates = cast(Literal["csv", "xlsx"], row["kind"]), cast(Literal["iso", "dmy"], row["dates"])
    return FileFormat(kind, encoding, delimiter, quote, dates)


def _cpas(row: Mapping[str, str]) -> Partner:
    return Partner(
        partner_id=row["partner_id"],
        kind=Kind.CPAS,
        nis=row["nis"],
        name=row["name_fr"],
        arrondissement_nis=row["arrondissement_nis"],
        service=row["service"],
        convention_signed_on=read_day(row["convention_signed_on"]),
        legal_basis=row["legal_basis"],
        encoding=row["encoding"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_until=read_day(row["valid_until"]),
        arrondissement=row["arrondissement"],
    )


def _forem(content: Mapping[str, Any]) -> Partner:
    return Partner(
        partner_id=content["partner_id"],
        kind=Kind.FOREM,
        nis="",
        name=content["name"],
        arrondissement_nis="",
        service="FOREM",
        convention_signed_on=None,
        legal_basis="",
        encoding=content["encoding"],
        valid_from=content["valid_from"],
        valid_until=None,
    )


def _succession(row: Mapping[str, str]) -> Succession:
    return Succession(row["old_nis"], row["new_nis"], date.fromisoformat(row["effective_date"]), row["kind"])
