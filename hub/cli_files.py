"""Commands on files of one's own, without a hub: `check`, `draft`, `chain`, `open`; and `simulate`."""

import argparse
import csv
import json
import signal
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from hub.cli_show import LANGUAGES, REJECTED, show
from hub.errors import OperatorError


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lang", choices=LANGUAGES, default="fr", help="language of the sentences")


def add_check(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `check`."""
    parser.add_argument("file", type=Path)
    parser.add_argument("--feed", metavar="FEED", help="check the rows only, under this feed, whatever the file's name")
    parser.add_argument("--partner", metavar="ID", help="the sender; by default the one the file name says")
    _add_language(parser)


def run_check(arguments: argparse.Namespace) -> int:
    """What the hub would answer to a file; 10 when it would refuse it, or reject a row."""
    from hub.check import Asked, check_file
    from hub.check_text import lines
    from hub.settings import load_settings

    asked = Asked(arguments.file, arguments.feed, arguments.partner, arguments.lang)
    answer = check_file(load_settings(), asked)
    show(arguments, answer, list(lines(answer, arguments.lang)))
    return 0 if answer["verdict"] == "ACCEPTED" and not answer["rejected"] else REJECTED


def add_draft(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `draft`."""
    parser.add_argument("export", type=Path)
    parser.add_argument("--profile", required=True, help="a profile of partners/profiles/, or the path of your own")
    parser.add_argument(
        "--with", dest="beside", type=Path, metavar="FILE", help="the second export that a profile needs"
    )
    parser.add_argument("--cpas", metavar="NIS", help="the NIS code of the CPAS, where the export does not hold it")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where to write the draft; it holds people in clear")
    _add_language(parser)


def run_draft(arguments: argparse.Namespace) -> int:
    """A draft of a feed from an export; 10 when the export cannot be read so."""
    from hub.draft import Wanted, draft_file
    from hub.draft_answer import lines
    from hub.settings import load_settings

    wanted = Wanted(arguments.export, arguments.profile, arguments.cpas, arguments.beside, arguments.out)
    answer = draft_file(load_settings(), wanted, datetime.now(UTC), arguments.lang)
    show(arguments, answer, lines(answer, arguments.lang))
    return REJECTED if answer["verdict"] == "REFUSED" else 0


def add_chain(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `chain`."""
    parser.add_argument("what", choices=["verify", "view"], help="verify them, or write the whole view from RECO")
    parser.add_argument("folder", type=Path, help="data files and their GO, of one feed or of several")
    _add_language(parser)


def run_chain(arguments: argparse.Namespace) -> int:
    """Whether the files of a folder are whole and in line; 10 when they are not. Or the view that they come to."""
    if arguments.what == "view":
        return _show_view(arguments)
    from hub.chain_folder import verify_folder
    from hub.chain_text import lines

    verified = verify_folder(arguments.folder)
    show(arguments, asdict(verified) | {"whole": verified.whole}, list(lines(verified, arguments.lang)))
    return 0 if verified.whole else REJECTED


def _show_view(arguments: argparse.Namespace) -> int:
    from hub.chain_view import whole_view

    view = whole_view(arguments.folder)
    if arguments.json:
        print(json.dumps(view.rows, ensure_ascii=False))
        return 0
    sheet = csv.DictWriter(sys.stdout, view.columns, delimiter=";", lineterminator="\n")
    sheet.writeheader()
    sheet.writerows(view.rows)
    return 0


def add_open(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `open`."""
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", type=Path, action="append", required=True, help="your private key; may be repeated")


def run_open(arguments: argparse.Namespace) -> int:
    """The sealed columns of a file in clear, row by row: the whole need not fit into memory."""
    from hub.opening import open_file

    if not arguments.file.is_file():
        raise OperatorError("there is no such file")
    opened = open_file(partial(open, arguments.file, encoding="utf-8", newline=""), arguments.key)
    if arguments.json:
        for n, row in enumerate(opened.rows()):
            print("[" if n == 0 else ",", json.dumps(row, ensure_ascii=False), sep="")
        print("]" if opened.has_rows else "[]")
        return 0
    sheet = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
    sheet.writerow(opened.columns)
    sheet.writerows(row.values() for row in opened.rows())
    return 0


def add_simulate(parser: argparse.ArgumentParser) -> None:
    """Declare what follows `simulate`."""
    kinds = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    # What follows is the other program's: with no prefix character of ours, all of it is handed on.
    for name, text in {
        "year": "a simulated year of the whole exchange, kept below var/year",
        "sftp": "an SFTP server that misbehaves on purpose",
        "api": "an API that does",
    }.items():
        other = kinds.add_parser(name, prefix_chars="\0", add_help=False, help=text)
        other.add_argument("options", nargs="*", help=f"`passerelle simulate {name} --help` tells them")


def run_simulate(arguments: argparse.Namespace) -> int:
    """Run the simulation as a program of its own: the hub knows nothing of those who stand in for its partners."""
    if program := {"sftp": "faults", "api": "api"}.get(arguments.what):
        return run_program([sys.executable, "-m", "simulators", program, *arguments.options])
    script = Path(__file__).resolve().parents[1] / "scripts" / "year.py"
    if not script.exists():
        raise OperatorError("the simulation is in the source tree of Passerelle only")
    return run_program([sys.executable, str(script), *arguments.options])


def run_program(words: list[str]) -> int:
    """Run another program to its end; its exit code. It is told to end when we are; Ctrl-C reaches it by itself."""
    with subprocess.Popen(words) as program:
        acts = {signal.SIGTERM: lambda *_: program.terminate(), signal.SIGINT: lambda *_: None}
        before = {number: signal.signal(number, act) for number, act in acts.items()}
        try:
            return program.wait()
        finally:
            for number, act in before.items():
                signal.signal(number, act)
