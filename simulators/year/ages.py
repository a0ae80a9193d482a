"""Since when each open thing stands as it does, found by looking again at the days on which anything could change."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from simulators.year.persons import everything
from simulators.year.referrals import Standing, following
from simulators.year.said import Word, hear, word
from simulators.year.store import Store

DATES = ("contract_start", "actual_end", "planned_end", "answer_deadline")
Key = tuple[str, str, int, str]


class Ages:
    """The standings of one person today, each open one with the first day of its unbroken run."""

    def __init__(self, store: Store, today: date) -> None:
        self.today = today
        self.events: dict[str, list[Word]] = defaultdict(list)
        self.answers: dict[tuple[str, str], dict[int, list[Word]]] = defaultdict(lambda: defaultdict(list))
        rows = store.all(
            "SELECT * FROM statement WHERE feed IN ('JOBD','MOBI') AND counts IS NOT NULL AND counts<=?",
            today.isoformat(),
        )
        for row in rows:
            one = word(row["counts"], row["feed"], row["sender"], row["entity"], row["person"], json.loads(row["row"]))
            if one.feed == "JOBD":
                self.events[one.entity].append(one)
            else:
                self.answers[one.source, one.entity][one.person].append(one)

    def standings(self, person: int, words: Sequence[Word]) -> list[Standing]:
        """Every thing about the person today."""
        found = self._on(words, person, self.today)
        waiting = {one.key: one for one in found if one.klass != "AGREED"}
        if waiting:
            self._date(waiting, words, person)
        return found

    def _on(self, words: Sequence[Word], person: int, day: date) -> list[Standing]:
        def over(cpas: str, event: str, who: int) -> bool:
            return self._over_quota(cpas, event, who, day)

        return everything(words, person, self.events, over, day)

    def _date(self, waiting: dict[Key, Standing], words: Sequence[Word], person: int) -> None:
        """Set `since` of the open things."""
        days = {one.day for one in words} | self._other_days(words)
        past: dict[date, list[Standing]] = {}
        while new := {day for day in days if day <= self.today} - past.keys():
            past |= {day: self._on(words, person, day) for day in new}
            days |= {following(one.due) for day in new for one in past[day] if one.due}
        running = dict(waiting)
        for one in running.values():
            one.since = self.today
        for day in sorted(past, reverse=True):
            then = {one.key: (one.klass, one.owner) for one in past[day]}
            for key, one in list(running.items()):
                if then.get(key) == (one.klass, one.owner):
                    one.since = day
                else:
                    del running[key]

    def _other_days(self, words: Sequence[Word]) -> set[date]:
        """Days that rows name, and those on which something came that others said."""
        named = {date.fromisoformat(one.cells[name]) for one in words for name in DATES if one.cells.get(name)}
        about = {one.entity for one in words if one.feed == "MOBI"}
        events = {one.day for name in about for one in self.events.get(name, ())}
        rivals = {
            one.day
            for (_, name), people in self.answers.items()
            if name in about
            for said in people.values()
            for one in said
        }
        return named | {following(day) for day in named} | events | rivals

    def _over_quota(self, cpas: str, event: str, person: int, day: date) -> bool:
        """Whether this confirmation is beyond the quota: the first to confirm come first."""
        told = hear([one for one in self.events.get(event, ()) if one.day <= day]).top
        quota = told.cells.get("quota_per_cpas") if told else None
        if not quota:
            return False
        confirmed = []
        for who, said in self.answers[cpas, event].items():
            top = hear([one for one in said if one.day <= day]).top
            if top and top.cells["answer"] == "CONFIRMED":
                confirmed.append((top.cells.get("answered_at", ""), who))
        return person in {who for _, who in sorted(confirmed)[int(quota) :]}
