"""The registry that is checked in, and its answers by date."""

import hashlib
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from stdnum.be import vat

from contracts.model import FileFormat
from hub import verify
from hub.calendar import load_calendar
from hub.envelope_kinds import Agreed
from hub.errors import OperatorError
from hub.partners import Kind, Partner, Registry, Succession, load_registry
from hub.partners_check import check
from hub.plans import AXES, DECREE, EVERYONE, FEEDS

FOLDER = Path(__file__).parents[2] / "partners"
CALENDAR = load_calendar(FOLDER / "calendar.toml")[0]
BEFORE, AFTER = date(2024, 12, 31), date(2025, 1, 1)


@pytest.fixture(scope="module")
def registry() -> Registry:
    """The registry that is checked in."""
    return load_registry(FOLDER)


def test_the_registry_in_git_has_no_problem() -> None:
    """The folder that is checked in passes its own check."""
    assert check(FOLDER) == []


def test_today_there_are_252_cpas_of_forem_and_9_of_the_adg(registry: Registry) -> None:
    """The communes of today are the 261 of Wallonia, 9 of them outside Le Forem's territory."""
    today = [partner for partner in registry.on(AFTER) if partner.kind is Kind.CPAS]
    services = [partner.service for partner in today]
    assert (services.count("FOREM"), services.count("ADG")) == (252, 9)
    assert len(registry.cpas()) == 274
    assert len(registry.list()) == 277


def test_forem_is_one_partner_with_a_true_enterprise_number(registry: Registry) -> None:
    """Le Forem has its own id, no commune, and an enterprise number that an independent library accepts."""
    assert registry.forem is registry.get("900001")
    assert (registry.forem.kind, registry.forem.nis, registry.forem.encoding) == (Kind.FOREM, "", "utf-8")
    assert 'bce = "0236363165"' in (FOLDER / "forem.toml").read_text(encoding="utf-8")
    assert vat.is_valid("0236363165")


def test_every_cpas_of_liege_signed_in_2024(registry: Registry) -> None:
    """The 24 CPAS of the arrondissement of Liège may exchange from the end of 2024 on."""
    liege = [partner for partner in registry.cpas() if partner.arrondissement_nis == "62000"]
    assert len(liege) == 24
    assert all(p.convention_signed_on and p.convention_signed_on.year == 2024 for p in liege)
    assert all(registry.may_exchange(p.partner_id, BEFORE) for p in liege)


def _hash(word: str, nis: str) -> int:
    return int(hashlib.sha256(f"{word}:{nis}".encode()).hexdigest()[:8], 16)


Row = tuple[date, str, str, str, str]  # since, axes, without, extra, calendar


def _invented(partner: Partner) -> tuple[date | None, list[Row]]:
    nis, end = partner.nis, partner.valid_until
    bound = nis in {"82003", "82005", "82039"} or nis.startswith("62")
    if partner.service == "ADG" or (end and end.year < 2024):
        return None, []
    if not bound and _hash("unsigned", nis) % 24 == 0:
        return None, []
    last = date(2024, 12, 20) if bound else date(2025, 12, 19)
    first = date(2024, 4, 2)
    signed = first + timedelta(_hash("convention", nis) % ((last - first).days + 1))
    while not CALENDAR.is_working_day(signed):
        signed -= timedelta(1)
    signed = date(2025, 1, 1) if nis == "82039" else signed
    axes = "|".join(["1", *["2"][: _hash("axes", nis) & 1], *["3"][: _hash("axes", nis) >> 1 & 1], "4"])
    rows = [_plan(nis, signed, axes)]
    if axes != "1|2|3|4" and end is None and (nis == "62063" or _hash("review", nis) % 6 == 0):
        rows.append(_plan(nis, date(2026, 1, 1), "1|2|3|4"))
    return signed, rows


def _plan(nis: str, since: date, axes: str) -> Row:
    fifth = _hash("display", nis) % 5 == 0
    without = "JOBD|MOBI" if fifth and "3" in axes and not nis.startswith("62") else ""
    extra = "OFFR" if fifth and "3" not in axes else ""
    return since, axes, without, extra, "" if _hash("calendar", nis) % 4 else "ORIE:weekly|SITU:monthly"


def test_invented_conventions_follow_the_rule_that_the_readme_states(registry: Registry) -> None:
    """Every convention date and plan in the registry can be found again from the NIS code alone."""
    written: dict[str, list[Row]] = {}
    for line in (FOLDER / "plans.csv").read_text(encoding="utf-8").splitlines()[1:]:
        partner, since, axes, without, extra, calendar, _function, phone, email = line.split(";")
        written.setdefault(partner, []).append((date.fromisoformat(since), axes, without, extra, calendar))
        assert (phone, email.endswith(".example")) == (f"+320{partner}", True), "an address that nobody can have"
    found = {p.nis: (p.convention_signed_on, written.get(p.partner_id, [])) for p in registry.cpas()}
    assert found == {p.nis: _invented(p) for p in registry.cpas()}


