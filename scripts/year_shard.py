"""One worker of a simulated year: runs a verb for the partners it is given, as a mapped task does under Airflow.

Reads a request a line, a JSON object with the `verb`, the hub's instant (`at`) and the `partners`; answers each with a
line that holds the outcomes and the processor time they took. It ends when its input ends.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime

from hub import flow
from hub.settings import load_settings
from hub.wiring import open_hub
from hub.zones import NEEDS


def main() -> None:
    """Answer every request; the hub's settings are those of the environment."""
    settings = load_settings()
    for line in sys.stdin:
        began, asked = time.process_time(), json.loads(line)
        with open_hub(settings, datetime.fromisoformat(asked["at"]), NEEDS[asked["verb"]]) as hub:
            outcomes = getattr(flow, asked["verb"])(hub, asked["partners"])
        found = [{"partner": one.partner, "done": one.done, "error": one.error} for one in outcomes]
        print(json.dumps({"outcomes": found, "processor": time.process_time() - began}), flush=True)


if __name__ == "__main__":
    main()
