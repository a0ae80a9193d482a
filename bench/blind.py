"""What finding a person blindly costs each side, beside the keyed hash: `python -m bench.blind [PEOPLE]`.

Milliseconds of processor time for each person, the median of five rounds in one process; what 75,000 people would
cost is worked out from them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from hub.blind import blind, derive_key, evaluate, finalise, random_blind
from hub.keys import Key
from hub.resolve import Keyed

ROUNDS, EVERYBODY = 5, 75_000


def main(people: int) -> None:
    """Prints one line for each of the four: client's question, holder, client's end, keyed hash."""
    rounds = [_round([f"{85073000000 + n}" for n in range(people)]) for _ in range(ROUNDS)]
    for name in rounds[0]:
        each = median(found[name] for found in rounds) / people * 1000
        print(f"{name:24} {each:8.4f} ms a person {each * EVERYBODY / 1000:8.1f} s for {EVERYBODY:,}")


def _round(numbers: list[str]) -> dict[str, float]:
    key = derive_key(bytes(32), b"bench")
    values, scalars = [number.encode() for number in numbers], [random_blind() for _ in numbers]
    took: dict[str, float] = {}
    asked = _timed(took, "client: blind", lambda: [blind(*each) for each in zip(values, scalars, strict=True)])
    told = _timed(took, "holder: evaluate", lambda: evaluate(key, asked))
    _timed(took, "client: finalise", lambda: [finalise(*each) for each in zip(values, scalars, told, strict=True)])
    keyed = Keyed(Key("abcd", "index", "active", "2026-03-09", bytes(32)))
    _timed(took, "keyed hash, in use", lambda: keyed.indexes(numbers))
    return took


def _timed(took: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    begin = time.process_time()
    made = work()
    took[name] = time.process_time() - begin
    return made


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