def test_some_cpas_have_not_signed_and_may_not_exchange(registry: Registry) -> None:
    """A current CPAS of Le Forem's territory without a convention stays outside, whatever the day."""
    unsigned = [p for p in registry.on(AFTER) if p.kind is Kind.CPAS and p.service == "FOREM" and not p.legal_basis]
    assert len(unsigned) == 8
    assert not any(registry.may_exchange(p.partner_id, date(2026, 6, 1)) for p in unsigned)


def test_an_adg_commune_may_never_exchange(registry: Registry) -> None:
    """Eupen is in Wallonia but its service of employment is not Le Forem."""
    eupen = registry.get("063023")
    assert eupen is not None
    assert eupen.service == "ADG"
    assert not registry.may_exchange("063023", date(2026, 6, 1))


@pytest.mark.parametrize(
    ("partner", "day", "may"),
    [
        ("082005", date(2024, 9, 9), False),
        ("082005", date(2024, 9, 10), True),
        ("082005", BEFORE, True),
        ("082005", AFTER, False),
        ("082039", BEFORE, False),
        ("082039", AFTER, True),
        ("055022", AFTER, False),
        ("900001", date(2024, 3, 18), False),
        ("900001", date(2024, 3, 19), True),
        ("123456", AFTER, False),
    ],
)
def test_exchange_opens_with_the_convention_and_ends_with_the_code(
    registry: Registry, partner: str, day: date, may: bool
) -> None:
    """A partner may exchange from the day of its legal basis to the last day of its code, both included."""
    assert registry.may_exchange(partner, day) is may


def test_an_orientation_of_bertogne_in_2024_is_answered_to_bastogne_in_2025(registry: Registry) -> None:
    """From the day of the merger the new commune answers for both old ones, and not a day before."""
    assert registry.successor("082005", BEFORE) == "082005"
    assert registry.successor("082005", AFTER) == "082039"
    assert registry.owner_of_nis("82005", BEFORE) == "082005"
    assert registry.owner_of_nis("82005", AFTER) == "082039"
    assert registry.owner_of_nis("82039", BEFORE) is None
    assert registry.entitled_nis("082039", AFTER) == {"82003", "82005", "82039"}
    assert registry.entitled_nis("082039", BEFORE) == frozenset()
    assert registry.entitled_nis("082005", AFTER) == frozenset()
    assert registry.predecessors("082039", AFTER) == ("082003", "082005")


def test_an_old_code_of_hainaut_leads_to_the_code_of_2019(registry: Registry) -> None:
    """La Louvière's old code, still found in exports of CPAS software, belongs to the commune of today."""
    assert registry.owner_of_nis("55022", AFTER) == "058001"
    assert registry.successor("055022", date(2018, 12, 31)) == "055022"


@pytest.mark.parametrize("day", [date(2018, 12, 31), date(2019, 1, 1), BEFORE, AFTER])
def test_every_code_has_one_owner_on_every_day(registry: Registry, day: date) -> None:
    """A code is in the codes of a CPAS exactly when that CPAS is its owner on that day."""
    codes = [partner.nis for partner in registry.cpas()]
    owned = {nis: registry.owner_of_nis(nis, day) for nis in codes}
    entitled = {p.partner_id: registry.entitled_nis(p.partner_id, day) for p in registry.cpas()}
    assert entitled == {key: frozenset(nis for nis, owner in owned.items() if owner == key) for key in entitled}


def test_unknown_ids_and_forem_answer_for_themselves(registry: Registry) -> None:
    """A question about an id that is no CPAS has an answer and is never an error."""
    assert registry.get("123456") is None
    assert registry.successor("123456", AFTER) == "123456"
    assert registry.successor("900001", AFTER) == "900001"
    assert registry.entitled_nis("900001", AFTER) == registry.entitled_nis("123456", AFTER) == frozenset()
    assert registry.owner_of_nis("12345", AFTER) is None


def _cpas(nis: str, **changes: object) -> Partner:
    fields: dict[str, object] = {
        "partner_id": f"0{nis}",
        "kind": Kind.CPAS,
        "nis": nis,
        "name": nis,
        "arrondissement_nis": f"{nis[:2]}000",
        "service": "FOREM",
        "convention_signed_on": None,
        "legal_basis": "",
        "encoding": "utf-8",
        "valid_from": date(1977, 1, 1),
        "valid_until": None,
    }
    return Partner(**{**fields, **changes})  # type: ignore[arg-type]


