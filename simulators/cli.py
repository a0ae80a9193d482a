"""`python -m simulators`: make a scenario, serve its mailboxes, play its days, check the books."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from simulators import communes, cpas, doors, forem, init, layout, portal, server
from simulators.api_faults import Faults
from simulators.check import check
from simulators.cli_api import add_api, run_api
from simulators.cli_faults import add_faults, run_faults
from simulators.layout import FOREM, OPEN_DATA
from simulators.sftp_faults import BORNE, Play


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 when `check` finds a difference, 2 when it cannot be run."""
    options = _parser().parse_args(arguments)
    try:
        result: int = options.run(options)
        return result
    except (FileExistsError, FileNotFoundError, ValueError) as problem:
        print(f"simulators: {problem}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    """Commands and their options."""
    parser = argparse.ArgumentParser("simulators", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = _command(commands, "init", _init, "people, keys, mailboxes, agendas and the ground truth")
    one.add_argument("--seed", type=int, required=True)
    one.add_argument("--day", type=date.fromisoformat, default=date(2026, 3, 9), help="first day (a working day)")
    one.add_argument("--days", type=int, default=5, help="working days to plan")
    one.add_argument("--cpas", default="12", help="how many, or a list such as 062063,062096")
    one.add_argument("--referrals", type=int, default=0, help="in all; by default twelve per CPAS in five days")
    one.add_argument("--api", action="store_true", help="Le Forem and one CPAS have an API too, and INSC is sent by it")
    one.add_argument("--offers", action="store_true", help="there is a portal with public job offers")
    one.add_argument("--registry", type=Path, default=communes.REGISTRY, help="folder of cpas.csv and postal_codes.csv")
    one.add_argument("--envelopes", action="store_true", help="some partners wrap their files, each in its own way")
    one = _command(commands, "serve", _serve, "SFTP server of all mailboxes, the APIs and the portal, until SIGTERM")
    one.add_argument("--authorized", type=Path, required=True, help="the hub's public SSH key")
    one.add_argument("--port-file", type=Path, required=True, help="appears, with the port, once it listens")
    one.add_argument("--host", default=server.LOCAL, help="address or name to listen at; the channels file says it too")
    one.add_argument("--port", type=int, default=0, help="by default a free one")
    one.add_argument("--api-key", type=Path, help="also serve the APIs, to the hub with this key: its .pub and .crt")
    one.add_argument("--api-port", type=int, default=0, help="by default a free one")
    one.add_argument(
        "--api-faults", type=float, default=0.0, metavar="SHARE", help="of the APIs' answers that go wrong"
    )
    one.add_argument("--api-seed", type=int, default=1, help="which of them, and how")
    one.add_argument(
        "--faults", type=int, metavar="SEED", help="on a third of the visits, faults that a client must bear"
    )
    one.add_argument("--channels", type=Path, help="also write the hub's channels file (TOML) there")
    for name, run, text in (
        ("cpas-day", _cpas_day, "every CPAS takes its out/, then writes that day's orientations"),
        ("forem-day", _forem_day, "Le Forem takes its out/, then writes the statuses due"),
        ("take", _take, "every stand-in takes what is in its out/"),
        ("portal-day", _portal_day, "the portal shows the job offers of that day"),
    ):
        _command(commands, name, run, text).add_argument("--day", type=date.fromisoformat, required=True)
    one = commands.add_parser("faults", help="an SFTP server of one folder that misbehaves on purpose, until SIGTERM")
    one.set_defaults(run=run_faults)
    add_faults(one)
    one = commands.add_parser("api", help="an API of one folder that misbehaves on purpose, until SIGTERM")
    one.set_defaults(run=run_api)
    add_api(one)
    one = _command(commands, "check", _check, "do the books agree with the ground truth?")
    one.add_argument("--day", default="", help="at the end of that day; by default the last of the scenario")
    one.add_argument("--json", action="store_true")
    return parser


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: object, text: str
) -> argparse.ArgumentParser:
    """A command with its root folder."""
    parser = commands.add_parser(name, help=text)
    parser.add_argument("--root", type=Path, required=True)
    parser.set_defaults(run=run)
    return parser


def _init(options: argparse.Namespace) -> int:
    init.create(
        options.root,
        seed=options.seed,
        first=options.day,
        count=options.days,
        cpas=options.cpas,
        registry=options.registry,
        referrals=options.referrals,
        wrap=options.envelopes,
        api=options.api,
        offers=options.offers,
    )
    print(f"{len(layout.partners(options.root))} partners ready")
    return 0


def _serve(options: argparse.Namespace) -> int:
    files = options.root, options.authorized, options.port_file, options.channels
    play = (
        None if options.faults is None else Play(drawn=BORNE, share=0.35, seed=options.faults, most=5_000, pause=60.0)
    )
    faults = Faults(options.api_seed, options.api_faults)
    desks = doors.opened(options.root, options.api_key, options.host, options.api_port, faults)
    with desks as apis, portal.opened(options.root) as dataset:
        more = {OPEN_DATA: dataset} if dataset else {}
        asyncio.run(server.serve(*files, options.port, options.host, apis, play, more))
    return 0


def _cpas_day(options: argparse.Namespace) -> int:
    own = [partner for partner in layout.partners(options.root) if partner != FOREM]
    taken = sum(cpas.take(options.root, partner) for partner in own)
    put = sum(cpas.write_day(options.root, partner, options.day.isoformat()) for partner in own)
    print(f"{taken} files taken, {put} files put")
    return 0


def _forem_day(options: argparse.Namespace) -> int:
    taken = forem.take(options.root)
    print(f"{taken} files taken, {forem.write_day(options.root, options.day.isoformat())} files put")
    return 0


def _take(options: argparse.Namespace) -> int:
    own = [partner for partner in layout.partners(options.root) if partner != FOREM]
    print(f"{sum(cpas.take(options.root, partner) for partner in own) + forem.take(options.root)} files taken")
    return 0


def _portal_day(options: argparse.Namespace) -> int:
    print(f"{portal.show(options.root, options.day.isoformat())} offers shown")
    return 0


def _check(options: argparse.Namespace) -> int:
    verdict = check(options.root, options.day)
    report = verdict.as_json()
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
        return 0 if report["agree"] else 1
    print(f"end of {verdict.day}: {verdict.referrals} referrals, {verdict.files} files compared")
    for kind, number in report["counts"].items():
        print(f"{kind}: {number}")
        for one in verdict.differences:
            if one.kind == kind:
                print(f"  {one.partner} {one.subject}: {one.detail}")
    print("the books agree with the truth" if report["agree"] else "the books differ from the truth")
    return 0 if report["agree"] else 1
