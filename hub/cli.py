"""`passerelle …`: every verb without Airflow, on the same code, and what an operator or a partner asks.

Exit codes: 0 done, 10 rejected, 11 an operator must act, 12 may succeed later, 13 an invariant is broken,
130 stopped by Ctrl-C.
"""

import argparse
import csv
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from hub.cli_audit import add_audit, answer_audit
from hub.cli_contracts import add_contracts, answer_contracts
from hub.cli_history import add_history, answer_history
from hub.cli_keys import add_keys
from hub.cli_ledger import queue_lines, status_lines, story_lines, volume_lines
from hub.cli_links import ACTS, answer_links
from hub.cli_numbers import add_numbers, answer_numbers
from hub.cli_partners import add_partners
from hub.cli_person import add_person, answer_person
from hub.cli_retention import add_retention, answer_retention
from hub.cli_reveal import add_reveal, answer_key, answer_reveal
from hub.cli_statistics import add_statistics, answer_statistics
from hub.errors import HubError, OperatorError, unforeseen
from hub.memory import keep_private
from hub.volume import WINDOW

REJECTED = 10
STOPPED = 130  # as a shell has it for Ctrl-C
LANGUAGES = ("fr", "de", "nl", "en")
VERBS = ("fetch", "collect", "process", "reconcile", "publish", "deliver", "acknowledge")

