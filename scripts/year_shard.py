"""One worker of a simulated year: runs verbs for the partners it is given, as mapped tasks do under Airflow.

Reads a request a line, a JSON object with the hub's instant (`at`) and `verbs`, a list of [verb, partners] to be run
one after the other; answers each with a line that holds the outcomes and the seconds of each verb, and the processor
time of all. It ends when its input ends.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

from year_wall import keep_from

from hub import flow
from hub.flow.hub import Hub
from hub.settings import Settings, load_settings
from hub.wiring import open_hub
from hub.zones import NEEDS


def main() -> None:
    """Answer every request; the hub's settings are those of the environment. The folder named is kept from the hub."""
    keep_from(Path(sys.argv[1]))
    hubs = _Hubs(load_settings())
    for line in sys.stdin:
        began, asked = time.process_time(), json.loads(line)
        hubs.turn(asked["at"], tuple(verb for verb, _ in asked["verbs"]))
        found = {verb: _run(hubs.open[verb], verb, partners) for verb, partners in asked["verbs"]}
        print(json.dumps({"found": found, "processor": time.process_time() - began}), flush=True)


class _Hubs:
    """The hub as each verb is given it, open as long as the same verbs are asked for at the same instant."""

    def __init__(self, settings: Settings) -> None:
        self.open: dict[str, Hub] = {}
        self._settings, self._stack = settings, ExitStack()
        self._turn: tuple[str, tuple[str, ...]] = "", ()

    def turn(self, at: str, verbs: tuple[str, ...]) -> None:
        """Have the hub open for these verbs, and for no other."""
        if self._turn == (at, verbs):
            return
        self._stack.close()
        instant = datetime.fromisoformat(at)
        self.open = {verb: self._stack.enter_context(open_hub(self._settings, instant, NEEDS[verb])) for verb in verbs}
        self._turn = at, verbs


def _run(hub: Hub, verb: str, partners: list[str]) -> dict[str, Any]:
    began = time.monotonic()
    outcomes = getattr(flow, verb)(hub, partners) if partners else []
    told = [{"partner": one.partner, "done": one.done, "error": one.error} for one in outcomes]
    return {"outcomes": told, "seconds": time.monotonic() - began}


if __name__ == "__main__":
    main()
