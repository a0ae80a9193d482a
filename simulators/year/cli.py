"""`python -m simulators.year`: draw a year, play its half-days on request, tell whether the books agree with it.

`play` reads one command a line (`send CPAS 2026-01-05`, `send FOREM …`, `take 2026-01-05 NOON`, `erase …`,
`down 2026-01-05`, `up`) and answers each with one line of JSON, so that a driver keeps one process for the whole year.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from simulators import init, layout, sealing
from simulators.layout import FOREM, REGISTERS
from simulators.year import erasures, faults, plan, send, world
from simulators.year.check import check
from simulators.year.store import Store
from simulators.year.take import Taker
from simulators.year.world import World

AWAY = "mailbox.away"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 when `check` finds a difference."""
    parser = argparse.ArgumentParser("simulators.year", description=__doc__)
    parser.add_argument("command", choices=["init", "play", "check"])
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--registry", type=Path, help="folder of cpas.csv and postal_codes.csv (init)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--day", type=date.fromisoformat, default=date(2026, 1, 5), help="first day")
    parser.add_argument("--days", type=int, default=250, help="working days")
    parser.add_argument("--cpas", type=int, default=252)
    parser.add_argument("--people", type=int, default=0, help="by default 75,000 for all CPAS and a year")
    parser.add_argument("--hub", type=Path, help="what the hub holds, as the driver wrote it (check)")
    options = parser.parse_args(arguments)
    if options.command == "init":
        create(options.root, options.registry, options.seed, options.day, options.days, options.cpas, options.people)
        return 0
    if options.command == "play":
        return _play(options.root)
    report = check(Store(options.root), load(options.root), options.hub)
    print(json.dumps(report, ensure_ascii=False))
    return 0 if report["agree"] else 1


def create(root: Path, registry: Path, seed: int, first: date, days: int, cpas: int, people: int) -> World:
    """Draw the year below `root`: keys, mailboxes, statements. What was drawn before is kept."""
    made = world.make(seed, first, days, cpas, registry, people)
    asked = {"seed": seed, "first": first.isoformat(), "days": days, "cpas": cpas, "people": made.people}
    if (root / "year.json").exists():
        return load(root)
    for partner in [FOREM, REGISTERS, *made.place]:
        sealing.make_keys(root, partner)
        for folder in layout.MAILBOX:
            (layout.mailbox(root, partner) / folder).mkdir(parents=True, exist_ok=True)
    init.make_host_key(root)
    layout.write_json(root / "public" / "channels.json", [init.channel(one) for one in layout.partners(root)])
    with Store(root) as store:
        store.db.execute("DELETE FROM statement")
        plan.draw(store, made)
    layout.write_json(root / "year.json", asked | {"registry": str(registry)})
    return made


def load(root: Path) -> World:
    """The world that was drawn below `root`."""
    asked = layout.read_json(root / "year.json")
    first = date.fromisoformat(asked["first"])
    return world.make(asked["seed"], first, asked["days"], asked["cpas"], Path(asked["registry"]), asked["people"])


def _play(root: Path) -> int:
    """Answer the driver until it closes its end."""
    store, made = Store(root), load(root)
    taker = Taker(store, made)
    answer: object
    for line in sys.stdin:
        verb, *words = line.split()
        if verb == "send":
            answer = send.send(store, made, words[0], date.fromisoformat(words[1]))
        elif verb == "take":
            answer = taker.take(words[0], words[1])
        elif verb == "erase":
            answer = erasures.erase(store, made, date.fromisoformat(words[0]))
        elif verb == "down":
            answer = _down(root, made, date.fromisoformat(words[0]))
        elif verb == "up":
            answer = _up(root)
        else:
            raise ValueError("send, take, erase, down and up are the commands")
        print(json.dumps(answer), flush=True)
    return 0


def _down(root: Path, made: World, day: date) -> list[str]:
    """Put the mailboxes of that day's outages out of reach."""
    partners = [one for one in [FOREM, *made.place] if faults.is_down(made, one, day)]
    for partner in partners:
        box = layout.mailbox(root, partner)
        if box.exists():
            box.rename(box.with_name(AWAY))
    return partners


def _up(root: Path) -> int:
    """Bring every mailbox back."""
    away = sorted(root.glob(f"[0-9]*/{AWAY}"))
    for box in away:
        box.rename(box.with_name("mailbox"))
    return len(away)
