"""The dictionary attack: with the index key, what the hub publishes gives back nobody.

Each search is first shown to find everybody where it should, so that finding nobody means something.
"""

import pytest

from bench.dictionary import (
    Dictionary,
    World,
    accepted,
    candidates,
    capsules,
    in_common,
    keyed,
    looked_up,
    referrals,
    tokens,
    unkeyed,
    world,
)
from hub.model import FOREM

CPAS = ("062063", "062096", "082039")
RECIPIENTS = (*CPAS, FOREM)


@pytest.fixture(scope="module")
def people() -> World:
    return world(300)


def test_the_attacker_tries_everybody(people: World) -> None:
    """All numbers of the years of birth, each once; the people are among them."""
    tried = candidates()
    assert len(tried) == len(set(tried)) > 38_000
    assert set(people.people) < set(tried)


def test_unkeyed_hashes_give_everybody_back(people: World) -> None:
    """The control: a plain SHA-256 hides no number, whatever the key that the attacker has."""
    assert Dictionary(candidates(), people.token_key).recovered(unkeyed(people)) == set(people.people)


def test_keyed_hashes_give_everybody_back_to_who_has_the_key(people: World) -> None:
    """The second control: had the token been the index, its key would have undone it, and no other."""
    assert Dictionary(candidates(), people.index_key).recovered(keyed(people)) == set(people.people)
    assert Dictionary(candidates(), people.token_key).recovered(keyed(people)) == set()


def test_a_number_in_clear_is_seen(people: World) -> None:
    """The third control: a number that was put into a text as it is."""
    number = next(iter(people.people))
    assert Dictionary(candidates(), people.index_key).recovered([f"R{number}-1"]) == {number}


def test_what_is_published_gives_nobody_back(people: World) -> None:
    """Tokens of all recipients, capsules and referral ids, tried with the index key: 0 of the population."""
    attacker = Dictionary(candidates(), people.index_key, RECIPIENTS)
    for texts in (*tokens(people, RECIPIENTS).values(), capsules(people, CPAS[0]), referrals(people)):
        assert attacker.recovered(texts) == set()


def test_key_and_index_together_give_everybody_back(people: World) -> None:
    """The honest limit: with the identity store's table the key finds everybody; each of the two alone nobody."""
    assert looked_up(people.subject_index(), candidates(), people.index_key) == people.people
    assert looked_up(people.subject_index(), candidates(), people.token_key) == {}


def test_no_two_recipients_can_join_their_tokens(people: World) -> None:
    """0 tokens in common, of any two; the search finds them where one recipient's are there twice."""
    made = tokens(people, RECIPIENTS)
    assert in_common(made) == 0
    assert in_common(made | {"again": made[FOREM]}) == len(people.people)


def test_a_token_of_another_is_not_accepted(people: World) -> None:
    """Presented by anybody but its recipient, under the same key of the hub."""
    for recipient, made in tokens(people, RECIPIENTS).items():
        assert [accepted(made, other, people.token_key) for other in RECIPIENTS] == [
            len(made) if other == recipient else 0 for other in RECIPIENTS
        ]
