"""What the CPAS say of a person: right, PIIS, contracts, moves, orientations, and how they amend all that."""

from datetime import date, timedelta

from simulators import orientation
from simulators.communes import Commune
from simulators.population import Person
from simulators.table import Row
from simulators.year import people
from simulators.year.story import Referral, Story

ENDS = ("WORK", "TRAINING_ALLOWANCE", "UNEMPLOYMENT_RIGHT", "RESOURCES", "RENOUNCED", "PENSION", "OTHER")


def tell(story: Story) -> None:
    """Everything that the CPAS say, from the grant on."""
    world = story.world
    if story.chance(0.55):  # helped before the first day already
        story.granted = story.later(world.first, -700, -10)
        told = story.later(world.first, 0, 20)
    else:
        span = (world.last - world.first).days
        story.granted = story.later(world.first, -15, max(1, span - 6))
        told = max(world.first, story.later(story.granted, 2, 9))
    if story.chance(0.92):
        _right(story, story.home, story.granted, told)
    if story.chance(0.78):
        orient(story, story.home, max(told, story.later(story.granted, 3, 3)))
    _move(story)


def _right(story: Story, commune: Commune, granted: date, told: date) -> None:
    """The grant, and what becomes of it."""
    first = _grant_row(story)
    told = _situation(story, commune, "RI", told, first, granted) or told
    if story.chance(0.05):
        _situation(story, commune, "RI", story.later(told, 3, 25), first | {"ri_fraction": "0.75"}, granted, "1")
    if story.chance(0.3):
        signed = story.later(granted, 0, 5)
        piis = {"situation_kind": "PIIS", "piis_code": "11", "piis_signed_on": signed.isoformat()}
        piis = {"situation_kind": "PIIS", "piis_code": "8"} if story.exempt else piis
        _situation(story, commune, "PIIS", max(told, signed), piis, signed)
    if story.chance(0.1):
        change = first | {"situation_kind": "RI_CHANGE", "ri_fraction": "0.5"}
        day = story.later(told, 8, 90)
        _situation(story, commune, "RI", day, change, day - timedelta(days=3))
    elif story.chance(0.11):
        _contract(story, commune, story.later(told, 5, 80))
    if story.chance(0.16):
        _close(story, commune, story.later(told, 6, 150))


def _grant_row(story: Story) -> Row:
    income = story.chance(0.8)
    row = {"situation_kind": "RI_GRANT", "legislation": "1" if income else "2"}
    return row | ({"ri_category": story.rng.choice("123")} if income else {})


def _situation(
    story: Story, commune: Commune, group: str, on: date, row: Row, effective: date, status: str = "0", thing: str = ""
) -> date | None:
    """One row of SITU, unless the plan of this CPAS has no such feed."""
    if not story.world.agreed(commune.partner, "SITU", story.world.first):
        return None
    cells = {
        "cpas_nis": commune.nis,
        "cpas_bce": enterprise_of(story, commune),
        "cpas_dossier_ref": dossier(story),
        "situation_group": group,
        "decision_date": min(effective, on).isoformat(),
    }
    entity = f"{group}:{thing}" if thing else group
    return story.say("SITU", commune.partner, entity, on, cells | row, effective=effective, status=status)


def enterprise_of(story: Story, commune: Commune) -> str:
    """An invented number for the CPAS itself."""
    return people.enterprise(story.world.communes.index(commune))


def dossier(story: Story) -> str:
    """The number under which the CPAS knows the person."""
    return f"{story.rank % 7}-{story.rank:06d}"


def _close(story: Story, commune: Commune, day: date) -> None:
    """The right is suspended or withdrawn, or the person dies; some of it is taken back, which revives the grant."""
    row: Row
    if story.chance(0.3):
        row = {"situation_kind": "RI_SUSPENSION", "suspension_months": story.rng.choice("123")}
    elif story.chance(0.04):
        row = {"situation_kind": "DECEASED"}
    else:
        row = {"situation_kind": "RI_WITHDRAWAL", "end_reason": story.rng.choice(ENDS)}
    told = _situation(story, commune, "RI", story.later(day, 1, 9), row, day)
    if told is None:
        return
    if story.chance(0.25):
        _situation(story, commune, "RI", story.later(told, 4, 20), row, day, "9")


