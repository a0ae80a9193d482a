"""Pseudonymisation: what is derived, what is sealed, and to whom."""

from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from contracts import (
    breaches_v1,
    mobilisations_v1,
    orientations_v1,
    registrations_v1,
    registrations_v2,
    statuses_v1,
    training_catalogue_v1,
    trainings_v1,
)
from contracts.model import Contract
from hub.keys import Key, PartnerKey, public_key_id
from hub.model import FOREM, Event
from hub.pseudonymise import Row, Tokens, build_capsules, build_event, index, open_capsule, seal

KEY = Key("abcd", "token", "active", "2026-03-09", bytes(range(32)))
NOW = datetime(2026, 3, 9, 7, tzinfo=UTC)
sids = st.binary(min_size=16, max_size=16).map(bytes.hex)


def partner(recipient: str) -> tuple[PartnerKey, X25519PrivateKey]:
    private = X25519PrivateKey.generate()
    return PartnerKey(public_key_id(private.public_key()), recipient, private.public_key()), private


def row(**changed: str | None) -> Row:
    base: dict[str, str | None] = dict.fromkeys(orientations_v1.CONTRACT.columns) | {
        "line": "2",
        "notice_id": "N1",
        "version": "1",
        "notice_status": "0",
        "effective_date": "2026-03-09",
        "recorded_at": "2026-03-09T08:00:00+01:00",
        "referral_id": "R62063-2026-000001",
        "niss": "85073000097",
        "last_name": "CANARI",
        "first_name": "Zoé",
        "birth_date": "1985-07-30",
        "cpas_dossier_ref": "A12",
        "legal_basis": "CONV2024",
    }
    return base | changed


def event(sid: str = "00" * 16, **changed: str | None) -> Event:
    contract = orientations_v1.CONTRACT
    return build_event(row(**changed), contract, source="062063", sid=sid, message_id="m", received_at=NOW)


@given(sids)
def test_a_token_is_the_same_for_one_recipient_and_another_for_another(sid: str) -> None:
    """Two recipients cannot link a person by the tokens they hold."""
    assert Tokens("062063", KEY).token(sid) == Tokens("062063", KEY).token(sid)
    assert Tokens("062063", KEY).token(sid) != Tokens("062096", KEY).token(sid)


@given(sids, sids)
def test_two_persons_never_share_a_token(one: str, other: str) -> None:
    """A token stands for one subject only."""
    tokens = Tokens("062063", KEY)
    assert (tokens.token(one) == tokens.token(other)) == (one == other)


def test_a_token_has_the_form_of_the_contract() -> None:
    """A token starts with its version and key id, which also keeps a spreadsheet from running it."""
    assert Tokens("062063", KEY).token("00" * 16).startswith("w1.abcd.")
    assert len(Tokens("062063", KEY).token("00" * 16)) == 8 + 43


def test_only_its_recipient_opens_a_capsule() -> None:
    """What is sealed to one partner opens with its key, for it, and in no other way."""
    key, private = partner("062063")
    sealed = seal({"niss": "85073000097", "phone": None}, key)
    assert open_capsule(sealed, key.kid, "062063", private) == {"niss": "85073000097"}
    with pytest.raises(ValueError, match=r"^not sealed to this key$"):
        open_capsule(sealed, key.kid, "062063", X25519PrivateKey.generate())
    with pytest.raises(ValueError, match=r"^not sealed to this key$"):
        open_capsule(sealed, key.kid, "062096", private)


@given(st.integers(0, 150), st.integers(1, 255))
def test_an_altered_capsule_does_not_open(at: int, flip: int) -> None:
    """Whatever character of a capsule is changed, it is refused, never opened to something else."""
    key, private = partner("062063")
    sealed = seal({"niss": "85073000097"}, key)
    at %= len(sealed)
    altered = sealed[:at] + chr((ord(sealed[at]) + flip) % 256) + sealed[at + 1 :]
    try:
        assert open_capsule(altered, key.kid, "062063", private) == {"niss": "85073000097"}
        assert altered[-1] != sealed[-1]  # only the unused bits of the last base64 character may differ
    except ValueError:
        pass


def test_an_event_holds_coded_columns_only() -> None:
    """Nothing that names a person is in an event."""
    assert not {"niss", "last_name", "first_name", "birth_date", "cpas_dossier_ref"} & set(event().payload)


def test_the_same_statement_sent_twice_is_one_event() -> None:
    """The sender's row id and the time of writing do not make another statement."""
    assert event().event_id == event(notice_id="N2", recorded_at="2026-03-10T08:00:00+01:00").event_id
    assert event().event_id != event(version="2").event_id


