"""Whether a CPAS names somebody whom the exchange knows or nobody at all: what comes back is the same in form."""

import json
import re
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from play import Exchange
from scene import ANNA, CPAS, FOREM, OTHER, Row, Scene, row
from test_succession import OLD, muta

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 3, n) for n in (9, 10, 11, 12))
DRAWN = {  # what is drawn at random or follows from it; its form is compared
    "subject_token": re.compile(r"w1\.[a-z2-7]{4}\.[A-Za-z0-9_-]{43}"),
    "sealed_identity": re.compile(r"c1\.[a-z2-7]{8}\.[A-Za-z0-9_-]+"),
    "sealed_local_ref": re.compile(r"c1\.[a-z2-7]{8}\.[A-Za-z0-9_-]+"),
}
OF_CONTENT = ("sha256", "previous", "checkpoint", "signature")  # of a manifest
met: Counter[str] = Counter()


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scene, Scene]:
    """Two that differ in one person: in the second the other CPAS, Le Forem and the registers have spoken of her."""
    prepared = Exchange(tmp_path_factory.mktemp("prepared"), cpas=f"{CPAS},{OTHER}").prepare()
    others = {"niss": "85073199902", "last_name": "Autre", "first_name": "Une", "birth_date": "1985-07-31"}
    scenes = []
    for name, person in (("nobody", others), ("somebody", ANNA)):
        scene = Scene(tmp_path_factory.mktemp(name), prepared)
        scene.send(MONDAY, "ORIE", row("ORIE", CPAS, **person))
        scene.send(MONDAY, "SITU", row("SITU", CPAS, niss=person["niss"]))
        scene.on(MONDAY, "JOBD", row("JOBD"))
        scene.send(TUESDAY, "STAT", row("STAT", niss=person["niss"]))
        scene.send(TUESDAY, "FORM", row("FORM", niss=person["niss"]))
        scene.send(TUESDAY, "MANQ", row("MANQ", niss=person["niss"]))
        scene.on(TUESDAY, "INSC", row("INSC", niss=person["niss"]))
        scene.on(TUESDAY, "MUTA", muta(OLD, person["niss"]) if person is ANNA else muta("85273100074", person["niss"]))
        scenes.append(scene)
    return scenes[0], scenes[1]


def probe(number: str, feed: str, version: int, notice: str) -> tuple[str, Row]:
    """One row of the other CPAS on a number, good in form."""
    person = dict(ANNA, niss=number) if feed == "ORIE" else {"niss": number}
    if feed == "ORIE" and number == OLD:
        person["birth_date"] = "1985-07-31"
    made = row(feed, OTHER, **person, version=str(version), notice_status=notice)
    met.update([feed, f"{feed} under the old number" if number == OLD else feed, f"status {notice}"])
    return feed, made


ASKED = st.tuples(st.sampled_from(["ORIE", "SITU", "MOBI"]), st.integers(1, 2), st.sampled_from(["0", "0", "1", "9"]))
DAYS = st.lists(st.lists(ASKED, min_size=1, max_size=4), min_size=1, max_size=2)


def form(path: Path) -> object:
    """A file as an outsider sees it: its name, its size, and every byte but those drawn at random."""
    if path.name.startswith("GO."):
        manifest = json.loads(path.read_text())
        return path.name, {k: len(str(v)) if k in OF_CONTENT else v for k, v in manifest.items()}
    text = path.read_text("utf-8")
    for shape in DRAWN.values():
        text = shape.sub(lambda found: f"<{len(found.group())}>", text)
    text = re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", text)
    return path.name, path.stat().st_size, sorted(text.splitlines())


def mailbox(scene: Scene) -> list[object]:
    """All that lies in the mailbox of the CPAS that asks."""
    return [form(path) for path in sorted((scene.exchange.mailbox(OTHER) / "out").iterdir()) if path.is_file()]


@settings(
    max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.generate]
)
@given(st.sampled_from([ANNA["niss"], OLD]), DAYS)
def test_no_answer_tells_whether_a_person_is_known(
    worlds: tuple[Scene, Scene],
    tmp_path_factory: pytest.TempPathFactory,
    number: str,
    days: list[list[tuple[str, int, str]]],
) -> None:
    """Whatever a CPAS writes of somebody whom it does not serve, on however many days: the same files, the same sizes,
    the same bytes but for what is drawn at random, whose form and length are the same."""
    asked = [[probe(number, *one) for one in some] for some in days]
    seen = []
    for world in worlds:
        folder = tmp_path_factory.mktemp("asked")
        scene = world.copy(folder)
        for day, rows in zip((WEDNESDAY, THURSDAY), asked, strict=False):
            for feed in ("ORIE", "SITU", "MOBI"):
                if some := [one for name, one in rows if name == feed]:
                    scene.send(day, feed, *some, sender=OTHER)
            scene.exchange.require(scene.exchange.half_day(day, "EVENING"))
        seen.append(mailbox(scene))
        shutil.rmtree(folder)
    assert seen[0], "something was answered"
    assert seen[0] == seen[1], (number == OLD, days, [pair for pair in zip(*seen, strict=False) if pair[0] != pair[1]])
    met.update(["a case"])


def test_an_answer_that_tells_is_seen(worlds: tuple[Scene, Scene], tmp_path: Path) -> None:
    """The comparison finds what Le Forem's answer to a referral of that CPAS changes: it is not blind."""
    scenes = [world.copy(tmp_path / str(n)) for n, world in enumerate(worlds)]
    for scene in scenes:
        scene.on(WEDNESDAY, "ORIE", probe(ANNA["niss"], "ORIE", 1, "0")[1], sender=OTHER)
    assert mailbox(scenes[0]) == mailbox(scenes[1])
    for scene in scenes:
        scene.on(THURSDAY, "STAT", row("STAT", referral_id="R62096-2026-000001"), sender=FOREM)
    assert mailbox(scenes[0]) != mailbox(scenes[1])


def test_every_kind_of_question_was_asked() -> None:
    """Each feed, under either number, stated and cancelled."""
    for name, count in sorted(met.items()):
        print(f"{count:5} {name}")
    wanted = {"ORIE", "SITU", "MOBI", "ORIE under the old number", "SITU under the old number", "status 0", "status 9"}
    assert not wanted - met.keys()
