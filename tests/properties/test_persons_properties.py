"""What holds of any lives of people, each property with a census of what it was tried on.

Lives are drawn with the faults of real senders, beside people in whose lives something rare stands just so. Every test
prints how often each class, code, reason, state and rule of the lead came, and fails if one never did.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.lead import LEADS
from hub.persons import persons, present
from hub.reasons import REASONS
from hub.reconcile import Rules, reconcile
from tests.properties.lives import certain, lives
from tests.reference import duty, known, onward
from tests.spec.persons_table import RULES, Row, day, frame

EXAMPLES = 3
TODAYS = ("02-16", "03-18", "04-22", "06-15", "12-28")
CODES = ("R402", "R403", "R404", "R406", "R503", "R504", "R505", "R506", "R507", "R508", "R509")
REGISTRATION = ("NOT_APPLICABLE", "PENDING", "ON_TIME", "LATE", "OVERDUE")
PATIENT = replace(RULES, answer_days=4000, withdrawal_days=4000, orphan_days=4000)
OF_TIME = ("since", "due", "wake", "held_until")  # what depends on the day on which a row came

Holds = Callable[[list[Row], date, Random], None]


def prove(holds: Holds) -> None:
    """Try a property on many lives, print what they were, fail if something never came."""
    census: Counter[str] = Counter(dict.fromkeys(_expected(), 0))

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None)
    @given(st.integers(0, 2**32), st.sampled_from(TODAYS))
    def run(seed: int, today: str) -> None:
        random = Random(seed)
        rows = [*lives(random), *certain(day(today))]
        census.update(_seen(_states(rows, day(today))))
        holds(rows, day(today), random)

    run()
    print("\n" + "\n".join(f"{count:6} {name}" for name, count in sorted(census.items())))
    assert not [name for name in _expected() if not census[name]], "never generated"


def _expected() -> list[str]:
    classes = {f"class {why.klass}" for why in REASONS.values()} | {"class OUT_OF_ORDER", "class ORPHAN_ACK"}
    return [
        *sorted(classes),
        *CODES,
        *(f"reason {reason}" for reason in REASONS),
        *(f"registration {state}" for state in REGISTRATION),
        *(f"lead {line.rule}" for line in LEADS),
    ]


def _seen(states: pl.DataFrame) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in states.iter_rows(named=True):
        found.update([f"class {row['class']}", f"reason {row['reason']}", *row["codes"]])
        found.update([f"registration {row['state']}"] if row["kind"] == "REGISTRATION" else [])
        found.update([f"lead {row['lead_rule']}"] if row["lead_rule"] else [])
    return found


def _states(rows: list[Row], today: date, rules: Rules = RULES) -> pl.DataFrame:
    read = frame(rows)
    return persons(present(read, reconcile(read, rules, today), today), rules, today)


def test_order_and_repetition_do_not_matter() -> None:
    """Any permutation of the rows, some of them twice in other files, leaves the same states."""

    def holds(rows: list[Row], today: date, random: Random) -> None:
        expected = _states(rows, today)
        again = [
            row | {"message_id": "again", "received_at": row["received_at"] + timedelta(days=2)}
            for row in random.sample(rows, 9)
        ]  # type: ignore[operator]
        shuffled = random.sample([*rows, *again], len(rows) + 9)
        assert _states(shuffled, today).equals(expected)

    prove(holds)


def test_days_of_arrival_do_not_matter() -> None:
    """Had the same rows been received on other days, all would be the same but what counts the days of waiting."""

    def holds(rows: list[Row], today: date, random: Random) -> None:
        moved = [row | _received(row, random.randrange(40)) for row in rows]
        here, there = (_states(some, today, PATIENT).drop(OF_TIME) for some in (rows, moved))
        assert here.equals(there)

    def _received(row: Row, days: int) -> Row:
        later = timedelta(days=days)
        return {"received_at": row["received_at"] + later, "received_on": row["received_on"] + later}  # type: ignore[operator]

    prove(holds)


def test_a_person_may_be_read_alone() -> None:
    """What concerns one person, with the referrals and events it names, gives her states as all rows together do."""

    def holds(rows: list[Row], today: date, random: Random) -> None:
        whole = _states(rows, today)
        for person in random.sample(sorted({str(row["sid"]) for row in rows if row["sid"]}), 4):
            entities = {row["entity_id"] for row in rows if row["sid"] == person}
            context = {row["about"] for row in rows if row["entity_id"] in entities and row["about"]}
            asked = {row["entity_id"] for row in rows if row["feed"] == "MOBI" and row["about"] in context}
            alone = [row for row in rows if row["sid"] == person or row["entity_id"] in entities | context | asked]
            mine = pl.col("sid") == person
            assert _states(alone, today).filter(mine).equals(whole.filter(mine))

    prove(holds)


def test_since_is_the_first_day_of_the_present_class() -> None:
    """Class and owner were the present ones on each day from `since`, and not on the day before."""

    def holds(rows: list[Row], today: date, random: Random) -> None:
        rows = [row for row in rows if row["received_on"] <= today]  # type: ignore[operator]
        states = _states(rows, today)
        agreed, open_ones = states.filter(pl.col("class") == "AGREED"), states.filter(pl.col("class") != "AGREED")
        assert agreed["since"].is_null().all()
        assert not open_ones["since"].is_null().any()
        for since in random.sample(sorted(set(open_ones["since"])), 2):
            then = open_ones.filter(pl.col("since") == since)
            between = since + timedelta(days=random.randint(0, (today - since).days))
            for on in {since, between}:
                assert _marks(rows, on, then["entity_id"]) == _marked(then)
            before = _marks(rows, since - timedelta(days=1), then["entity_id"])
            assert not before & _marked(then)

    def _marks(rows: list[Row], on: date, entities: pl.Series) -> set[tuple[object, ...]]:
        known = [row for row in rows if row["received_on"] <= on]  # type: ignore[operator]
        return _marked(_states(known, on).filter(pl.col("entity_id").is_in(entities.implode()))) if known else set()

    def _marked(states: pl.DataFrame) -> set[tuple[object, ...]]:
        return set(states.select("entity_id", "class", "owner").rows())

    prove(holds)


def test_time_alone_changes_nothing_before_the_row_is_woken() -> None:
    """With nothing new received, a row is what it was on every day up to the one before `wake`."""

    def holds(rows: list[Row], today: date, random: Random) -> None:
        known = [row for row in rows if row["received_on"] <= today]  # type: ignore[operator]
        states = _states(known, today)
        later = today + timedelta(days=random.choice((1, 2, 5, 9, 30, 100)))
        asleep = pl.col("wake").is_null() | (pl.col("wake") > later)
        same = states.filter(asleep).drop("wake")
        there = _states(known, later).filter(pl.col("entity_id").is_in(same["entity_id"].implode())).drop("wake")
        assert there.equals(same)

    prove(holds)


def test_the_clock_and_the_places_are_those_of_a_plain_reading() -> None:
    """Row by row, without frames: the same states of the duty, the same due days, the same answers beyond the quota."""

    def holds(rows: list[Row], today: date, _: Random) -> None:
        states = _states(rows, today)
        views = dict(states.filter(pl.col("kind") == "REFERRAL").select("entity_id", "forem_view").iter_rows())
        for row in states.filter((pl.col("kind") == "REGISTRATION") & pl.col("cpas").is_not_null()).iter_rows(
            named=True
        ):
            plain = duty.duty(rows, row["cpas"], row["sid"], views, RULES, today)
            assert (row["state"], row["cpas_view"], row["due"]) == (plain.state, plain.cpas_view, plain.due), row
        found = states.filter(pl.col("codes").list.contains("R508"))["entity_id"]
        assert set(found) == duty.beyond(rows)

    prove(holds)


def test_a_delay_begins_when_both_facts_are_known_without_interruption() -> None:
    """R504 and R505 count from the first of the days on which both sides' facts were known: read day by day, too."""
    met: Counter[str] = Counter()

    def holds(rows: list[Row], today: date, _: Random) -> None:
        for row in _states(rows, today).filter(pl.col("kind") == "SITUATION").iter_rows(named=True):
            of = [one for one in rows if (one["cpas"], one["sid"]) == (row["cpas"], row["sid"])]
            since = _since(rows, of, row, today)
            assert row["due"] == (_deadline(since) if since else None), row
            met.update([f"{row['entity_id'].split('|')[3]} {'known' if since else 'nothing'}"])
            last = max(one["received_on"] for one in of if one["entity_id"].endswith(row["entity_id"][12:]))
            met.update(["sent again" if since and since < last else "once"])  # type: ignore[operator]

    def _since(rows: list[Row], of: list[Row], row: Row, today: date) -> date | None:
        group, contract = str(row["entity_id"]).split("|")[3:]
        if group == "RI":
            return known.resumption(rows, str(row["cpas"]), str(row["sid"]), today)
        name = f"|{group}|{contract}"
        contracts = [one for one in of if one["feed"] == "SITU" and str(one["entity_id"]).endswith(name)]
        trainings = known.entities(rows, "FORM") if group == "CONTRACT" else []
        found = (known.clash(contracts, training, str(row["sid"]), today) for training in trainings)
        return min(filter(None, found), default=None)

    def _deadline(since: date) -> date:
        rule = RULES.deadline(pl.col("since"), RULES.withdrawal_days)
        return pl.DataFrame({"since": [since]}).select(rule).item()  # type: ignore[no-any-return]

    prove(holds)
    print(met)
    assert not {"RI known", "RI nothing", "CONTRACT known", "CONTRACT nothing", "sent again", "once"} - met.keys()