@given(
    cells=st.fixed_dictionaries(
        {name: st.none() | st.sampled_from(["1", "2"]) for name in ("movement", "agency_code")}
    ),
    reason=st.none() | st.sampled_from(registrations_v2.DEREGISTRATION_REASON),
)
def test_one_statement_is_one_content_under_either_version(cells: dict[str, str | None], reason: str | None) -> None:
    """A row under version 1 and the same under version 2 are one event while the new column is empty, and only then."""
    told = {"source": FOREM, "sid": "00" * 16, "message_id": "m", "received_at": NOW}
    said = dict.fromkeys(registrations_v2.CONTRACT.columns) | row(**cells)
    first = build_event(said, registrations_v1.CONTRACT, **told)  # type: ignore[arg-type]
    again = build_event(said | {"deregistration_reason": reason}, registrations_v2.CONTRACT, **told)  # type: ignore[arg-type]
    assert (first.content == again.content) == (first.event_id == again.event_id) == (reason is None)
    assert again.payload == first.payload | {"deregistration_reason": reason}


def test_a_released_content_hash_does_not_change() -> None:
    """The hash of a row of version 1 is what it was when version 1 was released: the ledger holds it."""
    told = {"source": FOREM, "sid": "00" * 16, "message_id": "m", "received_at": NOW}
    said = dict.fromkeys(registrations_v1.CONTRACT.columns) | row(movement="1")
    made = build_event(said, registrations_v1.CONTRACT, **told)  # type: ignore[arg-type]
    assert made.content == "01bd7a221a306aac276138eb4e71d0dbb7942409b5d85f45e9caaf95fe7700c4"


def test_one_version_about_two_persons_is_two_events_of_one_content() -> None:
    """The content leaves the person out, the event does not."""
    one, other = event(), event(sid="11" * 16)
    assert one.content == other.content
    assert one.event_id != other.event_id


def test_what_each_side_may_know_is_sealed_to_it() -> None:
    """The CPAS gets its own people's identity and its dossier number; Le Forem gets the contacts too."""
    (cpas, cpas_private), (forem, forem_private) = partner("062063"), partner(FOREM)
    made = build_capsules(row(phone="+3242211111"), event(), {"062063": cpas, FOREM: forem})
    assert [(c.recipient, c.local) for c in made] == [("062063", False), ("062063", True), (FOREM, False)]
    own = open_capsule(made[0].sealed, cpas.kid, "062063", cpas_private)
    assert set(own) == {"niss", "last_name", "first_name", "birth_date"}
    assert open_capsule(made[1].sealed, cpas.kid, "062063", cpas_private) == {"cpas_dossier_ref": "A12"}
    assert "phone" in open_capsule(made[2].sealed, forem.kid, FOREM, forem_private)


def test_the_index_depends_on_its_key() -> None:
    """Without the key nobody computes the index of a NISS."""
    other = Key("efgh", "index", "active", "2026-03-09", bytes(32))
    assert index("85073000097", KEY) != index("85073000097", other)
    assert len(index("85073000097", KEY)) == 16


def test_the_effective_date_is_the_column_that_the_contract_names() -> None:
    """A notice is placed in time by its effective date."""
    assert event().effective_date == date(2026, 3, 9)


def test_what_a_row_states_is_named_by_its_contract() -> None:
    """A referral by its own id alone; what a person is part of by sender, subject id and the contract's columns."""
    assert event().entity_id == "R62063-2026-000001"
    told = {"source": "062063", "message_id": "m", "received_at": NOW}
    answer = dict.fromkeys(mobilisations_v1.CONTRACT.columns) | row(event_id="JD-2026-001")
    made = build_event(answer, mobilisations_v1.CONTRACT, sid="ab" * 16, **told)
    assert made.entity_id == f"MOBI|062063|{'ab' * 16}|JD-2026-001"
    assert (made.about, event().about) == ("JOBD|900001|JD-2026-001", None)
    course = dict.fromkeys(training_catalogue_v1.CONTRACT.columns, "x") | row()
    assert build_event(course, training_catalogue_v1.CONTRACT, sid="", **told).entity_id == "CATA|062063|x"


@pytest.mark.parametrize(
    ("contract", "column"),
    [
        (trainings_v1.CONTRACT, "referral_id"),
        (breaches_v1.CONTRACT, "referral_id"),
        (statuses_v1.CONTRACT, "parent_referral_id"),
    ],
)
def test_a_row_says_which_referral_it_is_about(contract: Contract, column: str) -> None:
    """Enrolments, breaches and children name a referral by the one name it has; what names none is about nothing."""
    told = {"source": "900001", "sid": "ab" * 16, "message_id": "m", "received_at": NOW}
    for named in ("R62063-2026-000001", None):
        stated = dict.fromkeys(contract.columns) | row(status_date="2026-03-05", **{column: named})
        assert build_event(stated, contract, **told).about == named
