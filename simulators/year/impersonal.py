"""What concerns nobody: job days, offers and the catalogue of trainings; and the CPAS's answers to the job days."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from simulators import days
from simulators.layout import FOREM
from simulators.table import Row
from simulators.year import people, story
from simulators.year.store import Statement
from simulators.year.world import World

QUOTA = 2
SERVICES = 40
TITLES = ("Journée de l'emploi : soins", "Salon des métiers du bois", "Rencontre : nettoyage et logistique")


def tell(world: World, at_home: Mapping[str, Sequence[int]]) -> Iterator[Statement]:
    """The rows of JOBD, OFFR and CATA, and those of MOBI about the people of each CPAS (`at_home`, by rank)."""
    yield from _catalogue(world)
    for number, day in enumerate(world.calendar):
        yield from _offers(world, day, number)
        if day.weekday() == 0:
            for which in range(max(1, len(world.communes) // 80)):
                yield from _event(world, day, number * 10 + which, at_home)


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


def _offers(world: World, day: date, number: int) -> Iterator[Statement]:
    """A few offers a day; most close some weeks later."""
    rng = world.rng("offers", number)
    for which in range(max(1, len(world.communes) // 40)):
        key = f"{4_000_000 + number * 100 + which}"
        place = rng.choice(world.communes)
        row = {
            "offer_number": key,
            "title": "Magasinier (H/F/X)",
            "rome": rng.choice(("N1103", "K1304", "G1602")),
            "contract_type": rng.choice(("CDI", "CDD", "INTERIM")),
            "regime": rng.choice(("FT", "PT")),
            "positions": "1",
            "work_nis": place.nis,
            "work_postal_codes": place.postal_codes[0],
            "first_seen": day.isoformat(),
            "last_seen": day.isoformat(),
            "published_from": day.isoformat(),
            "source": "FOREM",
            "url": f"https://offres.example.org/{key}",
            "attribution": "Le Forem, CC BY-SA 4.0",
        }
        yield _say("OFFR", key, day, 1, day, row)
        end = world.sending_day(FOREM, day + timedelta(days=rng.randrange(8, 40)))
        if end is not None:
            closed = {"last_seen": end.isoformat(), "closed_at": end.isoformat()}
            yield _say("OFFR", key, end, 2, end, row | closed)


def _event(world: World, day: date, number: int, at_home: Mapping[str, Sequence[int]]) -> Iterator[Statement]:
    """A job day with its quota; one in eight is cancelled, which voids the answers to it."""
    rng = world.rng("event", number)
    answering = [
        one
        for one in world.communes
        if world.agreed(one.partner, "MOBI", world.first) and len(at_home[one.partner]) > 8
    ]
    targets = sorted(rng.sample(answering, min(len(answering), 8)), key=lambda one: one.nis)
    if not targets:
        return
    key = f"J-{day.year}-{number:05d}"
    starts = day + timedelta(days=23)
    deadline = day + timedelta(days=16)
    row = {
        "event_id": key,
        "title": rng.choice(TITLES),
        "kind": rng.choice(("JOBDAY", "SALON", "SPEED_RECRUIT")),
        "starts_at": days.stamp(starts, 9, 0),
        "ends_at": days.stamp(starts, 16, 0),
        "place": "LIEGE GUILLEMINS",
        "nis": targets[0].nis,
        "capacity": "60",
        "target_nis": "|".join(one.nis for one in targets),
        "quota_per_cpas": str(QUOTA),
        "answer_deadline": deadline.isoformat(),
        "status": "OPEN",
    }
    yield _say("JOBD", key, day, 1, day, row)
    for one in targets:
        yield from _answers(world, one.partner, key, day, at_home[one.partner])
    end = world.sending_day(FOREM, day + timedelta(days=rng.randrange(9, 14)))
    if end is not None and rng.random() < 0.125:
        yield _say("JOBD", key, end, 2, end, row | {"status": "CANCELLED"})


def _answers(world: World, partner: str, event: str, day: date, known: Sequence[int]) -> Iterator[Statement]:
    """A CPAS's answers: some above its quota, some after the deadline, some to an event that nobody announced."""
    rng = world.rng("answers", event, partner)
    for place, rank in enumerate(rng.sample(known, rng.randrange(2, 6))):
        late = rng.random() < 0.08
        said = day + timedelta(days=rng.randrange(18, 21) if late else rng.randrange(3, 12))
        sending = world.sending_day(partner, said)
        if sending is None:
            continue
        unknown = rng.random() < 0.03
        answer = rng.choice(("CONFIRMED", "CONFIRMED", "INTERESTED", "DECLINED", "NOT_CONTACTED"))
        about = f"{event}X" if unknown else event
        row = {
            "event_id": about,
            "cpas_nis": partner[1:],
            "niss": story.number(world, rank, partner, sending),
            "answer": answer,
            "answered_at": "" if answer == "NOT_CONTACTED" else days.stamp(said, 9, 7 * place),
            "declined_reason": "MOBILITY" if answer == "DECLINED" else "",
            "transport_need": "1",
            "notice_id": f"MOBI-{event}-{rank}",
            "version": "1",
            "notice_status": "0",
            "effective_date": said.isoformat(),
            "recorded_at": days.stamp(sending, 7, place),
        }
        yield Statement(sending.isoformat(), "MOBI", partner, about, rank, row, "" if unknown else f"JOBD:{event}")
