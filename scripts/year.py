"""A simulated year: stand-ins for every CPAS and Le Forem, and the hub's own verbs, at a simulated clock.

The days run one after the other without Airflow, as fast as the machine allows. What was done is kept after each
half-day, so a run that was killed goes on with `--resume`. At the end the stand-ins say whether the hub, the books
of the CPAS and that of Le Forem are what they must be; the exit code is 1 when anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from year_place import BRUSSELS, ROOT, Year, everyone, give_public_keys, lines, prepare, say
from year_report import VERBS, report
from year_wall import keep_from

from hub import flow
from hub.flow.hub import Hub
from hub.model import Outcome
from hub.wiring import open_hub
from hub.zones import EVERYTHING
from simulators.year import erasures

HALVES = (("CPAS", 7, "NOON"), ("FOREM", 13, "EVENING"))
SHARDS, AT_ONCE = 2, 12  # in how many processes the partners of a verb are shared, and how many at a time
TRIES = 4  # how often a partner is visited in a half-day in which its server does something wrong
TOGETHER = (("collect",), ("process", "acknowledge"), ("reconcile",), ("publish", "deliver"))
# days of the run on which a key of the hub is replaced, and after how many again
ROTATED, EVERY = {8: "index", 10: "token", 12: "landing", 14: "digest"}, 60


class Answering:
    """A process of its own that answers each line with one line of JSON."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str] | None = None) -> None:
        pipe, settings = subprocess.PIPE, os.environ | dict(environ or {})
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=settings)

    def tell(self, line: str) -> None:
        """Give it a line, and go on."""
        if self._process.stdin is None:
            raise RuntimeError("a process of the year has no pipe")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """What it answers to a line that it was told."""
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError("a process of the year ended")
        return json.loads(line)

    def ask(self, *words: str) -> Any:
        """One command and its answer."""
        self.tell(" ".join(words))
        return self.answer()

    def close(self) -> None:
        """Let it end."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait(30)


class Shards:
    """Workers that share the partners of a verb between them, as mapped tasks do under Airflow."""

    def __init__(self, year: Year) -> None:
        command = [sys.executable, str(ROOT / "scripts" / "year_shard.py"), str(year.truth)]
        self._each = [Answering(command, year.environ | {"PYTHONPATH": str(ROOT)}) for _ in range(SHARDS)]
        self.processor, self.shared = 0.0, dict[str, float]()

    def run(self, at: datetime, reached: Mapping[str, Collection[str]], at_once: int) -> dict[str, list[Outcome]]:
        """Run verbs for the partners that each of them reaches; what each comes to, by verb.

        A partner's verbs follow each other, and wait for no other partner's. A worker takes `at_once` partners, and
        more as soon as it has done with them. The seconds since the call are `shared` among the verbs.
        """
        partners = sorted(set().union(*reached.values()), reverse=True)  # Le Forem first, which has the most to do
        parts = deque(partners[n : n + at_once] for n in range(0, len(partners), at_once))

        def work(shard: Answering) -> list[Any]:
            answers: list[Any] = []
            while True:
                try:
                    part = parts.popleft()
                except IndexError:
                    return answers
                verbs = [[verb, [one for one in part if one in to]] for verb, to in reached.items()]
                answers.append(shard.ask(json.dumps({"at": at.isoformat(), "verbs": verbs})))

        began = time.monotonic()
        with ThreadPoolExecutor(SHARDS) as pool:
            answers = [answer for found in pool.map(work, self._each) for answer in found]
        passed = time.monotonic() - began
        self.processor += sum(one["processor"] for one in answers)
        spent = {verb: sum(one["found"][verb]["seconds"] for one in answers) for verb in reached}
        self.shared = {verb: passed * spent[verb] / (sum(spent.values()) or 1) for verb in reached}
        return {verb: [Outcome(**o) for one in answers for o in one["found"][verb]["outcomes"]] for verb in reached}

    def close(self) -> None:
        """Let them end."""
        for shard in self._each:
            shard.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code: 0 when the books agree with the truth, 1 when anything differs."""
    options = _parser().parse_args(argv)
    year = _year(options)
    prepare(year)
    keep_from(year.truth)
    play(year, options.until)
    return report(year)


