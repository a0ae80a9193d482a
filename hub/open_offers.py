"""From the open data of job offers to rows of OFFR: what is taken of a record, and which version it is. Pure.

The field names are those of the data set `offres-d-emploi-forem`. The name of the employer is left out, as a sole
trader's is a person's. Labels that are no code of the contract are left out too, but for the kind of contract, without
which the contract rejects the row. Offers of which every place of work is outside Wallonia are passed over.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

ATTRIBUTION = "Le Forem, CC BY-SA 4.0"
OFFER_PAGE = "https://www.leforem.be/recherche-offres/offre-detail/"
CONTRACTS: Mapping[str, str] = MappingProxyType(
    {
        "durée indéterminée": "CDI",
        "durée déterminée": "CDD",
        "intérimaire": "INTERIM",
        "intérimaire avec option sur durée indéterminée": "INTERIM_CDI",
        "remplacement": "REPLACEMENT",
        "nettement défini": "DEFINED_WORK",
        "journalier (occasionnel ou saisonnier)": "DAILY",
        "etudiant": "STUDENT",
        "flexi-jobs": "FLEXI",
        "contrat d'apprentissage": "APPRENTICE",
        "stage": "INTERNSHIP",
        "salarié statutaire": "STATUTORY",
        "contrat collaboration indépendant": "FREELANCE",
    }
)
REGIMES: Mapping[str, str] = MappingProxyType({"temps plein": "FT", "temps partiel": "PT"})
EPOCH = date(2020, 1, 1)
_NUMBER, _POSTAL, _ROME = (
    re.compile(r"[A-Z0-9-]{1,20}"),
    re.compile(r"[0-9]{4}"),
    re.compile(r"[A-N][0-9]{4}([0-9]{2})?"),
)
_NUTS, _LANGUAGE = re.compile(r"[A-Z]{2}[0-9A-Z]{0,3}"), re.compile(r"[a-z]{2,3}")
_LICENCE, _SOURCE = re.compile(r"\[?([A-D])\b"), re.compile(r"[^A-Z0-9]+")
_NOT_IN_TITLE = re.compile(r"[^0-9A-Za-zÀ-ÖØ-öø-ÿŒœ .,:'’()/&+%°–-]+")
_WALLONIA = "BE3"

Values = dict[str, str]
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What was last said of an offer: since when it is known, in which version, and the hash of what was said."""

    first_seen: str
    version: int
    content: str


@dataclass(frozen=True, slots=True)
class Offers:
    """The offers of an export by number, and how many records could not be used, or were of elsewhere."""

    values: Mapping[str, Values]
    unusable: int
    elsewhere: int


def read(records: Iterable[Record], places: Mapping[str, str]) -> Offers:
    """The offers of an export; `places` is the NIS code of each postal code of Wallonia."""
    found: dict[str, Values] = {}
    unusable = elsewhere = 0
    for record in records:
        number = _text(record, "numerooffreforem").upper()
        if not _NUMBER.fullmatch(number) or number in found:
            unusable += 1
        elif not _is_near(record, places):
            elsewhere += 1
        else:
            found[number] = _values(number, record, places)
    return Offers(MappingProxyType(found), unusable, elsewhere)


def rows(offers: Offers, known: Mapping[str, Known], now: datetime) -> tuple[list[Values], dict[str, Known]]:
    """The rows to say now, by offer number, and what is known after them.

    An offer keeps its version until something else is said of it; then it has that of the minute, which is above
    every version that was said before, also by a hub that had lost what it knew.
    """
    said, after = [], {}
    for number, values in sorted(offers.values.items()):
        content = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
        before = known.get(number)
        if before is None or before.content != content:
            since = before.first_seen if before else now.date().isoformat()
            before = Known(since, _version(now), content)
        after[number] = before
        technical = {"notice_id": f"{number}-{before.version}", "version": str(before.version), "notice_status": "0"}
        technical |= {"effective_date": before.first_seen, "recorded_at": now.isoformat(timespec="seconds")}
        said.append(technical | values | {"first_seen": before.first_seen})
    return said, after


def _version(now: datetime) -> int:
    """Minutes since 2020, in the days of the clock that is given."""
    return (now.date() - EPOCH).days * 1440 + now.hour * 60 + now.minute + 1


def _values(number: str, record: Record, places: Mapping[str, str]) -> Values:
    postal = sorted({code for code in _texts(record, "lieuxtravailcodepostal") if _POSTAL.fullmatch(code)})
    communes = sorted({places[code] for code in postal if code in places})
    rome = _text(record, "metiercodedimeco").upper()
    positions = record.get("nombrepostes")
    return {
        "offer_number": number,
        "title": _title(_text(record, "titreoffre")),
        "rome": rome if _ROME.fullmatch(rome) else "",
        "contract_type": CONTRACTS.get(_label(record, "typecontrat"), ""),
        "regime": REGIMES.get(_label(record, "regimetravail"), ""),
        "positions": str(positions) if type(positions) is int and 1 <= positions <= 10_000 else "",
        "work_nis": "|".join(communes),
        "work_postal_codes": "|".join(postal),
        "work_nuts": _joined(_texts(record, "lieuxtravailregionnuts"), _NUTS),
        "languages": _joined((code.lower() for code in _texts(record, "languescodeiso2")), _LANGUAGE),
        "driving_license": "|".join(
            sorted({m[1] for t in _texts(record, "permisdeconduire") if (m := _LICENCE.match(t))})
        ),
        "published_from": _day(record, "datedebutdiffusion"),
        "published_until": _day(record, "datefindiffusion"),
        "source": _SOURCE.sub("_", _plain(_text(record, "source")).upper()).strip("_")[:30],
        "url": f"{OFFER_PAGE}{number}",
        "attribution": ATTRIBUTION,
    }


def _is_near(record: Record, places: Mapping[str, str]) -> bool:
    """Whether some place of work is in Wallonia, or none is told."""
    postal, nuts = _texts(record, "lieuxtravailcodepostal"), _texts(record, "lieuxtravailregionnuts")
    if not postal and not nuts:
        return True
    return any(code in places for code in postal) or any(code.startswith(_WALLONIA) for code in nuts)


def _text(record: Record, name: str) -> str:
    value = record.get(name)
    return value.strip() if isinstance(value, str) else ""


def _texts(record: Record, name: str) -> Sequence[str]:
    value = record.get(name)
    return [one.strip() for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _label(record: Record, name: str) -> str:
    return _text(record, name).replace("’", "'").lower()


def _joined(texts: Iterable[str], pattern: re.Pattern[str]) -> str:
    return "|".join(sorted({text for text in texts if pattern.fullmatch(text)}))


def _title(text: str) -> str:
    """In the characters that a title may have, without what stands before its first letter; 120 at the most."""
    plain = " ".join(_NOT_IN_TITLE.sub(" ", unicodedata.normalize("NFC", text)).split())
    return plain.lstrip(" .,:'’()/&+%°–-")[:120].rstrip()


def _plain(text: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _day(record: Record, name: str) -> str:
    try:
        return date.fromisoformat(_text(record, name)[:10]).isoformat()
    except ValueError:
        return ""
