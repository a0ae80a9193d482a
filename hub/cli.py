"""`passerelle …`: every verb without Airflow, on the same code, and what an operator or a partner asks.

Exit codes: 0 done, 10 rejected, 11 an operator must act, 12 may succeed later, 13 an invariant is broken,
130 stopped by Ctrl-C.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hub import cli_files
from hub.cli_audit import add_audit, answer_audit
from hub.cli_contracts import add_contracts, answer_contracts
from hub.cli_discrepancies import add_discrepancies, answer_discrepancies
from hub.cli_history import add_history, answer_history
from hub.cli_keys import add_keys, answer_keys
from hub.cli_ledger import add_explain, add_offers, answer_dpo, answer_explain, answer_offers, answer_status
from hub.cli_links import ACTS, answer_links
from hub.cli_numbers import add_numbers, answer_numbers
from hub.cli_overdue import add_overdue, answer_overdue
from hub.cli_partners import add_partners
from hub.cli_person import add_person, answer_person
from hub.cli_retention import add_retention, answer_retention
from hub.cli_reveal import add_reveal, answer_key, answer_reveal
from hub.cli_show import Answer, hub_for, instant, show
from hub.cli_statistics import add_statistics, answer_statistics
from hub.cli_verbs import VERBS, add_verb, run_verb
from hub.errors import HubError, unforeseen
from hub.memory import keep_private

if TYPE_CHECKING:
    from hub.flow.hub import Hub

STOPPED = 130  # as a shell has it for Ctrl-C
Command = Callable[[argparse.Namespace], int]
Add = Callable[[argparse.ArgumentParser], None]


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question to the hub: its word, what `hub.zones` gives it, what it is, who answers it, what follows the word."""

    word: str
    needs: str
    text: str
    answer: "Callable[[Hub, argparse.Namespace], Answer]"
    add: Add = lambda _parser: None

    def __call__(self, arguments: argparse.Namespace) -> int:
        with hub_for(self.needs, getattr(arguments, "at", None)) as hub:
            show(arguments, *self.answer(hub, arguments))
        return 0


QUESTIONS = (
    _Asked("status", "read", "what the ledger holds, in totals", answer_status),
    _Asked(
        "discrepancies",
        "read",
        "on what the two sides disagree: how many, whose move, for how long",
        answer_discrepancies,
        add_discrepancies,
    ),
    _Asked("overdue", "read", "what was not taken in time, or agreed and not sent", answer_overdue, add_overdue),
    _Asked("explain", "read", "the whole story of one entity or message, in order", answer_explain, add_explain),
    _Asked(
        "history", "read", "one entity's rows and state: as of a day, as known on a day", answer_history, add_history
    ),
    _Asked("dpo", "read", "what stands open for the data-protection officer alone", answer_dpo),
    _Asked(
        "numbers",
        "numbers",
        "two numbers of one person joined or parted by hand, by two people",
        answer_numbers,
        add_numbers,
    ),
    _Asked("person", "person", "the rights of one person: erasure, report", answer_person, add_person),
    _Asked(
        "retention",
        "retention",
        "what is kept how long, what is over, and its removal",
        answer_retention,
        add_retention,
    ),
    _Asked("offers", "read", "the page of job offers that a CPAS can hang in its hall", answer_offers, add_offers),
    _Asked("statistics", "read", "the yearly figures, without singling anyone out", answer_statistics, add_statistics),
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("passerelle", description="Exchange between the CPAS of Wallonia and Le Forem.")
    parser.add_argument("-v", "--verbose", action="store_true", help="log each event on standard error")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for verb in VERBS:
        add_verb(_command(commands, verb, run_verb, f"{verb}: see docs/steps/{verb}.md"), verb)
    for one in QUESTIONS:
        one.add(_command(commands, one.word, one, one.text))
    for word, (run, add, text) in _OTHERS.items():
        add(_command(commands, word, run, text))
    return parser


def _command(commands: Any, name: str, run: Command, text: str) -> argparse.ArgumentParser:
    sub: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    sub.add_argument("--json", action="store_true", help="machine-readable answer")
    sub.set_defaults(command=run)
    return sub


def _partners(arguments: argparse.Namespace) -> int:
    if arguments.what in ACTS:
        with hub_for("probe") as hub:
            show(arguments, *answer_links(hub, arguments))
        return 0
    from hub.calendar import brussels_date
    from hub.cli_partners import answer_partners

    value, lines, code = answer_partners(arguments, brussels_date(datetime.now(UTC)))
    show(arguments, value, lines)
    return code


def _audit(arguments: argparse.Namespace) -> int:
    value, lines, code = answer_audit(arguments, instant(arguments.at))
    show(arguments, value, lines)
    return code


def _contracts(arguments: argparse.Namespace) -> int:
    show(arguments, *answer_contracts(arguments))
    return 0


def _keys(arguments: argparse.Namespace) -> int:
    value, lines, code = answer_keys(arguments, datetime.now(UTC))
    show(arguments, value, lines)
    return code


def _reveal(arguments: argparse.Namespace) -> int:
    if arguments.what == "key":
        show(arguments, *answer_key(arguments))
        return 0
    with hub_for("reveal", arguments.at) as hub:
        show(arguments, *answer_reveal(hub, arguments))
    return 0


def _migrate(arguments: argparse.Namespace) -> int:
    from hub.settings import load_settings
    from hub.wiring import migrate

    migrate(load_settings())
    show(arguments, {"migrated": True}, ["both databases are at the version this code needs"])
    return 0


_OTHERS: dict[str, tuple[Command, Add, str]] = {
    "partners": (_partners, add_partners, "the registry: who, its mistakes, what one agreed; their servers"),
    "check": (cli_files.run_check, cli_files.add_check, "what the hub would answer to a file, without sending it"),
    "draft": (
        cli_files.run_draft,
        cli_files.add_draft,
        "a draft of a feed from your own software's export, by a profile",
    ),
    "chain": (
        cli_files.run_chain,
        cli_files.add_chain,
        "is any file of a folder missing, changed, or out of its line?",
    ),
    "audit": (_audit, add_audit, "is the audit log whole? a proof that it only grew, its check; texts over their term"),
    "contracts": (_contracts, add_contracts, "what a file must be: the contract of each feed"),
    "keys": (_keys, add_keys, "the hub's own keys: make, list, replace, destroy, examine"),
    "reveal": (_reveal, add_reveal, "who a subject is, for two officers and a reason"),
    "open": (cli_files.run_open, cli_files.add_open, "open the sealed columns of a file received from the hub"),
    "simulate": (
        cli_files.run_simulate,
        cli_files.add_simulate,
        "a year of the exchange, or a server that misbehaves",
    ),
    "migrate": (_migrate, lambda _parser: None, "bring both databases to the version this code needs"),
}