def _contract(story: Story, commune: Commune, start: date) -> None:
    """A contract of article 60 or 61; now and then its end is told."""
    full, sixty = story.chance(0.7), story.chance(0.85)
    own = enterprise_of(story, commune)
    row = {
        "situation_kind": "ART60" if sixty else "ART61",
        "measure_code": ("116" if full else "115") if sixty else "108",
        "contract_id": f"C{story.rank:06d}",
        "contract_start": start.isoformat(),
        "planned_end": (start + timedelta(days=story.rng.choice((60, 180, 365)))).isoformat(),
        "weekly_hours": "38" if full else "19",
        "reference_hours": "38",
        "employer_bce": own if sixty else people.enterprise(9_000 + story.rank % 900),
    }
    told = _situation(story, commune, "CONTRACT", story.later(start, 1, 8), row, start, thing=row["contract_id"])
    if told is not None and story.chance(0.2):
        end = story.later(told, 5, 50)
        ended = row | {"actual_end": end.isoformat(), "unemployment_right_date": end.isoformat()}
        _situation(story, commune, "CONTRACT", end, ended, end, thing=row["contract_id"])


def _move(story: Story) -> None:
    """A few move: the old CPAS closes in time, late or never, the new one grants, and may orient."""
    others = [one for one in story.world.communes if one is not story.home]
    if not others or not story.chance(0.035) or story.granted is None:
        return
    day = story.later(max(story.granted, story.world.first), 15, 150)
    if day > story.world.last:
        return
    kind = story.rng.choices(("in_time", "late", "never"), (6, 3, 1))[0]
    if kind != "never":
        row = {"situation_kind": "TRANSFER_OUT", "end_reason": "MOVED"}
        delay = (1, 4) if kind == "in_time" else (12, 40)
        _situation(story, story.home, "RI", story.later(day, *delay), row, day)
    new = story.rng.choice(others)
    granted = day + timedelta(days=1)
    told = story.later(granted, 3, 9)
    _situation(story, new, "RI", told, _grant_row(story), granted)
    if story.chance(0.4):
        orient(story, new, story.later(told, 2, 20))


def orient(story: Story, commune: Commune, day: date) -> None:
    """One orientation, or two; some are amended, some withdrawn."""
    _orient(story, commune, story.later(day, 0, 45))
    if story.referrals and story.rarely(0.01):
        _orient(story, commune, story.referrals[-1].sent, same_day=True)
    elif story.chance(0.08):
        _orient(story, commune, story.later(day, 40, 160))


def _orient(story: Story, commune: Commune, day: date, *, same_day: bool = False) -> None:
    world = story.world
    sending = world.sending_day(commune.partner, day)
    if sending is None or not world.agreed(commune.partner, "ORIE", world.first):
        return
    number = story.rank * 8 + len(story.referrals) + 1
    row = orientation.first_row(story.rng, commune, story.person, number, sending)
    key = row["referral_id"]
    if commune.nis == "82039" and story.chance(0.3):  # written by Bertogne before the merger, sent by its successor
        key = f"R82005-2024-{number:06d}"
    effective = date.fromisoformat(row["effective_date"])
    if same_day:
        effective = date.fromisoformat(story.referrals[-1].row["effective_date"])
    started = min(story.granted or effective, effective)
    row |= {
        "referral_id": key,
        "effective_date": effective.isoformat(),
        "informed_on": effective.isoformat(),
        "ri_start_date": started.isoformat(),
        "cpas_dossier_ref": dossier(story),
        "exempt_health_equity": "1" if story.exempt else "0",
        "voluntary": "1" if story.exempt else "",
        "piis_code": "8" if story.exempt else "",
    }
    row |= _born_in_part(story, story.person)
    row |= {"interpreter_need": story.world.rng(story.rank, "interpreter").choice(("", "", "0", "0", "1"))}
    told = story.say("ORIE", commune.partner, key, sending, row, effective=effective)
    if told is not None:
        one = Referral(key, commune, told, row)
        story.referrals.append(one)
        _amend(story, one, effective)


def _born_in_part(story: Story, person: Person) -> Row:
    """Some CPAS know the year of birth only."""
    return {"birth_date": f"{person.birth_date[:4]}-00-00"} if story.chance(0.01) else {}


def _amend(story: Story, one: Referral, effective: date) -> None:
    """A correction, a new state, a withdrawal, or a new state that is then withdrawn, which revives the first."""
    chance, partner, row = story.rng.random(), one.commune.partner, one.row
    day = story.later(one.sent, 2, 40)
    if chance < 0.06:
        if told := story.say("ORIE", partner, one.key, day, row, effective=effective, status="9"):
            one.cancelled = told
    elif chance < 0.14:
        other = row | {"priority": "URGENT", "requested_action": story.rng.choice(("BILAN", "RAN", "TRAINING|DIGITAL"))}
        story.say("ORIE", partner, one.key, day, other, effective=effective, status="1")
    elif chance < 0.22:
        other = row | {"delegation": story.rng.choice(("NONE", "PARTIAL", "FULL"))}
        told = story.say("ORIE", partner, one.key, day, other, effective=day)
        if told is not None and story.chance(0.3):
            story.say("ORIE", partner, one.key, story.later(told, 2, 12), other, effective=day, status="9")
