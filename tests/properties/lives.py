"""Lives of invented people, drawn at random: what CPAS and Le Forem write of them, and the faults of real senders."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from tests.spec.persons_table import CPAS, NEW, OLD, OTHER, Row, day, events

PERSONS = ("anna", "bert", "carl", "dora", "emil", "fien", "gust", "hana")
HEAD = "feed | v | date | of | says | person | from | got | written\n"
RIGHTS = ("RI_GRANT", "RI_GRANT", "RI_GRANT", "RI_CHANGE", "RI_WITHDRAWAL", "RI_REFUSAL",
          "RI_SUSPENSION", "TRANSFER_OUT", "DECEASED")  # fmt: skip
PIIS = ("PIIS piis_code=8", "PIIS piis_code=11", "PIIS piis_code=11")
CONTRACTS = (
    "ART60 planned_end=2027-01-01",
    "ART60 planned_end=2026-07-10",
    "ART60 measure_code=115 weekly_hours=19 planned_end=2026-12-01",
    "ART61 measure_code=108 planned_end=2026-05-01",
)
INSC = ("1", "1 stat92_category=05", "2", "3")
STAT = ("RECEIVED", "ACCEPTED", "IN_PROGRESS", "ON_HOLD business_status=TRAINING_WAITLIST",
        "ON_HOLD business_status=ART60_RUNNING", "REJECTED business_status=VERY_LOW_EMPLOYABILITY",
        "COMPLETED business_status=EMPLOYED", "COMPLETED business_status=HANDED_BACK",
        "FAILED business_status=DECEASED", "CANCELLED", "IN_PROGRESS employability=VERY_LOW")  # fmt: skip
FORM = ("PROPOSED", "ENROLLED", "STARTED", "STARTED", "COMPLETED", "ABANDONED")
MANQ = ("OPEN", "OPEN kind=NOT_REGISTERED", "WITHDRAWN", "CLOSED")
MOBI = ("CONFIRMED", "CONFIRMED", "CONFIRMED", "INTERESTED", "DECLINED", "UNREACHABLE")
JOBD = (
    "OPEN quota_per_cpas=1 answer_deadline=2026-03-20",
    "OPEN quota_per_cpas=2",
    "CANCELLED quota_per_cpas=1",
    "DONE quota_per_cpas=1",
    "OPEN kind=STAFF_SESSION quota_per_cpas=0",
)
ORIE = ("RI", "RI requested_action=TRAINING/RAN delegation=FULL", "RI exempt_health_equity=1",
        "ART60 delegation=PARTIAL",
        "RI ri_start_date=2025-06-01 requested_action=FLE_ALPHA", "ERI digital_autonomy=0 piis_code=8")  # fmt: skip
FAULTS = ("", "", "", "", "cancelled", "corrected", "contested", "stale", "gap", "undone")


def lives(random: Random) -> list[Row]:
    """Return the rows of eight people, some of whom share a referral, a job day or two CPAS."""
    referrals = iter(range(1, 99))
    lines = [line for event in ("J1", "J2", "J3") for line in _entity(random, "JOBD", event, JOBD, "", "", 2)]
    for person in PERSONS:
        lines += _person(random, person, [next(referrals) for _ in range(random.choice((0, 1, 1, 2, 2, 3)))])
    return events(HEAD + "\n".join(lines))


def _person(random: Random, person: str, referrals: list[int]) -> list[str]:
    cpas = random.choice(((CPAS,), (CPAS,), (CPAS, OTHER), (OLD, NEW), (OTHER,)))
    lines = []
    for one in cpas:
        lines += _entity(random, "SITU", "RI", RIGHTS, person, one, 3)
        lines += _some(random, 3) * _entity(random, "SITU", "PIIS", PIIS, person, one, 2)
        lines += _some(random, 3) * _entity(random, "SITU", "C1", CONTRACTS, person, one, 1)
        lines += _some(random, 2) * _entity(
            random, "MOBI", random.choice(("J1", "J1", "J2", "J3", "J9")), MOBI, person, one, 2
        )
    for number in referrals:
        lines += _entity(random, "ORIE", f"R{number}", ORIE, person, random.choice(cpas), 2)
        lines += _some(random, 2) * _entity(random, "STAT", f"R{number}", STAT, person, "", 3)
        parent = random.choice((number, number, 1, 777))
        lines += _some(random, 4) * _entity(random, "STAT", f"R{number + 400}@R{parent}", STAT, person, "", 3)
    lines += _some(random, 2) * _entity(random, "INSC", "-", INSC, person, "", 3)
    named = [f"@R{number}" for number in referrals] + ["", "", "@R1", "@R777"]
    for feed, name, says in (("FORM", "E", FORM), ("MANQ", "B", MANQ)):
        of = f"{name}-{person.upper()}{random.choice(named)}"
        lines += _some(random, 2) * _entity(random, feed, of, says, person, "", 2)
    return lines


def _some(random: Random, one_in: int) -> int:
    return int(random.randrange(one_in) == 0)


def _entity(
    random: Random, feed: str, of: str, says: tuple[str, ...], person: str, source: str, most: int
) -> list[str]:
    """Return one entity's rows: a few states in order, each perhaps with a fault, and received some days later."""
    lines: list[str] = []
    on, version = day("01-05") + timedelta(days=random.randrange(90)), 0
    for _ in range(random.randint(1, most)):
        version += 1
        lines.append(_line(random, feed, f"{version}", on.isoformat(), of, random.choice(says), person, source))
        lines += _fault(random, random.choice(FAULTS), lines[-1], version, random.choice(says))
        version = max(int(line.split(" | ")[1].rstrip("cx")) for line in lines)
        on += timedelta(days=random.randrange(1, 40))
    return lines


