"""What concerns nobody: job days, offers and the catalogue of trainings; and the CPAS's answers to the job days."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from simulators import days
from simulators.communes import Commune
from simulators.layout import FOREM
from simulators.table import Row
from simulators.year import offers, people, story
from simulators.year.store import Statement
from simulators.year.world import World

QUOTA = 2
SERVICES = 40
SESSIONS = 10  # days after which Le Forem trains the staff of CPAS again
RESULTS = ("INTERVIEW", "INTERVIEW", "OFFER", "HIRED", "NONE")
TITLES = ("Journée de l'emploi : soins", "Salon des métiers du bois", "Rencontre : nettoyage et logistique")


def tell(world: World, at_home: Mapping[str, Sequence[int]]) -> Iterator[Statement]:
    """The rows of JOBD, OFFR and CATA, and those of MOBI about the people of each CPAS (`at_home`, by rank)."""
    yield from _catalogue(world)
    for number, day in enumerate(world.calendar):
        for key, on, version, row in offers.tell(world, day, number):
            yield _say("OFFR", key, on, version, on, row)
        if day.weekday() == 0:
            for which in range(max(1, len(world.communes) // 80)):
                yield from _event(world, day, number * 10 + which, at_home)
        if number % SESSIONS == 1:
            yield from _staff_session(world, day, number, at_home)


def _say(feed: str, entity: str, day: date, version: int, effective: date, row: Row, status: str = "0") -> Statement:
    """A row of Le Forem that concerns nobody."""
    technical = {
        "notice_id": f"{entity}-{version}",
        "version": str(version),
        "notice_status": status,
        "effective_date": effective.isoformat(),
        "recorded_at": days.stamp(day, 11, version),
    }
    return Statement(day.isoformat(), feed, FOREM, entity, -1, row | technical)


def _catalogue(world: World) -> Iterator[Statement]:
    """Forty services on the first day; each month some change, and one is no more."""
    rng = world.rng("catalogue")
    rows: dict[str, tuple[int, Row]] = {}
    for number in range(1, SERVICES + 1):
        key = f"cata-{number:06d}"
        row = {
            "service_id": key,
            "training_code": f"T-{number:03d}",
            "name": f"Remise à niveau, module {number}",
            "status": "active",
            "taxonomy_term": rng.choice(("RAN", "FLE", "DIGITAL", "BASE", "QUALIFYING")),
            "organization_id": people.enterprise(5_000 + number),
            "organization_name": "Centre d'exemple",
            "organization_kind": rng.choice(("FOREM", "IFAPME", "PROMSOC")),
            "location_type": "physical",
            "location_nis": rng.choice(world.communes).nis,
            "languages": "fr",
            "minimum_age": "18",
            "hours": "120",
            "capacity_maximum": "15",
            "capacity_available": "9",
        }
        rows[key] = 1, row
        yield _say("CATA", key, world.calendar[0], 1, world.calendar[0], row)
    for day in world.calendar[9::20]:
        for key in sorted(rng.sample(sorted(rows), 6)):
            version, row = rows[key]
            free = {
                "capacity_available": str(rng.randrange(15)),
                "status": rng.choice(("active", "active", "inactive")),
            }
            rows[key] = version + 1, row | free
            yield _say("CATA", key, day, version + 1, day, row | free)


def _after(world: World, day: date, count: int) -> date:
    """The day so many days after, which are fewer in a short year."""
    return day + timedelta(days=round(count * max(0.6, world.pace)))


def _event(world: World, day: date, number: int, at_home: Mapping[str, Sequence[int]]) -> Iterator[Statement]:
    """A job day with its quota; one in eight is cancelled, which voids the answers to it, the others take place."""
    rng = world.rng("event", number)
    targets = _targets(world, rng, at_home)
    if not targets:
        return
    key = f"J-{day.year}-{number:05d}"
    starts = _after(world, day, 23)
    row = _row_of_event(key, starts, targets) | {
        "title": rng.choice(TITLES),
        "kind": rng.choice(("JOBDAY", "SALON", "SPEED_RECRUIT")),
        "capacity": "60",
        "quota_per_cpas": str(QUOTA),
        "answer_deadline": _after(world, day, 16).isoformat(),
    }
    yield _say("JOBD", key, day, 1, day, row)
    cancelled = rng.random() < 0.125
    for one in targets:
        yield from _answers(world, one.partner, key, day, at_home[one.partner], None if cancelled else starts)
    over = _after(world, day, rng.randrange(9, 14)) if cancelled else starts + timedelta(days=1)
    end = world.sending_day(FOREM, over)
    if end is not None:
        yield _say("JOBD", key, end, 2, end, row | {"status": "CANCELLED" if cancelled else "DONE"})


def _targets(world: World, rng: random.Random, at_home: Mapping[str, Sequence[int]]) -> list[Commune]:
    """Eight communes whose CPAS answers to job days and has people to send."""
    answering = [
        one
        for one in world.communes
        if world.agreed(one.partner, "MOBI", world.first) and len(at_home[one.partner]) > 8
    ]
    return sorted(rng.sample(answering, min(len(answering), 8)), key=lambda one: one.nis)


def _row_of_event(key: str, starts: date, targets: Sequence[Commune]) -> Row:
    """What an event of any kind says."""
    return {
        "event_id": key,
        "starts_at": days.stamp(starts, 9, 0),
        "ends_at": days.stamp(starts, 16, 0),
        "place": "LIEGE GUILLEMINS",
        "nis": targets[0].nis,
        "target_nis": "|".join(one.nis for one in targets),
        "status": "OPEN",
    }


def _staff_session(world: World, day: date, number: int, at_home: Mapping[str, Sequence[int]]) -> Iterator[Statement]:
    """A session in which the staff of CPAS learn a tool; one CPAS mistakes it for a job day, and sends somebody."""
    rng = world.rng("session", number)
    targets = _targets(world, rng, at_home)
    if not targets:
        return
    key = f"S-{day.year}-{number:05d}"
    told = {
        "title": "Découvrir un outil",
        "kind": "STAFF_SESSION",
        "tool": rng.choice(("MON_PROFIL", "ESPACE_PERSONNEL")),
    }
    yield _say("JOBD", key, day, 1, day, _row_of_event(key, _after(world, day, 14), targets) | told)
    partner, said = targets[-1].partner, day + timedelta(days=4)
    sending = world.sending_day(partner, said)
    if sending is not None:
        rank = rng.choice(at_home[partner])
        row = _answer(world, partner, key, rank, said, sending) | {"answer": "INTERESTED"}
        row |= {"answered_at": days.stamp(said, 9, 0)}
        yield Statement(sending.isoformat(), "MOBI", partner, key, rank, row, f"JOBD:{key}")


def _answers(
    world: World, partner: str, event: str, day: date, known: Sequence[int], held: date | None
) -> Iterator[Statement]:
    """A CPAS's answers: some above its quota, some after the deadline, some to an event that nobody announced.

    Once the event was `held`, it tells of most of those who were expected whether they came, and what came of it.
    """
    rng = world.rng("answers", event, partner)
    for place, rank in enumerate(rng.sample(known, rng.randrange(2, 6))):
        late = rng.random() < 0.08
        said = _after(world, day, rng.randrange(18, 21) if late else rng.randrange(3, 12))
        sending = world.sending_day(partner, said)
        if sending is None:
            continue
        unknown = rng.random() < 0.03
        answer = rng.choice(("CONFIRMED", "CONFIRMED", "INTERESTED", "DECLINED", "NOT_CONTACTED"))
        about = f"{event}X" if unknown else event
        row = _answer(world, partner, about, rank, said, sending, place) | {
            "answer": answer,
            "answered_at": "" if answer == "NOT_CONTACTED" else days.stamp(said, 9, 7 * place),
            "declined_reason": "MOBILITY" if answer == "DECLINED" else "",
            "transport_need": "1",
        }
        needs = "" if unknown else f"JOBD:{event}"
        yield Statement(sending.isoformat(), "MOBI", partner, about, rank, row, needs)
        if held and not unknown and answer in ("CONFIRMED", "INTERESTED"):
            yield from _result(world, partner, rank, row, held, needs)


def _answer(world: World, partner: str, event: str, rank: int, said: date, sending: date, place: int = 0) -> Row:
    """What any answer says, sent on that day."""
    return {
        "event_id": event,
        "cpas_nis": partner[1:],
        "niss": story.number(world, rank, partner, sending),
        "notice_id": f"MOBI-{event}-{rank}",
        "version": "1",
        "notice_status": "0",
        "effective_date": said.isoformat(),
        "recorded_at": days.stamp(sending, 7, place),
    }


def _result(world: World, partner: str, rank: int, answer: Row, held: date, needs: str) -> Iterator[Statement]:
    """After the event: whether the person came, and of those who did, what came of it."""
    rng = world.rng("result", answer["event_id"], partner, rank)
    sending = world.sending_day(partner, held + timedelta(days=rng.randrange(1, 9)))
    if sending is None or rng.random() < 0.2:
        return
    came = rng.choice(("PRESENT", "PRESENT", "PRESENT", "ABSENT_JUSTIFIED", "ABSENT_UNJUSTIFIED"))
    row = answer | {
        "niss": story.number(world, rank, partner, sending),
        "notice_id": f"{answer['notice_id']}-2",
        "version": "2",
        "effective_date": held.isoformat(),
        "recorded_at": days.stamp(sending, 7, 30),
        "attendance": came,
        "result": rng.choice(RESULTS) if came == "PRESENT" else "",
    }
    yield Statement(sending.isoformat(), "MOBI", partner, answer["event_id"], rank, row, needs)
