"""The benchmark of pseudonymising compares ways that give the same tokens, and those of the product."""

from bench.privacy import CPAS, KEYS, WAYS, agree, drawn, loop
from hub.pseudonymise import Tokens


def test_the_ways_give_the_same_tokens() -> None:
    """Also the loop that is written by hand: what is measured beside the product does the same work."""
    given = drawn(300, 40)
    assert agree(given)
    assert loop(given).to_list() == [Tokens(CPAS, KEYS[1]).token(sid) for sid in given.sids]
    assert {"column", "loop"} < set(WAYS)


def test_the_rows_name_so_many_people() -> None:
    """Every row has the subject id that its number's index leads to; people occur more than once."""
    given = drawn(300, 40)
    assert len(given.known) == 40
    assert given.numbers.len() == len(given.sids) == 300
    assert set(given.sids) <= set(given.known.values())