Command = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; any error is one line on standard error."""
    arguments = _parser().parse_args(argv)
    level = logging.INFO if arguments.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    command: Command = arguments.command
    keep_private()
    try:
        return command(arguments)
    except HubError as error:
        failure = error
    except KeyboardInterrupt:  # its traceback would show the error that was being handled
        return STOPPED
    except SystemExit:
        raise
    except BrokenPipeError:  # who reads us has read enough, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except BaseException as error:  # noqa: BLE001  its text may hold a value of a row; a panic is no Exception
        failure = unforeseen(error)
    print(f"passerelle: {failure}", file=sys.stderr)
    return failure.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("passerelle", description="Exchange between the CPAS of Wallonia and Le Forem.")
    parser.add_argument("-v", "--verbose", action="store_true", help="log each event on standard error")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for verb in VERBS:
        sub = _command(commands, verb, _verb, f"{verb}: see docs/steps/{verb}.md")
        sub.set_defaults(verb=verb)
        sub.add_argument("--partner", action="append", metavar="ID", help="only this partner; may be repeated")
        sub.add_argument("--at", metavar="INSTANT", help="the hub's clock, such as 2026-03-09T07:00+01:00")
        if verb == "reconcile":
            sub.add_argument("--all", action="store_true", help="compute every state again, not only what was touched")
        if verb == "publish":
            sub.add_argument("--all", action="store_true", help="tell again all that holds, whatever was told before")
    _command(commands, "status", _status, "what the ledger holds, in totals")
    overdue = _command(commands, "overdue", _overdue, "what was not taken in time, or agreed and not sent")
    overdue.add_argument("--at", metavar="INSTANT", help="the hub's clock, such as 2026-03-09T07:00+01:00")
    explain = _command(commands, "explain", _explain, "the whole story of one entity or message, in order")
    explain.add_argument("thing", metavar="ENTITY|MESSAGE")
    add_history(_command(commands, "history", _history, "one entity's rows and state: as of a day, as known on a day"))
    _command(commands, "dpo", _dpo, "what stands open for the data-protection officer alone")
    add_numbers(
        _command(commands, "numbers", _numbers, "two numbers of one person joined or parted by hand, by two people")
    )
    add_partners(
        _command(commands, "partners", _partners, "the registry: who, its mistakes, what one agreed; their servers")
    )
    check = _command(commands, "check", _check, "what the hub would answer to a file, without sending it")
    check.add_argument("file", type=Path)
    check.add_argument("--feed", metavar="FEED", help="check the rows only, under this feed, whatever the file's name")
    check.add_argument("--partner", metavar="ID", help="the sender; by default the one the file name says")
    check.add_argument("--lang", choices=LANGUAGES, default="fr", help="language of the sentences")
    draft = _command(commands, "draft", _draft, "a draft of a feed from your own software's export, by a profile")
    draft.add_argument("export", type=Path)
    draft.add_argument("--profile", required=True, help="a profile of partners/profiles/, or the path of your own")
    draft.add_argument(
        "--with", dest="beside", type=Path, metavar="FILE", help="the second export that a profile needs"
    )
    draft.add_argument("--cpas", metavar="NIS", help="the NIS code of the CPAS, where the export does not hold it")
    draft.add_argument("--out", type=Path, metavar="FILE", help="where to write the draft; it holds people in clear")
    draft.add_argument("--lang", choices=LANGUAGES, default="fr", help="language of the sentences")
    chain = _command(commands, "chain", _chain, "is any file of a folder missing, changed, or out of its line?")
    chain.add_argument("what", choices=["verify"])
    chain.add_argument("folder", type=Path, help="data files and their GO, of one feed or of several")
    chain.add_argument("--lang", choices=LANGUAGES, default="fr", help="language of the sentences")
    add_audit(
        _command(
            commands,
            "audit",
            _audit,
            "is the audit log whole? a proof that it only grew, its check; texts over their term",
        )
    )
    add_contracts(_command(commands, "contracts", _contracts, "what a file must be: the contract of each feed"))
    add_keys(_command(commands, "keys", _keys, "the hub's own keys: make, list, replace, destroy, examine"))
    add_person(_command(commands, "person", _person, "the rights of one person: erasure, report"))
    add_retention(_command(commands, "retention", _retention, "what is kept how long, what is over, and its removal"))
    add_reveal(_command(commands, "reveal", _reveal, "who a subject is, for two officers and a reason"))
    opening = _command(commands, "open", _open, "open the sealed columns of a file received from the hub")
    opening.add_argument("file", type=Path)
    opening.add_argument("--key", type=Path, action="append", required=True, help="your private key; may be repeated")
    offers = _command(commands, "offers", _offers, "the page of job offers that a CPAS can hang in its hall")
    offers.add_argument("what", choices=["page"])
    offers.add_argument("partner", metavar="ID", help="the CPAS, such as 062063")
    offers.add_argument("--on", metavar="DAY", help="the day of the page, such as 2026-03-09; today by default")
    offers.add_argument("--out", type=Path, default=Path(), metavar="FOLDER", help="where to write its HTML and PDF")
    add_statistics(_command(commands, "statistics", _statistics, "the yearly figures, without singling anyone out"))
    _add_simulations(_command(commands, "simulate", _simulate, "a year of the exchange, or a server that misbehaves"))
    _command(commands, "migrate", _migrate, "bring both databases to the version this code needs")
    return parser


def _add_simulations(parser: argparse.ArgumentParser) -> None:
    kinds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    year = kinds.add_parser("year", help="a simulated year of the whole exchange, kept below var/year")
    year.add_argument("--days", metavar="N", help="working days; by default 250")
    year.add_argument("--cpas", metavar="N", help="how many CPAS; by default all 252")
    year.add_argument("--seed", metavar="N", help="another seed is another year")
    year.add_argument("--resume", action="store_true", help="go on with the year that was stopped or killed")
    # What follows is the other program's: with no prefix character of ours, all of it is handed on.
    sftp = kinds.add_parser("sftp", prefix_chars="\0", add_help=False, help="an SFTP server that misbehaves on purpose")
    sftp.add_argument("options", nargs="*", help="`passerelle simulate sftp --help` tells them")


def _command(commands: Any, name: str, run: Command, text: str) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    sub.add_argument("--json", action="store_true", help="machine-readable answer")
    sub.set_defaults(command=run)
    return sub


def _verb(arguments: argparse.Namespace) -> int:
    from hub import flow
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), _instant(arguments.at), NEEDS[arguments.verb]) as hub:
        if arguments.verb == "reconcile":
            counts = flow.reconcile(hub, everything=arguments.all)
            _show(arguments, counts, [f"{name} {count}" for name, count in sorted(counts.items())])
            return 0
        kinds = ("OPEN_DATA",) if arguments.verb == "fetch" else ("CPAS", "FOREM", "REGISTERS", "OPEN_DATA")
        active = [p for kind in kinds for p in flow.active_partners(hub, kind)]
        partners = arguments.partner or active
        if strangers := sorted(set(partners) - set(active)):
            raise OperatorError(f"no channel in channels.toml, or not in the registry: {', '.join(strangers)}")
        again = {"anew": arguments.all} if arguments.verb == "publish" else {}
        if arguments.verb in ("collect", "deliver"):  # whom an operator names is called, whatever it did before
            again = {"insist": bool(arguments.partner)}
        outcomes = getattr(flow, arguments.verb)(hub, partners, **again)
    rows = [{"partner": o.partner, "done": o.done, "error": o.error, "retry": o.retry} for o in outcomes]
    _show(arguments, rows, [f"{o.partner} {o.error or o.done}" for o in outcomes if o.done or o.error])
    failed = [o for o in outcomes if o.error]
    if not failed:
        return 0
    return 12 if all(o.retry for o in failed) else 11


def _status(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    settings = load_settings()
    with open_hub(settings, datetime.now(UTC), NEEDS["read"]) as hub:
        status = hub.ledger.report.status() | {"outbox": str(settings.files / "outbox")}
    _show(arguments, status, list(status_lines(status)))
    return 0


def _explain(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), datetime.now(UTC), NEEDS["read"]) as hub:
        steps = hub.ledger.report.explain(arguments.thing)
    if not steps:
        raise OperatorError("nothing in the ledger has this id")
    _show(arguments, steps, list(story_lines(steps)))
    return 0


def _history(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), datetime.now(UTC), NEEDS["read"]) as hub:
        _show(arguments, *answer_history(hub, arguments))
    return 0


def _dpo(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), datetime.now(UTC), NEEDS["read"]) as hub:
        queue = hub.ledger.report.data_protection()
        days = hub.ledger.volumes.unusual(hub.today - WINDOW)
    told = [{"class": "UNUSUAL_VOLUME", **day, "day": str(day["day"])} for day in days]
    _show(arguments, [*queue, *told], [*queue_lines(queue), *volume_lines(days)])
    return 0


def _numbers(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), datetime.now(UTC), NEEDS["numbers"]) as hub:
        _show(arguments, *answer_numbers(hub, arguments))
    return 0


def _overdue(arguments: argparse.Namespace) -> int:
    from hub.cli_overdue import answer_overdue
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), _instant(arguments.at), NEEDS["read"]) as hub:
        _show(arguments, *answer_overdue(hub))
    return 0


def _partners(arguments: argparse.Namespace) -> int:
    if arguments.what in ACTS:
        return _links(arguments)
    from hub.calendar import brussels_date
    from hub.cli_partners import answer_partners

    value, lines, code = answer_partners(arguments, brussels_date(datetime.now(UTC)))
    _show(arguments, value, lines)
    return code


def _links(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), datetime.now(UTC), NEEDS["probe"]) as hub:
        _show(arguments, *answer_links(hub, arguments))
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from hub.check import Asked, check_file
    from hub.check_text import lines
    from hub.settings import load_settings

    asked = Asked(arguments.file, arguments.feed, arguments.partner, arguments.lang)
    answer = check_file(load_settings(), asked)
    _show(arguments, answer, list(lines(answer, arguments.lang)))
    return 0 if answer["verdict"] == "ACCEPTED" and not answer["rejected"] else REJECTED


def _draft(arguments: argparse.Namespace) -> int:
    from hub.draft import Wanted, draft_file
    from hub.draft_answer import lines
    from hub.settings import load_settings

    wanted = Wanted(arguments.export, arguments.profile, arguments.cpas, arguments.beside, arguments.out)
    answer = draft_file(load_settings(), wanted, datetime.now(UTC), arguments.lang)
    _show(arguments, answer, lines(answer, arguments.lang))
    return REJECTED if answer["verdict"] == "REFUSED" else 0


def _chain(arguments: argparse.Namespace) -> int:
    from hub.chain_folder import verify_folder
    from hub.chain_text import lines

    verified = verify_folder(arguments.folder)
    _show(arguments, asdict(verified) | {"whole": verified.whole}, list(lines(verified, arguments.lang)))
    return 0 if verified.whole else REJECTED


def _audit(arguments: argparse.Namespace) -> int:
    value, lines, code = answer_audit(arguments, _instant(arguments.at))
    _show(arguments, value, lines)
    return code


def _contracts(arguments: argparse.Namespace) -> int:
    _show(arguments, *answer_contracts(arguments))
    return 0


def _keys(arguments: argparse.Namespace) -> int:
    from hub.cli_keys import answer_keys

    value, lines, code = answer_keys(arguments, datetime.now(UTC))
    _show(arguments, value, lines)
    return code


def _person(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), _instant(arguments.at), NEEDS["person"]) as hub:
        _show(arguments, *answer_person(hub, arguments))
    return 0


def _retention(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), _instant(arguments.at), NEEDS["retention"]) as hub:
        _show(arguments, *answer_retention(hub, arguments))
    return 0


def _reveal(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    if arguments.what == "key":
        _show(arguments, *answer_key(arguments))
        return 0
    with open_hub(load_settings(), _instant(arguments.at), NEEDS["reveal"]) as hub:
        _show(arguments, *answer_reveal(hub, arguments))
    return 0


def _open(arguments: argparse.Namespace) -> int:
    from hub.opening import open_file

    if not arguments.file.is_file():
        raise OperatorError("there is no such file")
    opened = open_file(partial(open, arguments.file, encoding="utf-8", newline=""), arguments.key)
    if arguments.json:  # row by row: the whole need not fit into memory
        for n, row in enumerate(opened.rows()):
            print("[" if n == 0 else ",", json.dumps(row, ensure_ascii=False), sep="")
        print("]" if opened.has_rows else "[]")
        return 0
    sheet = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
    sheet.writerow(opened.columns)
    sheet.writerows(row.values() for row in opened.rows())
    return 0


def _offers(arguments: argparse.Namespace) -> int:
    from hub.flow.poster import offers_page
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    noon = _instant(f"{arguments.on}T12:00+01:00" if arguments.on else None)
    with open_hub(load_settings(), noon, NEEDS["read"]) as hub:
        files = offers_page(hub, arguments.partner)
    arguments.out.mkdir(parents=True, exist_ok=True)
    written = [arguments.out / name for name in files]
    for path in written:
        path.write_bytes(files[path.name])
    _show(arguments, [str(path) for path in written], [str(path) for path in written])
    return 0


def _statistics(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import open_hub
    from hub.zones import NEEDS

    with open_hub(load_settings(), _instant(arguments.at), NEEDS["read"]) as hub:
        _show(arguments, *answer_statistics(hub, arguments))
    return 0


def _simulate(arguments: argparse.Namespace) -> int:
    """Run the simulation as a program of its own: the hub knows nothing of those who stand in for its partners."""
    if arguments.what == "sftp":
        return subprocess.call([sys.executable, "-m", "simulators", "faults", *arguments.options])
    script = Path(__file__).resolve().parents[1] / "scripts" / "year.py"
    if not script.exists():
        raise OperatorError("the simulation is in the source tree of Passerelle only")
    given = {name: getattr(arguments, name) for name in ("days", "cpas", "seed")}
    words = [word for name, value in given.items() if value for word in (f"--{name}", value)]
    return subprocess.call([sys.executable, script, *words, *(["--resume"] if arguments.resume else [])])


def _migrate(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import migrate

    migrate(load_settings())
    _show(arguments, {"migrated": True}, ["both databases are at the version this code needs"])
    return 0


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise OperatorError("--at takes an instant such as 2026-03-09T07:00+01:00") from None
    if instant.tzinfo is None:
        raise OperatorError("--at takes an instant with its offset, such as +01:00")
    return instant


def _show(arguments: argparse.Namespace, value: Any, lines: list[str]) -> None:
    if arguments.json:
        print(json.dumps(value, ensure_ascii=False, default=str))
    else:
        print("\n".join(lines))
