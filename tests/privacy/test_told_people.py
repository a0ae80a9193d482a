"""Every feed about persons between two CPAS and Le Forem: whom each file tells of, opened with its recipient's key."""

from collections import defaultdict
from datetime import date

import pytest
from play import Exchange
from scene import ANNA, CPAS, FOREM, OTHER, Row, Scene, row

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 3, day) for day in (9, 10, 11))
FEEDS = ("ORIE", "STAT", "SITU", "INSC", "FORM", "MANQ", "MOBI", "RECO")


def niss_of(birth: str) -> str:
    """The invented number (order 000) of somebody born on that day of the last century, yymmdd."""
    return f"{birth}000{97 - int(birth + '000') % 97:02d}"


PEOPLE = {  # who is oriented by whom
    "anna": (ANNA["niss"], (CPAS,)),
    "bert": (niss_of("880214"), (OTHER,)),
    "cleo": (niss_of("910623"), (CPAS, OTHER)),
    "dirk": (niss_of("790105"), ()),  # known to Le Forem alone
}
NISS = {name: niss for name, (niss, _) in PEOPLE.items()}


def about(feed: str, name: str, cpas: str, n: int, **more: str) -> Row:
    """A row of a feed about somebody, of or for one CPAS."""
    niss = NISS[name]
    born = f"19{niss[:2]}-{niss[2:4]}-{niss[4:6]}"
    made = row(feed, cpas, **more) | {"niss": niss}
    named = {"birth_date": born, "sex": "2", "referral_id": f"R{cpas[1:]}-2026-{n:06d}", "cpas_dossier_ref": f"D{n}"}
    named |= {"enrolment_id": f"E-{n}", "breach_id": f"B-{n}", "forem_person_id": f"F{n:07d}"}
    return made | {column: value for column, value in named.items() if column in made}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], set[str]]:
    """Whom each file of each recipient tells of, after three days in which everything is sent about everybody."""
    folder = tmp_path_factory.mktemp("told")
    scene = Scene(folder / "scene", Exchange(folder / "made", cpas=f"{CPAS},{OTHER}").prepare())
    pairs = [(name, cpas, n) for n, (name, (_, of)) in enumerate(PEOPLE.items(), 1) for cpas in of]
    for cpas in (CPAS, OTHER):
        rows = [about("ORIE", name, cpas, n) for name, of, n in pairs if of == cpas]
        scene.send(MONDAY, "ORIE", *rows, sender=cpas)
        scene.send(MONDAY, "SITU", *(about("SITU", name, cpas, n) for name, of, n in pairs if of == cpas), sender=cpas)
    scene.send(MONDAY, "JOBD", row("JOBD"))
    scene.send(MONDAY, "MOBI", *(about("MOBI", name, CPAS, n) for name, of, n in pairs if of == CPAS))
    scene.run(MONDAY)
    scene.on(TUESDAY, "STAT", *(about("STAT", name, cpas, n) for name, cpas, n in pairs))
    everybody = [(name, (of or (CPAS,))[0], n) for n, (name, (_, of)) in enumerate(PEOPLE.items(), 1)]
    scene.send(WEDNESDAY, "INSC", *(about("INSC", name, cpas, n) for name, cpas, n in everybody))
    for feed in ("FORM", "MANQ"):  # Cleo's name the referral of our CPAS; Dirk's one that nobody sent
        scene.send(WEDNESDAY, feed, *(about(feed, name, cpas, n) for name, cpas, n in everybody))
    scene.run(WEDNESDAY)
    return whom(scene)


def whom(scene: Scene) -> dict[tuple[str, str], set[str]]:
    names = {niss: name for name, niss in NISS.items()}
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for recipient in (CPAS, OTHER, FOREM):
        for feed in FEEDS:
            rows = scene.told(recipient, feed)
            assert all(line["identity_niss"] for line in rows)
            found[recipient, feed] |= {names[str(line["identity_niss"])] for line in rows}
    return found


def test_each_cpas_is_told_of_its_own_people(told: dict[tuple[str, str], set[str]]) -> None:
    """A CPAS's files are about whom it oriented; a training or breach on the other's referral is not in them."""
    everything = {"STAT", "INSC", "FORM", "MANQ", "RECO"}
    assert {feed: told[CPAS, feed] for feed in FEEDS if told[CPAS, feed]} == {f: {"anna", "cleo"} for f in everything}
    assert {feed: told[OTHER, feed] for feed in FEEDS if told[OTHER, feed]} == {
        feed: {"bert"} if feed in {"FORM", "MANQ"} else {"bert", "cleo"} for feed in everything
    }


def test_le_forem_is_told_of_those_it_has_to_do_with(told: dict[tuple[str, str], set[str]]) -> None:
    """Le Forem is passed what the CPAS state; its own statements about a stranger come back to it in the view alone."""
    oriented = {"anna", "bert", "cleo"}
    assert told[FOREM, "ORIE"] == told[FOREM, "SITU"] == oriented
    assert told[FOREM, "MOBI"] == {"anna", "cleo"}
    assert told[FOREM, "RECO"] == oriented | {"dirk"}
    assert not any(told[FOREM, feed] for feed in ("STAT", "INSC", "FORM", "MANQ"))
