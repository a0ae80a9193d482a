"""Which CPAS take part: real communes, read from the registry files of the repository.

It decides who may play (served by Le Forem, convention signed, commune valid that day) and the choice of N.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from simulators import table

REGISTRY = Path(__file__).resolve().parent.parent / "partners"
LIEGE = "062063"
ARRONDISSEMENT = "62"


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune and its CPAS, as far as a stand-in needs them."""

    partner: str
    nis: str
    name: str
    encoding: str
    legal_basis: str
    postal_codes: tuple[str, ...]


def read(registry: Path, on: date) -> list[Commune]:
    """The communes whose CPAS exchanges with Le Forem on that day, sorted by NIS."""
    _, rows = table.read((registry / "cpas.csv").read_text("utf-8-sig"))
    _, codes = table.read((registry / "postal_codes.csv").read_text("utf-8-sig"))
    postal: dict[str, list[str]] = {}
    for row in codes:
        postal.setdefault(row["nis"], []).append(row["postal_code"])
    chosen = sorted((row for row in rows if _takes_part(row, on.isoformat())), key=lambda row: row["nis"])
    return [_commune(row, postal) for row in chosen if row["nis"] in postal]


def _takes_part(row: table.Row, on: str) -> bool:
    """Served by Le Forem, signed, and valid on that day (ISO dates compare as text)."""
    signed = row["convention_signed_on"]
    valid = (row["valid_from"] or "0000") <= on <= (row["valid_until"] or "9999")
    return row["service"] == "FOREM" and bool(signed) and signed <= on and valid


def _commune(row: table.Row, postal: dict[str, list[str]]) -> Commune:
    """One commune from its registry row."""
    bases = [basis for basis in row["legal_basis"].split("|") if basis in {"CONV2024", "DECR2025"}]
    encoding = row["encoding"] or "utf-8"
    basis = bases[0] if bases else "DECR2025"
    codes = tuple(sorted(postal[row["nis"]]))
    return Commune(row["partner_id"], row["nis"], row["name_fr"], encoding, basis, codes)


def choose(communes: list[Commune], wanted: str) -> list[Commune]:
    """`wanted` is a number (Liège first, then its arrondissement) or a list of partner ids."""
    if len(wanted) < 6 and "," not in wanted:
        return sorted(communes, key=_near_liege)[: int(wanted)]
    known = {commune.partner: commune for commune in communes}
    missing = [partner for partner in wanted.split(",") if partner not in known]
    if missing:
        raise ValueError(f"no exchange with {', '.join(missing)} on that day")
    return [known[partner] for partner in wanted.split(",")]


def _near_liege(commune: Commune) -> tuple[bool, bool, str]:
    """Order of choice: Liège, then the utmost of its arrondissement, then the others by NIS."""
    return commune.partner != LIEGE, not commune.nis.startswith(ARRONDISSEMENT), commune.nis