def _registry(partners: list[Partner], steps: list[Succession]) -> Registry:
    bases = {"CONV2024": date(2024, 3, 19), "DECR2025": date(2026, 1, 1)}
    return Registry({p.partner_id: p for p in partners}, {s.old_nis: s for s in steps}, {}, bases)


def test_a_chain_of_successions_is_followed_as_far_as_the_day_allows() -> None:
    """A code recoded and then merged is answered by each holder in its turn."""
    first, second = date(2019, 1, 1), date(2027, 1, 1)
    chain = _registry(
        [
            _cpas("55001", valid_until=date(2018, 12, 31)),
            _cpas("58009", valid_from=first, valid_until=date(2026, 12, 31)),
            _cpas("58010", valid_from=second),
        ],
        [Succession("55001", "58009", first, "recode"), Succession("58009", "58010", second, "merger")],
    )
    days = (date(2018, 6, 1), date(2026, 12, 31), second)
    assert [chain.owner_of_nis("55001", day) for day in days] == ["055001", "058009", "058010"]
    assert chain.entitled_nis("058010", second) == {"55001", "58009", "58010"}


def test_a_cycle_does_not_hang_a_question() -> None:
    """Even a registry built by hand with a cycle answers, although loading refuses such a folder."""
    day = date(2019, 1, 1)
    cycle = _registry(
        [_cpas("55001"), _cpas("58009")],
        [Succession("55001", "58009", day, "recode"), Succession("58009", "55001", day, "recode")],
    )
    assert cycle.successor("055001", day) == "055001"
    assert cycle.entitled_nis("055001", day) == {"55001", "58009"}


def test_the_decree_opens_an_exchange_without_a_convention_from_its_own_first_day() -> None:
    """A CPAS under the decree may exchange once it is in force, or from its own convention if earlier."""
    registry = _registry(
        [
            _cpas("62001", legal_basis="DECR2025"),
            _cpas("62002", legal_basis="DECR2025", convention_signed_on=date(2025, 5, 5)),
        ],
        [],
    )
    assert [registry.may_exchange("062001", day) for day in (date(2025, 12, 31), date(2026, 1, 1))] == [
        False,
        True,
    ]
    assert [registry.may_exchange("062002", day) for day in (date(2025, 5, 4), date(2025, 5, 5))] == [
        False,
        True,
    ]


def test_a_registry_with_a_problem_does_not_load(tmp_path: Path) -> None:
    """A folder that lacks its files stops the hub with an error for the operator, which names the files."""
    with pytest.raises(OperatorError, match=r"8 problem.*cpas.csv:0") as caught:
        load_registry(tmp_path)
    assert caught.value.exit_code == 11


def test_a_partner_writes_its_files_as_it_declared(tmp_path: Path) -> None:
    """A row of formats.csv changes how that partner's files are read from its day on, and nobody else's."""
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "formats.csv").open("a", encoding="utf-8") as formats:
        formats.write("062063;2026-03-09;xlsx;semicolon;double;iso\n")  # the order of the rows means nothing
        formats.write("062063;;csv;tab;single;dmy\n900001;;xlsx;semicolon;double;iso\n")
    registry = load_registry(tmp_path)
    assert registry.form("062063", date(2026, 3, 8)) == FileFormat("csv", "utf-8", "\t", "'", "dmy")
    assert registry.form("062063", date(2026, 3, 9)).kind == "xlsx"
    assert registry.form("900001", AFTER).kind == "xlsx"
    assert registry.form("025005", AFTER) == registry.form("123456", AFTER) == FileFormat()


def test_a_partner_is_told_in_the_version_that_it_agreed_to(tmp_path: Path) -> None:
    """A row of versions.csv holds from its day on, for that feed and partner; everybody else reads version 1."""
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "versions.csv").open("a", encoding="utf-8") as versions:
        versions.write("062063;INSC;1;2026-04-01\n062063;INSC;2;2026-03-09\n")  # the order means nothing
    registry = load_registry(tmp_path)
    days = [date(2026, 3, 8), date(2026, 3, 9), date(2026, 3, 31), date(2026, 4, 1)]
    assert [registry.version("062063", "INSC", day) for day in days] == [1, 2, 2, 1]
    assert registry.version("062063", "STAT", AFTER) == registry.version("062096", "INSC", days[1]) == 1


