"""From records of the open data to rows of OFFR: what is taken, what is left out, and which version it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import job_offers_v1
from hub.open_offers import ATTRIBUTION, CONTRACTS, Known, read, rows
from simulators.open_data import offer

PLACES = {"4000": "62063", "4020": "62063", "6600": "82003"}
NOW = datetime(2026, 3, 9, 5, tzinfo=UTC)


def one(**changed: Any) -> dict[str, str]:
    """The values of one record, changed."""
    found = read([offer(4_000_001, "4000", **changed)], PLACES)
    (values,) = found.values.values()
    return dict(values)


def test_a_record_becomes_an_offer() -> None:
    """Codes for labels, communes for postal codes; the employer's name is nowhere."""
    values = one(lieuxtravailcodepostal=["4020", "4000", "1000"], nombrepostes=3)
    assert values == {
        "offer_number": "4000001",
        "title": "Magasinier (H/F/X)",
        "rome": "N1103",
        "contract_type": "CDI",
        "regime": "FT",
        "positions": "3",
        "work_nis": "62063",
        "work_postal_codes": "1000|4000|4020",
        "work_nuts": "BE|BE3",
        "languages": "fr",
        "driving_license": "B",
        "published_from": "2026-03-02",
        "published_until": "2026-04-30",
        "source": "LE_FOREM",
        "url": "https://www.leforem.be/recherche-offres/offre-detail/4000001",
        "attribution": "Le Forem, CC BY-SA 4.0",
    }
    assert "exemple" not in str(values)


def test_the_words_are_those_of_the_contract() -> None:
    """Every code given here is one of OFFR, whose every kind of contract has a label; so is the attribution."""
    assert set(CONTRACTS.values()) == set(job_offers_v1.CONTRACT_TYPE)
    assert ATTRIBUTION == job_offers_v1.ATTRIBUTION
    assert set(one()) <= set(job_offers_v1.CONTRACT.columns)


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("Durée indéterminée", "CDI"),
        ("DURÉE INDÉTERMINÉE", "CDI"),
        ("Contrat d’apprentissage", "APPRENTICE"),
        ("Inconnu", ""),
        (None, ""),
    ],
)
def test_labels_are_read_whatever_their_case(label: str | None, code: str) -> None:
    """Case and apostrophe vary in the real data; an unknown label is no code."""
    assert one(typecontrat=label)["contract_type"] == code


def test_a_title_is_kept_in_the_characters_of_a_title() -> None:
    """What a title may not have becomes a blank, and it begins with a letter or a digit."""
    assert one(titreoffre=" *** Vendeur ; « soir »\n@ Liège ")["title"] == "Vendeur soir Liège"
    assert len(one(titreoffre="é" * 300)["title"]) == 120


def test_only_offers_of_wallonia_are_taken() -> None:
    """One with a place in Wallonia, or without any place; not one of elsewhere alone."""
    records = [
        offer(1, "1000", lieuxtravailregionnuts=["BE", "BE1"]),
        offer(2, "1000", lieuxtravailregionnuts=["BE", "BE1", "BE33"]),
        offer(3, "", lieuxtravailcodepostal=None, lieuxtravailregionnuts=None),
        offer(4, "4000", lieuxtravailregionnuts=None),
    ]
    found = read(records, PLACES)
    assert (sorted(found.values), found.elsewhere, found.unusable) == (["2", "3", "4"], 1, 0)


def test_a_record_without_a_number_or_with_one_seen_before_is_counted() -> None:
    """Neither can be said of an offer; the first of two counts."""
    records = [offer(1, "4000"), offer(1, "6600"), offer(2, "4000", numerooffreforem=None), {}]
    found = read(records, PLACES)
    assert (list(found.values), found.unusable) == (["1"], 3)
    assert found.values["1"]["work_nis"] == "62063"


def test_a_version_rises_when_something_else_is_said() -> None:
    """The same record keeps its version and its first day; a changed one has a higher version, and that day still."""
    first, known = rows(read([offer(1, "4000"), offer(2, "4000")], PLACES), {}, NOW)
    later = NOW + timedelta(days=1)
    second, after = rows(read([offer(1, "4000"), offer(2, "4000", titreoffre="Cariste")], PLACES), known, later)
    assert second[0]["version"] == first[0]["version"]
    assert int(second[1]["version"]) == int(first[1]["version"]) + 24 * 60
    assert {row["first_seen"] for row in (*first, *second)} == {"2026-03-09"}
    assert after["1"] == known["1"]
    assert after["2"] != known["2"]


def test_versions_rise_though_everything_was_forgotten() -> None:
    """What is said anew by a hub that lost what it knew stands above what was said before."""
    first, _ = rows(read([offer(1, "4000")], PLACES), {}, NOW)
    again, _ = rows(read([offer(1, "4000")], PLACES), {}, NOW + timedelta(minutes=1))
    assert int(again[0]["version"]) > int(first[0]["version"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda held: st.lists(held, max_size=3),
    max_leaves=4,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from([*offer(1, "4000")]), JSON), max_size=6))
def test_any_record_is_read_or_counted(records: list[dict[str, Any]]) -> None:
    """Whatever a field holds: an offer, one of elsewhere, or of no use; every cell is one line of text."""
    found = read(records, PLACES)
    assert len(found.values) + found.unusable + found.elsewhere == len(records)
    said, known = rows(found, {"1": Known("2026-01-01", 1, "")}, NOW)
    assert set(known) == set(found.values)
    assert all(isinstance(cell, str) and "\n" not in cell for row in said for cell in row.values())
