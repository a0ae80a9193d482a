"""What a partner's API may do wrong, by name, and what a good client makes of it. Drawn by seed, or chosen.

The catalogue is a table for people too: `passerelle simulate api --list`, docs/partners/faults.md. Every fault is one
that a real API, or what stands before it, has shown. What each does to an answer is in forem_api.py.
"""

import random
import threading
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from simulators.sftp_faults import BEAR, LATER, NEVER

AGAIN, RENEW = "repeat the call", "ask for a new token"
READING = ("list", "one", "rows")
MOVING = ("put", "post", "delete")
SOME = ("list", "rows", "put", "post")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong: what is seen of it, which requests it fits, and what a client should do next, when it
    happens once and when it stays."""

    name: str
    does: str
    kinds: Collection[str]
    once: str
    stays: str


CATALOGUE: tuple[Fault, ...] = (
    Fault("too_many", "answers 429 with `Retry-After`, in seconds or as a date", READING + MOVING, AGAIN, LATER),
    Fault("unavailable", "answers 503 with `Retry-After`", (*READING, *MOVING, "token"), AGAIN, LATER),
    Fault("storm", "answers 429 and 503 to four to seven requests in a row", SOME, LATER, LATER),
    Fault("token_ends", "ends the token, between two pages too", READING + MOVING, RENEW, NEVER),
    Fault("same_page", "gives the page of rows before once more", ("rows",), BEAR, LATER),
    Fault("page_missing", "leaves a page of rows out", ("rows",), LATER, LATER),
    Fault("cut_json", "sends half of its JSON as if it were all", READING, AGAIN, LATER),
    Fault("cut_body", "ends the connection in the middle of the body", READING, AGAIN, LATER),
    Fault("slow_body", "sends its body byte by byte", ("list", "rows"), BEAR, LATER),
    Fault("slow_headers", "sends its headers byte by byte", ("list", "rows"), BEAR, LATER),
    Fault("reset", "resets the connection before anything is done", (*READING, *MOVING, "token"), AGAIN, LATER),
    Fault("answer_lost", "does what it is asked, and resets the connection before it says so", MOVING, AGAIN, LATER),
    Fault("key_in_use", "says that a request with this idempotency key is still under way", ("post",), AGAIN, LATER),
    Fault("precondition", "says that the document is another by now (412)", ("rows",), LATER, LATER),
    Fault("elsewhere", "sends the client to another address (302)", (*SOME, "one"), NEVER, NEVER),
    Fault("wrong_type", "answers with a page of HTML", READING, NEVER, NEVER),
    Fault("server_error", "answers 500", SOME, AGAIN, LATER),
    Fault("clock", "has a clock that is two hours off, and ends all tokens", ("token",), RENEW, NEVER),
)
WHERE = {fault.name: fault.kinds for fault in CATALOGUE}
NAMES = tuple(WHERE)
STORM_LENGTH = (3, 6)  # how many refusals after the first
WEIGHTS = {"slow_body": 2, "slow_headers": 2, "same_page": 24, "page_missing": 12, "answer_lost": 12, "key_in_use": 40}
COMMON = 6  # the weight of all others: what is slow takes its time, what fits few requests is drawn more


class Faults:
    """Draws a fault for some requests. `share` of those that fit are hit, each fault `times` times at most (0: no
    limit); `counts` says what was done. The same seed and the same requests in the same order: the same faults."""

    def __init__(self, seed: int, share: float, only: Collection[str] = NAMES, times: int = 0) -> None:
        self._rng, self._share, self._only, self._times = random.Random(seed), share, sorted(only), times
        self._lock = threading.Lock()
        self._storm = 0
        self.counts: Counter[str] = Counter()

    def draw(self, kind: str) -> str:
        """The fault for a request of that kind, or an empty text."""
        with self._lock:
            if self._storm and kind != "token":
                self._storm -= 1
                return self._rng.choice(("too_many", "unavailable"))
            fitting = [name for name in self._only if kind in WHERE[name] and self._may(name)]
            if not fitting or self._rng.random() >= self._share:
                return ""
            fault = self._rng.choices(fitting, [WEIGHTS.get(name, COMMON) for name in fitting])[0]
            self.counts[fault] += 1
            if fault == "storm":
                self._storm = self._rng.randint(*STORM_LENGTH)
                return "too_many"
            return fault

    def form(self) -> bool:
        """Which of two forms, when there are two."""
        with self._lock:
            return self._rng.random() < 0.5

    def _may(self, name: str) -> bool:
        return not self._times or self.counts[name] < self._times


def describe() -> str:
    """The catalogue as a table in Markdown."""
    lines = ["| fault | the server | once: a client should | if it stays |", "|---|---|---|---|"]
    lines += [f"| `{one.name}` | {one.does} | {one.once} | {one.stays} |" for one in CATALOGUE]
    return "\n".join(lines) + "\n"