def test_a_partners_files_travel_as_it_agreed(tmp_path: Path) -> None:
    """A row of envelopes.csv holds from its day on, each way by itself; where none says otherwise files are signed."""
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "envelopes.csv").open("a", encoding="utf-8") as envelopes:
        envelopes.write("062063;2026-04-01;SIGNED;CMS\n062063;2026-03-09;HPKE;SIGNED\n")  # the order means nothing
    registry = load_registry(tmp_path)
    days = [date(2026, 3, 8), date(2026, 3, 9), date(2026, 4, 1)]
    found = [registry.envelope("062063", day) for day in days]
    assert [(one.sends, one.receives) for one in found] == [("BARE", "SIGNED"), ("HPKE", "SIGNED"), ("SIGNED", "CMS")]
    assert registry.envelope("062096", AFTER) == Agreed("BARE", "SIGNED")
    assert registry.envelope("099999", AFTER) == Agreed("SIGNED", "SIGNED"), "nobody is bare unless it is written"


def test_a_change_of_plan_takes_effect_on_its_day(registry: Registry) -> None:
    """The day before it the old axes hold, from the day on the new ones; before the first plan there is no axis."""
    first, changed, yesterday = date(2024, 4, 12), date(2026, 1, 1), date(2025, 12, 31)
    assert (registry.plan("062063", date(2024, 4, 11)).since, registry.plan("062063", first).since) == (None, first)
    assert registry.plan("062063", yesterday).axes == (1, 2, 4)
    assert registry.plan("062063", changed).axes == (1, 2, 3, 4)
    gained = registry.plan("062063", changed).feeds - registry.plan("062063", yesterday).feeds
    assert gained == {"OFFR", "JOBD", "MOBI", "MANQ"}, "MANQ by the decree, which begins that day too"


def test_the_decree_brings_its_feeds_whatever_the_plan_says(registry: Registry) -> None:
    """Registrations and breaches belong to every CPAS from the decree's first day; receipts always did."""
    unsigned = "053065"
    assert registry.plan(unsigned, date(2025, 12, 31)).feeds == EVERYONE
    assert registry.plan(unsigned, date(2026, 1, 1)).feeds == EVERYONE | {"INSC", "MANQ"}
    assert registry.plan("082039", AFTER).feeds == EVERYONE | {"ORIE", "STAT", "INSC", "SITU"}


def test_feeds_are_left_out_and_added_one_by_one(registry: Registry) -> None:
    """A CPAS of axis 3 may want the offers without the job days, one outside it the offers alone."""
    display = registry.plan("082009", date(2025, 6, 2))
    assert (3 in display.axes, display.feeds & {"OFFR", "JOBD", "MOBI"}) == (True, {"OFFR"})
    extra = registry.plan("082005", BEFORE)
    assert (3 in extra.axes, extra.feeds & {"OFFR", "JOBD", "MOBI"}) == (False, {"OFFR"})


def test_a_successor_has_its_own_plan_and_inherits_none(registry: Registry) -> None:
    """Bastogne's plan of 2025 is its own: the extra feed of Bertogne ended with Bertogne."""
    assert registry.plan("082005", BEFORE).contact != registry.plan("082039", AFTER).contact
    assert registry.plan("082005", AFTER).feeds == frozenset()
    assert "OFFR" not in registry.plan("082039", AFTER).feeds


def test_forem_takes_part_in_every_feed_and_a_stranger_in_none(registry: Registry) -> None:
    """Le Forem has no plan of its own: it serves all four axes."""
    assert registry.plan("900001", AFTER).feeds == FEEDS
    sent = {feed for kind, feeds in verify.FEEDS.items() for feed in feeds if kind is not Kind.REGISTERS}
    assert sent <= FEEDS
    assert registry.plan("123456", AFTER).feeds == frozenset()


def test_the_registers_tell_of_numbers_and_of_nothing_else(registry: Registry) -> None:
    """They exchange by their own law, whatever the conventions: MUTA, and no feed of anybody else's."""
    assert registry.may_exchange("900002", date(2020, 1, 1))
    assert registry.plan("900002", AFTER).feeds == {"MUTA"} == set(verify.FEEDS[Kind.REGISTERS])
    assert registry.entitled_nis("900002", AFTER) == frozenset()


def test_every_cpas_that_may_exchange_has_a_plan(registry: Registry) -> None:
    """Since each signature there is a plan, with a contact and axes 1 and 4."""
    for partner in registry.cpas():
        if partner.convention_signed_on:
            plan = registry.plan(partner.partner_id, partner.convention_signed_on)
            assert plan.contact is not None
            assert {1, 4} <= set(plan.axes)


def test_the_page_for_partners_lists_the_feeds_of_each_axis() -> None:
    """What a CPAS reads about its axes is what the code does."""
    page = (FOLDER.parent / "docs/partners/plan.md").read_text(encoding="utf-8")
    told = {line[2]: frozenset(re.findall("`([A-Z]{4})`", line)) for line in page.splitlines() if line[:2] == "| "}
    assert {axis: told[str(axis)] for axis in AXES} == AXES
    assert (told["d"], told["t"]) == (DECREE, EVERYONE), "the rows of the decree and of what everyone receives"
