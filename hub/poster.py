"""The page of job offers that a CPAS can hang in its hall: what is on it, in French, before it is HTML or PDF.

Pure. It groups the offers that were selected for a CPAS by the domain of their occupation and puts codes into words.
An offer's employer is not in the feed; who wants to apply is led to the offer's own page by its address and number.
How the page is drawn is left to `hub.poster_html` and `hub.poster_pdf`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from reportlab.graphics.barcode import qrencoder

from contracts.meanings.codes import CODES

# The 14 domains of ROME 4.0 (France Travail), which Le Forem's REM follows: the first letter of a code.
DOMAINS = {
    "A": "Agriculture, espaces verts, soins aux animaux",
    "B": "Arts et façonnage d'ouvrages d'art",
    "C": "Banque, assurance, immobilier",
    "D": "Commerce, vente et grande distribution",
    "E": "Communication, média et multimédia",
    "F": "Construction, bâtiment et travaux publics",
    "G": "Hôtellerie, restauration, tourisme, loisirs et animation",
    "H": "Industrie",
    "I": "Installation et maintenance",
    "J": "Santé",
    "K": "Services à la personne et à la collectivité",
    "L": "Spectacle",
    "M": "Support à l'entreprise",
    "N": "Transport et logistique",
}
OTHER = "Autres métiers"
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
HOW = (
    "Pour postuler : scannez le code QR de l'offre ou ouvrez son adresse, sur le site du Forem. Besoin d'aide ? "
    "Donnez le numéro de l'offre à votre assistant social."
)
SOURCE = (
    "Source : Le Forem, CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/deed.fr). Offres sélectionnées "
    "et mises en page par Passerelle pour ce CPAS ; cette page peut être copiée sous la même licence."
)

Payload = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer in words; `terms` are its contract, working time and number of positions, `until` its last day."""

    number: str
    title: str
    domain: str
    place: str
    terms: str
    until: str
    url: str

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said below its title, line by line."""
        number = f"Offre n° {self.number}" + (f", {self.until}" if self.until else "")
        return tuple(text for text in (self.place, self.terms, number) if text)


@dataclass(frozen=True, slots=True)
class Poster:
    """A page for one CPAS on one day. `others` is how many selected offers found no room on it."""

    cpas: str
    day: date
    offers: tuple[Offer, ...]
    others: int = 0

    @property
    def title(self) -> str:
        """What stands above it."""
        return f"Offres d'emploi près de {self.cpas}" if self.offers else f"Pas d'offre d'emploi pour {self.cpas}"

    @property
    def groups(self) -> list[tuple[str, list[Offer]]]:
        """The offers by domain, those without an occupation last; inside by commune, then title."""
        grouped: dict[str, list[Offer]] = defaultdict(list)
        for offer in sorted(self.offers, key=lambda offer: (offer.place, offer.title, offer.number)):
            grouped[offer.domain].append(offer)
        return [(domain, grouped[domain]) for domain in (*DOMAINS.values(), OTHER) if domain in grouped]

    @property
    def rest(self) -> str:
        """What is said of the offers that found no room; empty where all are there."""
        if not self.others:
            return ""
        noun = "autre offre" if self.others == 1 else "autres offres"
        return f"et {self.others} {noun} : demandez-les à votre CPAS"

    def first(self, count: int) -> "Poster":
        """The same page with the first offers only, as they were ranked."""
        return Poster(self.cpas, self.day, self.offers[:count], self.others + len(self.offers[count:]))


def poster(cpas: str, day: date, payloads: Sequence[Payload], communes: Mapping[str, str]) -> Poster:
    """The page of these offers (payloads of OFFR, best first); `communes` names the NIS codes that are known."""
    return Poster(cpas, day, tuple(_offer(payload, communes) for payload in payloads))


def in_french(day: date) -> str:
    """A day as it is written in French: 1er mars 2026."""
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


@lru_cache(maxsize=512)
def qr_rows(text: str) -> list[list[tuple[int, int]]]:
    """The QR code (ISO/IEC 18004, level M) of a text: for each row of modules its dark runs, as start and length."""
    code = qrencoder.QRCode(None, qrencoder.QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    size = code.getModuleCount()
    return [_runs([bool(code.isDark(row, column)) for column in range(size)]) for row in range(size)]


def _runs(dark: Sequence[bool]) -> list[tuple[int, int]]:
    starts = [n for n, one in enumerate(dark) if one and (n == 0 or not dark[n - 1])]
    ends = [n + 1 for n, one in enumerate(dark) if one and (n + 1 == len(dark) or not dark[n + 1])]
    return [(start, end - start) for start, end in zip(starts, ends, strict=True)]


def _offer(payload: Payload, communes: Mapping[str, str]) -> Offer:
    until, positions = payload.get("published_until"), int(payload.get("positions") or 1)
    posts = f"{positions} postes" if positions > 1 else ""
    return Offer(
        number=str(payload["offer_number"]),
        title=str(payload["title"]),
        domain=DOMAINS.get((payload.get("rome") or " ")[0], OTHER),
        place=_place(payload, communes),
        terms=", ".join(part for part in (_word(payload, "contract_type"), _word(payload, "regime"), posts) if part),
        until=f"jusqu'au {in_french(date.fromisoformat(until))}" if until else "",
        url=str(payload["url"]),
    )


def _word(payload: Payload, column: str) -> str:
    code = payload.get(column)
    return CODES[column][code][0] if code else ""


def _place(payload: Payload, communes: Mapping[str, str]) -> str:
    """The communes of work by name; postal codes where none of them is known, as abroad or in another region."""
    named = [communes[nis] for nis in (payload.get("work_nis") or "").split("|") if nis in communes]
    return ", ".join(dict.fromkeys(named)) or (payload.get("work_postal_codes") or "").replace("|", ", ")