def _year(options: argparse.Namespace) -> Year:
    """The year that was asked for; to go on with one, what was asked when it began."""
    root, kept = options.root.absolute(), ("seed", "days", "cpas", "people", "sftp_every", "faults")
    if options.resume and (root / "asked.json").exists():
        asked = json.loads((root / "asked.json").read_text("utf-8"))
    else:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True)
        asked = {name: getattr(options, name) for name in kept} | {"first": options.first.isoformat()}
        (root / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    return Year(root, first=date.fromisoformat(asked.pop("first")), **asked)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("passerelle simulate year", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT / "var" / "year", help="folder of the run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2026, 1, 5), help="first day")
    parser.add_argument("--days", type=int, default=250, help="working days")
    parser.add_argument("--cpas", type=int, default=252)
    parser.add_argument("--people", type=int, default=0, help="by default 75,000 for every CPAS and a year")
    parser.add_argument("--sftp-every", type=int, default=12, help="one week of so many goes by SFTP; 0: none")
    parser.add_argument("--faults", type=int, default=1, help="seed of what the servers do wrong then; 0: nothing")
    parser.add_argument("--until", type=int, default=0, help="stop after so many days, to be resumed")
    parser.add_argument("--resume", action="store_true", help="go on with what lies in the folder")
    return parser


def play(year: Year, until: int = 0) -> None:
    """Play the days that are left, and say after each how long the rest will take."""
    command = [sys.executable, "-m", "simulators.year", "play", "--root", str(year.partners)]
    player, shards, done = Answering(command), Shards(year), _done(year)
    player.ask("up")
    halves = [(day, half) for day in year.calendar[: until or None] for half in HALVES]
    left = [(day, half) for day, half in halves if f"{day} {half[0]}" not in done]
    began = time.monotonic()
    with _server(year) as port:
        for place, (day, half) in enumerate(left, 1):
            line = _half_day(year, player, shards, day, half, port)
            with (year.root / "times.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
            rest = (time.monotonic() - began) / place * (len(left) - place)
            say(_progress(line, rest))
    shards.close()
    player.close()


def _done(year: Year) -> set[str]:
    """The half-days that were played to their end."""
    return {f"{one['day']} {one['half']}" for one in lines(year)}


def _half_day(
    year: Year, player: Answering, shards: Shards, day: date, half: tuple[str, int, str], port: Path | None
) -> dict[str, Any]:
    """One side sends, the hub does all it has to do, everybody takes."""
    name, hour, part = half
    times: dict[str, float] = {}
    began, at_first = time.process_time() + shards.processor, time.monotonic()
    line: dict[str, Any] = {"day": day.isoformat(), "half": name, "sftp": year.by_sftp(day)}
    with _timed(times, "send"):
        line["sent"] = player.ask("send", name, day.isoformat())
    down = player.ask("down", day.isoformat())
    give_public_keys(year)
    _channels(year, port if year.by_sftp(day) else None)
    with open_hub(year.settings, datetime(day.year, day.month, day.day, hour, tzinfo=BRUSSELS), EVERYTHING) as hub:
        rotated = ROTATED.get(year.calendar.index(day) % EVERY) if name == "CPAS" else None
        line["errors"] = _verbs(hub, shards, name, times, set(down), line, lambda: _rotate(year, rotated))
    player.ask("up")
    with _timed(times, "take"):
        line["taken"] = player.ask("take", day.isoformat(), part)
    if name == "FOREM":
        line["erased"] = _erase(year, player.ask("erase", day.isoformat()), day)
    times["other"] = time.monotonic() - at_first - sum(times.values())
    line |= {"down": len(down), "hub_processor": round(time.process_time() + shards.processor - began, 3)}
    return line | {"seconds": {key: round(value, 3) for key, value in times.items()}}


def _verbs(
    hub: Hub,
    shards: Shards,
    half: str,
    times: dict[str, float],
    down: set[str],
    line: dict[str, Any],
    under_way: Callable[[], None],
) -> list[str]:
    """Every verb of a half-day; what went wrong for partners whose server was not down.

    `under_way` is done when files have landed and none has been opened.
    """
    everyone = [one for kind in ("CPAS", "FOREM", "REGISTERS") for one in flow.active_partners(hub, kind)]
    kinds = ("REGISTERS", "CPAS") if half == "CPAS" else ("FOREM",)
    senders = [one for kind in kinds for one in flow.active_partners(hub, kind)]
    told = flow.active_partners(hub, "FOREM") if half == "CPAS" else everyone  # a CPAS is told once a day
    reached = {"publish": told, "deliver": everyone}
    wrong: list[str] = []
    for verbs in TOGETHER:
        if verbs == ("reconcile",):
            with _timed(times, "reconcile"):
                line["reconciled"] = sum(flow.reconcile(hub).values())
            continue
        if "process" in verbs:
            under_way()
        # a server that stalls holds up those that are asked together with it
        at_once = len(everyone) // SHARDS + 1 if line["sftp"] else AT_ONCE
        wanted: Mapping[str, Collection[str]] = {verb: reached.get(verb, senders) for verb in verbs}
        _call_again(hub, set(everyone) - down, line)
        for left in reversed(range(TRIES)):
            found = shards.run(hub.now, wanted, at_once)
            _note(found, shards, times, line)
            failed = [(verb, one) for verb, each in found.items() for one in each if one.error]
            failed = [(verb, one) for verb, one in failed if one.partner not in down]
            if not failed or not left:
                wrong += [f"{verb} {one.partner} {one.error}" for verb, one in failed]
                break
            again = {one.partner for _, one in failed}
            _call_again(hub, again, line)
            wanted = {verb: again.intersection(to) for verb, to in wanted.items()}
    return wrong


def _note(
    found: Mapping[str, Sequence[Outcome]], shards: Shards, times: dict[str, float], line: dict[str, Any]
) -> None:
    """Add up what the verbs did, and how long they took."""
    for verb, outcomes in found.items():
        times[verb] = times.get(verb, 0.0) + shards.shared[verb]
        line[verb] = line.get(verb, 0) + sum(one.done for one in outcomes)


def _call_again(hub: Hub, partners: Collection[str], line: dict[str, Any]) -> None:
    """Have partners called again whose server did something wrong: Airflow waits for it, an operator acts at once."""
    failed = [state.partner for state in hub.ledger.links.of(partners).values() if state.error]
    for partner in failed:
        hub.ledger.links.release(partner)
    line["again"] = line.get("again", 0) + len(failed)


def _rotate(year: Year, purpose: str | None) -> None:
    """Put another key of the hub in force, as its operator does."""
    if purpose:
        command = [sys.executable, "-m", "hub", "keys", "rotate", purpose]
        subprocess.run(command, check=True, cwd=ROOT, env=os.environ | year.environ, stdout=subprocess.DEVNULL)


def _erase(year: Year, numbers: Sequence[str], day: date) -> int:
    """Forget these persons in the evening, as the operator does at a controller's word."""
    at = datetime(day.year, day.month, day.day, erasures.HOUR, tzinfo=BRUSSELS)
    command = [sys.executable, "-m", "hub", "person", "erase", "--reason", "UNLAWFUL", "--at", at.isoformat()]
    for number in numbers:
        subprocess.run(
            command,
            check=True,
            cwd=ROOT,
            env=os.environ | year.environ,
            stdout=subprocess.DEVNULL,
            input=number,
            text=True,
        )
    return len(numbers)


@contextmanager
def _timed(times: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    times[name] = times.get(name, 0.0) + time.monotonic() - began


def _channels(year: Year, port: Path | None) -> None:
    """Tell the hub where the mailboxes are: folders, or the stand-ins' SFTP servers."""
    path = year.settings.channels
    if port is not None:
        shutil.copy(port.with_name("channels.toml"), path)
        return
    boxes = {one: str(year.partners / one / "mailbox") for one in everyone(year)}
    path.write_text("".join(f"[channel.{one}]\nfolder = {json.dumps(box)}\n" for one, box in boxes.items()))


@contextmanager
def _server(year: Year) -> Iterator[Path | None]:
    """The stand-ins' SFTP servers, where some week needs them."""
    if not any(year.by_sftp(day) for day in year.calendar):
        yield None
        return
    port = year.partners / "port"
    port.unlink(missing_ok=True)
    command = [sys.executable, "-m", "simulators", "serve", "--root", str(year.partners), "--port-file", str(port)]
    command += ["--authorized", f"{year.settings.ssh_key}.pub", "--channels", str(port.with_name("channels.toml"))]
    command += ["--faults", str(year.faults)] if year.faults else []
    server = subprocess.Popen(command, cwd=ROOT)
    try:
        while not port.exists():
            if server.poll() is not None:
                raise RuntimeError("the stand-ins' SFTP server did not start")
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def _progress(line: dict[str, Any], rest: float) -> str:
    """What a half-day did, how long each part took, and how long the rest will take."""
    spent = Counter(line["seconds"])
    verbs = ", ".join(f"{verb} {spent[verb]:.1f}" for verb in ("send", *VERBS, "take"))
    way = "SFTP" if line["sftp"] else "folders"
    wrong = f"  {len(line['errors'])} ERRORS {line['errors'][0]}" if line["errors"] else ""
    files = f"{line['sent']} files sent, {line['taken']} taken"
    return f"{line['day']} {line['half']:<5} {way}: {files}; {verbs}{wrong}; {rest / 60:.0f} min left"


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())