def _line(random: Random, feed: str, v: str, on: str, of: str, says: str, person: str, source: str) -> str:
    got = day(on) + timedelta(days=random.choice((0, 0, 0, 1, 3, 12)))
    return " | ".join([feed, v, on, of, says, person, source, got.isoformat(), on])


def _fault(random: Random, fault: str, line: str, version: int, other: str) -> list[str]:
    """Return the rows that a fault adds to a row."""
    feed, _, on, of, says, person, source, *_ = line.split(" | ")
    again = (feed, on, of, person, source)

    def row(v: str, said: str = says, days: int = 3) -> str:
        later = (day(on) + timedelta(days=days)).isoformat()
        got = (day(later) + timedelta(days=random.choice((0, 1, 9)))).isoformat()
        return " | ".join([again[0], v, again[1], again[2], said, again[3], again[4], got, later])

    return {
        "": [],
        "cancelled": [row(f"{version + 1}x")],
        "undone": [row(f"{version + 1}x"), row(f"{version + 2}", days=6)],
        "corrected": [row(f"{version + 1}c", other)],
        "contested": [row(f"{version}", other)],
        "stale": [row(f"{version + 2}", other), row(f"{version + 1}", days=60)],
        "gap": [row(f"{version + 3}", other)],
    }[fault]


