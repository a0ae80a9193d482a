"""Invented people. Their NISS carry order number 999 (men) or 000 (women), which no real person has.

Surnames are put together from syllables so that each is unlike a word of the code or of the language:
a leak scan that finds one has found a leak. Nothing here knows referrals.
"""

import random
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from simulators.table import words

STARTS = words(
    "Brélau Grisvel Thirlon Mâlguy Fonteclé Hurbize Noiramé Warzé Délombra Crèvelau Pirmolé Stavlé "
    "Rocheblu Lambrié Ombregné Chènerou Vaultri Gobertin Houffay Sprimelo Marchoul Tîgelin Lorcéri "
    "Bassoudré Quévrin Hèrmolin Jupréval Flémivor Nandrisse Xhorlan"
)
ENDS = words(
    "mont noy gnée court ville champs dries vaux sart pré bois fays rieux lette croix nelle zée foy "
    "hamme borgne quet roux selle thier vigne manne doyer lecq prez baux"
)
WOMEN = words(
    "Aurélie Noémie Hélène Océane Célestine Françoise Bérengère Mégane Joëlle Marie-Thérèse Clémence "
    "Fatoumata Nadège Solène Yasmina Geneviève Maëlle Ludivine Pascaline Gwenaëlle"
)
MEN = words(
    "Jean-Loïc Jérôme Gaëtan Frédéric Benoît Théophile Stéphane Aurélien Mickaël Raphaël François Désiré "
    "Grégoire Thibault Youssef Célestin Ghislain Mohamed Jean-Noël Barthélemy"
)
YOUNGEST, OLDEST = 18, 64


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person; `sex` is 1 (man) or 2 (woman) as in ISO 5218."""

    niss: str
    last_name: str
    first_name: str
    birth_date: str
    sex: str
    phone: str
    email: str


def niss(birth: date, *, man: bool) -> str:
    """A NISS that cannot belong to anybody, with a right check number for its century.

    Source: National Register, T.I. 000: 97 minus the remainder of the first nine digits by 97, with a 2 put
    before them for people born in 2000 or later.
    """
    nine = f"{birth:%y%m%d}" + ("999" if man else "000")
    base = int("2" + nine) if birth.year >= 2000 else int(nine)
    return f"{nine}{97 - base % 97:02d}"


def draw(rng: random.Random, count: int, on: date) -> list[Person]:
    """`count` people aged 18 to 64 on that day; no two share a NISS or a surname."""
    names = _surnames(rng, count)
    seen: set[str] = set()
    people: list[Person] = []
    while len(people) < count:
        person = _person(rng, names[len(people)], len(people), on)
        if person.niss not in seen:
            seen.add(person.niss)
            people.append(person)
    return people


def _surnames(rng: random.Random, count: int) -> list[str]:
    """Single surnames first; when they run out, double-barrelled ones."""
    single = [start + end for start in STARTS for end in ENDS]
    rng.shuffle(single)
    double = [f"{one}-{two}" for one in single for two in single[:50] if one != two] if count > 900 else []
    return (single + double)[:count]


def _person(rng: random.Random, last_name: str, rank: int, on: date) -> Person:
    """One person; the telephone is in a range of Liège that no subscriber can have."""
    man = rng.random() < 0.5
    oldest = on.replace(year=on.year - OLDEST - 1, day=1) + timedelta(days=40)
    youngest = on.replace(year=on.year - YOUNGEST, day=1)
    birth = oldest + timedelta(days=rng.randrange((youngest - oldest).days))
    first_name = rng.choice(MEN if man else WOMEN)
    email = f"{plain(first_name)}.{plain(last_name)}@courrier.example"
    phone = f"+324000{rank:05d}" if rank > 9999 else f"+324000{rank:04d}"
    return Person(niss(birth, man=man), last_name, first_name, birth.isoformat(), "1" if man else "2", phone, email)


def plain(text: str) -> str:
    """The text in lower case, without accents."""
    spread = unicodedata.normalize("NFD", text)
    return "".join(char for char in spread if not unicodedata.combining(char)).lower()
