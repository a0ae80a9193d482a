"""What reached the hub, by the person whom it is about: what the truth is computed from."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from simulators.year import erasures
from simulators.year.said import Word, hear, word
from simulators.year.store import Store

PEOPLE = "SELECT DISTINCT person FROM statement WHERE person>=0 AND counts<=?"
OF_PERSON = "SELECT * FROM statement WHERE person=? AND counts<=?"
ORIENTED = "SELECT 1 FROM statement WHERE feed='ORIE' AND entity=? AND counts<=?"
STATUSES = "SELECT * FROM statement WHERE feed='STAT' AND entity=? AND counts<=?"
WRONGLY_NAMED = "SELECT entity FROM statement WHERE feed='STAT' AND needs LIKE '%WRONG:%' AND counts<=?"


class Heard:
    """All that reached the hub until today and was not erased, by the person whom it is about.

    A referral of which only Le Forem has spoken is about the person whom it named last.
    """

    def __init__(self, store: Store, today: date) -> None:
        self._store, self._today = store, today.isoformat()
        self.erased = erasures.erased(store)
        self._elsewhere: dict[int, set[tuple[str, str]]] = defaultdict(set)  # not, or no more, about a rank
        self._besides: dict[int, list[Word]] = defaultdict(list)  # what is about it, and was meant for another
        for entity in self._of_nobody_sent():
            rows = self._rows(STATUSES, entity)
            words, meant = [_word(row) for row in rows], {int(row["person"]) for row in rows}
            whom = hear(words).person
            if whom is not None and whom not in meant:
                for rank in meant:
                    self._elsewhere[rank].add(("STAT", entity))
                self._besides[whom] += words

    def _of_nobody_sent(self) -> list[str]:
        """The referrals without a CPAS in which Le Forem has once named somebody else."""
        named = {row["entity"] for row in self._rows(WRONGLY_NAMED)}
        return sorted(one for one in named if not self._rows(ORIENTED, one))

    def people(self) -> Iterator[tuple[int, list[Word]]]:
        """Each person of whom anything came, with all of it; of those erased what came since, if anything."""
        ranks = {int(row["person"]) for row in self._rows(PEOPLE)}
        for rank in sorted(ranks | self._besides.keys() | self.erased.keys()):
            yield rank, self.of(rank)

    def of(self, rank: int, before: date = date.max) -> list[Word]:
        """All that came about one person; `before` is a day, to know what was known before an erasure."""
        elsewhere = self._elsewhere.get(rank, ())
        rows = self._rows(OF_PERSON, rank)
        words = [_word(row) for row in rows if (row["feed"], row["entity"]) not in elsewhere]
        words += self._besides.get(rank, ())
        day = self.erased.get(rank)
        return [one for one in words if day is None or (one.day > day) == (before > day)]

    def _rows(self, query: str, *values: object) -> list[Any]:
        return self._store.all(query, *values, self._today)


def _word(row: Mapping[str, Any]) -> Word:
    """The row as it was sent; one that named another person is about that one."""
    wrong = row["needs"].partition("WRONG:")[2]
    return word(
        row["counts"], row["feed"], row["sender"], row["entity"], int(wrong or row["person"]), json.loads(row["row"])
    )