def certain(today: date) -> list[Row]:
    """Return the rows of people in whose lives, on that day, something rare stands just so."""

    def on(days_ago: int) -> str:
        return (today - timedelta(days=days_ago)).isoformat()

    lines: list[str] = []

    def says(person: str, days_ago: int, feed: str, v: str, of: str, what: str) -> None:
        lines.append(_punctual(feed, v, on(days_ago), of, what, person))

    for person, referral, withdrawn in (("p01", "R801", 1), ("p02", "R802", 30)):
        says(person, 60, "ORIE", "1", referral, "RI")
        says(person, 50, "FORM", "1", f"E-{person.upper()}@{referral}", "STARTED")
        lines.append(_punctual("ORIE", "2x", on(60), referral, "RI", person, got=on(withdrawn)))
    for person, referral, ended in (("p03", "R803", 1), ("p04", "R804", 30)):
        says(person, 60, "SITU", "1", "RI", "RI_GRANT")
        says(person, 60, "ORIE", "1", referral, "RI")
        says(person, 55, "STAT", "1", referral, "ACCEPTED")
        says(person, 50, "STAT", "2", referral, "ON_HOLD business_status=TRAINING_WAITLIST")
        says(person, ended, "SITU", "2", "RI", "RI_WITHDRAWAL")
    for person, started in (("p05", 1), ("p06", 30)):
        says(person, 60, "SITU", "1", "C1", f"ART60 planned_end={on(-200)}")
        says(person, started, "FORM", "1", f"E-{person.upper()}", "STARTED")
    for person, days_ago in (("p07", 0), ("p08", 30)):
        says(person, days_ago, "INSC", "1", "-", "1 stat92_category=05")
        says(person, days_ago, "MANQ", "1", f"B-{person.upper()}@R888", "OPEN")
        says(person, days_ago, "MOBI", "1", "J999", "CONFIRMED")
    says("", 60, "JOBD", "1", "J8", f"OPEN quota_per_cpas=1 answer_deadline={on(20)}")
    for person, answered in (("p09", 25), ("p10", 10)):
        says(person, answered, "MOBI", "1", "J8", "CONFIRMED")
    says("p11", 60, "INSC", "1", "-", "1")
    says("p11", 20, "MANQ", "1", "B-P11", "OPEN kind=NOT_REGISTERED")
    for person, referral, end in (
        ("p11", "R811", "HANDED_BACK"),
        ("p12", "R812", "HANDED_BACK"),
        ("p13", "R813", "EMPLOYED"),
    ):
        says(person, 60, "ORIE", "1", referral, "RI")
        says(person, 50, "STAT", "1", referral, "ACCEPTED")
        says(person, 30, "STAT", "2", referral, f"COMPLETED business_status={end}")
    says("p14", 0, "SITU", "1", "RI", "RI_GRANT")
    says("p15", 60, "SITU", "1", "RI", "RI_GRANT")
    for referral, delegated in (("R815", "FULL"), ("R816", "PARTIAL"), ("R817", "NONE")):
        says("p16", 10, "ORIE", "1", referral, f"RI delegation={delegated}")
        says("p16", 9, "STAT", "1", referral, "ACCEPTED")
        says("p17", 3, "ORIE", "1", f"R9{referral[2:]}", "RI")
    says("p24", 12, "ORIE", "1", "R919", "RI")
    says("p24", 2, "ORIE", "1", "R920", "RI")
    says("p24", 10, "MOBI", "1", "J6", "INTERESTED")
    says("", 60, "JOBD", "1", "J6", f"OPEN answer_deadline={on(20)}")
    says("p18", 9, "STAT", "1", "R921", "FAILED business_status=DECEASED")
    says("p18", 9, "STAT", "1", "R922", "RECEIVED")
    says("p18", 10, "ORIE", "1", "R921", "RI")
    says("p18", 60, "SITU", "1", "C1", f"ART60 planned_end={on(-30)}")
    says("p19", 9, "ORIE", "1", "R923", "RI")
    says("p19", 60, "SITU", "1", "C1", f"ART60 planned_end={on(-300)}")
    says("p20", 9, "ORIE", "1", "R924", "RI")
    says("p20", 8, "STAT", "1", "R924", "ACCEPTED employability=VERY_LOW")
    says("p21", 60, "SITU", "1", "RI", "RI_GRANT")
    says("p21", 40, "INSC", "1", "-", "1")
    says("p22", 60, "SITU", "1", "RI", "RI_GRANT")
    says("p22", 10, "INSC", "1", "-", "1")
    says("", 60, "JOBD", "1", "J9", "CANCELLED")
    says("", 60, "JOBD", "1", "J7", "OPEN kind=STAFF_SESSION")
    says("p23", 50, "MOBI", "1", "J9", "CONFIRMED")
    says("p23", 50, "MOBI", "1", "J7", "CONFIRMED")
    return events(HEAD + "\n".join([*lines, *_known_in_turn(on)]))


def _known_in_turn(on: Callable[[int], str]) -> list[str]:
    """Return the rows of people of whom one fact came long after the other, or came twice; `on` is so many days ago."""
    waits = "ON_HOLD business_status=TRAINING_WAITLIST"
    lines = []
    for person, referral, held in (("p25", "R825", on(2)), ("p26", "R826", on(40))):
        lines += [
            _punctual("SITU", "1", on(60), "RI", "RI_GRANT", person),
            _punctual("ORIE", "1", on(60), referral, "RI", person),
            _punctual("STAT", "1", on(55), referral, "ACCEPTED", person),
            _punctual("STAT", "2", held, referral, waits, person),
            _punctual("SITU", "2", on(30), "RI", "RI_WITHDRAWAL", person),
        ]
    return [
        *lines,
        _punctual("STAT", "3", on(40), "R826", waits, "p26", got=on(1)),
        _punctual("SITU", "3", on(30), "RI", "RI_WITHDRAWAL", "p26", got=on(1)),
        _punctual("SITU", "1", on(60), "C1", f"ART60 planned_end={on(-200)}", "p27"),
        _punctual("FORM", "1", on(30), "E-P27", "STARTED", "p27"),
        _punctual("STAT", "1", on(50), "R946@R826", "ACCEPTED", "p26"),
        _punctual("STAT", "1", on(50), "R947@R826", "ACCEPTED", "p25"),
        _punctual("FORM", "2", on(30), "E-P27", "STARTED", "p27", got=on(1)),
    ]


def _punctual(feed: str, v: str, on: str, of: str, says: str, person: str, got: str = "") -> str:
    return " | ".join([feed, v, on, of, says, person, "", got or on, got or on])