def test_a_child_belongs_to_its_parents_cpas() -> None:
    """A referral that no CPAS has sent has the CPAS of the referral that it names, if both are of one person."""
    met: Counter[str] = Counter()
    grave = {"CONTESTED_BY_FOREM", "ILLEGAL_STEP", "STALE_FOREM"}

    def holds(rows: list[Row], today: date, _: Random) -> None:
        states = _states(rows, today).filter(pl.col("kind") == "REFERRAL")
        sent = {str(row["entity_id"]) for row in rows if row["feed"] == "ORIE"}
        parents = {e: (c, s) for e, c, s in states.select("entity_id", "cpas", "sid").iter_rows() if e in sent}
        for row in states.filter(~pl.col("entity_id").is_in(sent)).iter_rows(named=True):
            cpas, what = onward.belongs(row["entity_id"], rows, parents)
            assert row["cpas"] == cpas, row
            assert ("R404" in row["codes"]) == (what == "NONE" and row["forem_view"] != "NONE"), row
            assert what == "NONE" or row["reason"] in {what} | (grave if what == "SENT_ONWARD" else set()), row
            met.update([what])

    prove(holds)
    print(met)
    assert not {"SENT_ONWARD", "OTHER_PERSON", "NONE"} - met.keys()


def test_a_state_is_consistent() -> None:
    """One row an entity; an owner where something is open and nowhere else; due where something is pending."""

    def holds(rows: list[Row], today: date, _: Random) -> None:
        states = _states(rows, today)
        assert states["entity_id"].is_unique().all()
        assert states.select((pl.col("class") == "AGREED") == pl.col("owner").is_null()).to_series().all()
        pending = states.filter(pl.col("class") == "PENDING")
        assert (pending["due"] >= today).all()
        assert states.select(pl.col("wake").is_null() | (pl.col("wake") > today)).to_series().all()
        assert (
            states.filter(pl.col("codes").list.contains("R503") & (pl.col("kind") != "REFERRAL"))["cpas"]
            .is_null()
            .all()
        )
        assert states.select(pl.col("codes") == pl.col("codes").list.sort()).to_series().all()

    prove(holds)
