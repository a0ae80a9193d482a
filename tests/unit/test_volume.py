"""When the number of people whom a CPAS names for the first time is unusual."""

from datetime import date, timedelta

import pytest

from hub.volume import ELSEWHERE, REASONS, SIZE, UNKNOWN, UNUSUAL, Limits, Named, reasons

TODAY = date(2026, 3, 9)
LIMITS = Limits(rows=50, times=5.0, share=0.5, elsewhere_rows=10, elsewhere_share=0.3)


def days(*newcomers: int, every: int = 1, strangers: int = 0, elsewhere: int = 0) -> dict[date, Named]:
    """Newcomers day by day, the last of them today; all of today's are as told."""
    ago = [TODAY - timedelta(days=every * n) for n in range(len(newcomers))]
    made = {day: Named(count) for day, count in zip(ago, reversed(newcomers), strict=True)}
    return made | {TODAY: Named(newcomers[-1], strangers, elsewhere)}


@pytest.mark.parametrize(
    ("named", "known", "found"),
    [
        (days(10, 12, 9, 49), 5_000, ()),
        (days(10, 12, 9, 50), 5_000, ()),
        (days(10, 10, 10, 51), 5_000, (UNUSUAL,)),
        (days(0, 0, 10, 51), 5_000, (UNUSUAL,)),
        (days(200, 210, 190, 900), 50_000, ()),
        (days(10, 10, 10, 51, strangers=51), 5_000, (UNUSUAL, UNKNOWN)),
        (days(50), 50, (UNUSUAL, SIZE)),
        (days(*[10] * 27, 10), 800, (SIZE,)),
        (days(*[10] * 27, 10), 900, ()),
        (days(*[10] * 28, 10, every=7), 90, ()),
        (days(30, 30, elsewhere=18), 5_000, ()),
        (days(30, 30, elsewhere=19), 5_000, (ELSEWHERE,)),
        (days(9, elsewhere=9), 5_000, ()),
        (days(90, 0), 100, ()),
    ],
)
def test_what_is_unusual(named: dict[date, Named], known: int, found: tuple[str, ...]) -> None:
    """Against its own median day, its size and its neighbours; a few people are never unusual, a slow trickle is."""
    assert reasons(TODAY, named, known, LIMITS) == found


def test_every_reason_has_words() -> None:
    """What is noted can be told."""
    assert set(REASONS) == {UNUSUAL, UNKNOWN, SIZE, ELSEWHERE}
