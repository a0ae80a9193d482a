"""What can go wrong with an API, on purpose: each fault has a name, is drawn from a seed, and is counted.

`STORM` is the beginning of several refusals in a row. Every fault is one that a real API, or what stands before it, has
shown. Which requests a fault fits is said here; what it does to an answer is in forem_api.py.
"""

import random
import threading
from collections import Counter
from collections.abc import Collection

WHERE: dict[str, Collection[str]] = {  # fault: the kinds of request that it fits
    "TOO_MANY": ("list", "one", "rows", "put", "post", "delete"),
    "UNAVAILABLE": ("list", "one", "rows", "put", "post", "delete", "token"),
    "STORM": ("list", "rows", "put", "post"),
    "TOKEN_ENDS": ("list", "one", "rows", "put", "post", "delete"),
    "SAME_PAGE": ("rows",),
    "PAGE_MISSING": ("rows",),
    "CUT_JSON": ("list", "one", "rows"),
    "CUT_BODY": ("list", "one", "rows"),
    "SLOW_BODY": ("list", "rows"),
    "SLOW_HEADERS": ("list", "rows"),
    "RESET": ("list", "one", "rows", "put", "post", "delete", "token"),
    "ANSWER_LOST": ("put", "post", "delete"),
    "KEY_IN_USE": ("post",),
    "PRECONDITION": ("rows",),
    "ELSEWHERE": ("list", "one", "rows", "put", "post"),
    "WRONG_TYPE": ("list", "one", "rows"),
    "SERVER_ERROR": ("list", "rows", "put", "post"),
    "CLOCK": ("token",),
}
STORM_LENGTH = (2, 6)
WEIGHTS = {"SLOW_BODY": 2, "SLOW_HEADERS": 2, "SAME_PAGE": 24, "PAGE_MISSING": 12, "ANSWER_LOST": 12, "KEY_IN_USE": 40}
COMMON = 6  # the weight of all others: what is slow takes its time, what fits few requests is drawn more


class Faults:
    """Draws a fault for some requests. `share` of those that fit are hit; `counts` says what was done."""

    def __init__(self, seed: int, share: float, only: Collection[str] = tuple(WHERE)) -> None:
        self._rng, self._share, self._only = random.Random(seed), share, sorted(only)
        self._lock = threading.Lock()
        self._storm = 0
        self.counts: Counter[str] = Counter()

    def draw(self, kind: str) -> str:
        """The fault for a request of that kind, or an empty text."""
        with self._lock:
            if self._storm and kind != "token":
                self._storm -= 1
                return self._rng.choice(("TOO_MANY", "UNAVAILABLE"))
            fitting = [name for name in self._only if kind in WHERE[name]]
            if not fitting or self._rng.random() >= self._share:
                return ""
            fault = self._rng.choices(fitting, [WEIGHTS.get(name, COMMON) for name in fitting])[0]
            self.counts[fault] += 1
            if fault == "STORM":
                self._storm = self._rng.randint(*STORM_LENGTH)
                return "TOO_MANY"
            return fault

    def form(self) -> bool:
        """Which of two forms, when there are two."""
        with self._lock:
            return self._rng.random() < 0.5
