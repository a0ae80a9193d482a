"""Invented people by rank: who they are follows from the seed and the rank alone, so nobody need be stored.

A NISS has order number 999 or 000 in the form of the National Register, or counter 000 in the two forms of the
Crossroads Bank (month + 20 and + 40): such numbers are never given to anybody.
"""

import random
from datetime import date, timedelta
from functools import cache
from math import gcd

from simulators.population import ENDS, MEN, STARTS, WOMEN, Person, niss, plain

FIRST_BIRTH = date(1951, 1, 1)
BIRTHS = 20_999  # birth dates until June 2008
FORMS = 4
CAPACITY = BIRTHS * FORMS


def person(seed: int, rank: int) -> Person:
    """The person of that rank (below CAPACITY); two ranks never share a NISS."""
    rng = random.Random(f"{seed}|{rank}|identity")
    birth = FIRST_BIRTH + timedelta(days=rank * _stride(seed) % BIRTHS)
    form = rank // BIRTHS % FORMS
    man = form == 0 if form < 2 else rng.random() < 0.5
    number = niss(birth, man=man) if form < 2 else bis(birth, 20 * (form - 1))
    last_name = f"{rng.choice(STARTS)}{rng.choice(ENDS)}-{rng.choice(STARTS)}{rng.choice(ENDS)}"
    first_name = rng.choice(MEN if man else WOMEN)
    email = f"{plain(first_name)}.{plain(last_name)}@courrier.example"
    return Person(number, last_name, first_name, birth.isoformat(), "1" if man else "2", f"+324000{rank:06d}", email)


@cache
def _stride(seed: int) -> int:
    """The days from one rank's birth date to the next: without a divisor of BIRTHS, so that each date comes once."""
    rng = random.Random(f"{seed}|stride")
    drawn = (1 + rng.randrange(BIRTHS - 1) for _ in range(BIRTHS))
    return next(step for step in drawn if gcd(step, BIRTHS) == 1)


def former(seed: int, rank: int, people: int) -> str:
    """The number of the Crossroads Bank that a person had before that of the National Register; empty of most.

    Its birth date is the person's, so it can only be one that none of so many `people` has.
    """
    other = rank + (FORMS - 1) * BIRTHS
    return person(seed, other).niss if rank % 12 == 5 and rank < BIRTHS and other >= people else ""


def is_cancelled(rank: int) -> bool:
    """Whether the registers cancel the only number of this person on some day, and give no other in its place."""
    return rank % 48 == 7


def bis(birth: date, shift: int) -> str:
    """A number of the Crossroads Bank with counter 000; `shift` is 20 (sex unknown) or 40."""
    nine = f"{birth.year % 100:02d}{birth.month + shift:02d}{birth.day:02d}000"
    base = int("2" + nine) if birth.year >= 2000 else int(nine)
    return f"{nine}{97 - base % 97:02d}"


def enterprise(number: int) -> str:
    """A number that an enterprise could have and none has: 0999 in front, a right check behind."""
    eight = 9_990_000 + number
    return f"{eight:08d}{97 - eight % 97:02d}"
