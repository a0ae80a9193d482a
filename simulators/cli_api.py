"""`python -m simulators api`: the API of one partner over a folder, that misbehaves on purpose, for whoever writes one.

The files of the folder are those of a mailbox: what lies in in/ is for the hub, what the hub brings is in out/.
"""

import argparse
import json
import signal
from pathlib import Path

from simulators import api_faults
from simulators.api_desk import Desk
from simulators.api_faults import NAMES, Faults
from simulators.api_routes import TOKEN_PATH
from simulators.api_trust import CLIENT, SCOPE, Tokens, make_authority, require_certificate
from simulators.forem_api import Api, running

ENDS = {signal.SIGTERM, signal.SIGINT}


def add_api(parser: argparse.ArgumentParser) -> None:
    """Declare its options."""
    parser.add_argument("--list", action="store_true", help="the faults, what each does and what a client should do")
    parser.add_argument("--folder", type=Path, help="the folder to serve; in/done and out/taken are made in it")
    parser.add_argument("--public", type=Path, help="the public key (P-256, PEM) of the client that is let in")
    parser.add_argument("--certificate", type=Path, help="nobody connects without this certificate of the client")
    parser.add_argument("--partner", default="900001", metavar="ID", help="six digits, in the addresses")
    parser.add_argument("--fault", action="append", default=[], choices=NAMES, metavar="NAME", help="these, not all")
    parser.add_argument("--share", type=float, help="of the requests that a fault fits; all of them with --fault")
    parser.add_argument("--times", type=int, default=0, metavar="N", help="each fault so often at most")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same faults on the same requests")
    parser.add_argument("--slow", type=float, default=60.0, help="seconds that an answer lasts, sent byte by byte")
    parser.add_argument("--pause", type=int, default=0, help="seconds of Retry-After")
    parser.add_argument("--host", default="127.0.0.1", help="address or name to listen at, and of the certificate")
    parser.add_argument("--port", type=int, default=0, help="by default a free one")


def run_api(options: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT, then say how often each fault was seen."""
    if options.list:
        print(api_faults.describe(), end="")
        return 0
    if options.folder is None or options.public is None:
        raise ValueError("api takes --folder and --public; or --list")
    if not (len(options.partner) == 6 and options.partner.isdecimal()):
        raise ValueError("--partner takes six digits")
    share = options.share if options.share is not None else 1.0 if options.fault else 0.0
    faults = Faults(options.seed, share, options.fault or NAMES, options.times)
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)  # before any thread: none of them is to be interrupted
    trust = options.folder.absolute() / ".trust"
    tls = make_authority(trust, options.host)
    if options.certificate:
        require_certificate(tls, options.certificate)
    desks = {options.partner: Desk(options.folder.absolute())}
    api = Api((options.host, options.port), tls, desks, Tokens(options.public), faults)
    api.slow, api.pause = options.slow, options.pause
    end = running(api)
    told = {
        "url": f"{api.origin}/{options.partner}/v1",
        "token": api.origin + TOKEN_PATH,
        "client": CLIENT,
        "scope": SCOPE,
        "authority": str(trust / "ca.pem"),
    }
    print("\n".join(f"{name} = {json.dumps(value)}" for name, value in told.items()), flush=True)
    signal.sigwait(ENDS)
    end()
    print(
        f"{api.asked} requests", *(f"{name}: {faults.counts[name]}" for name in NAMES if faults.counts[name]), sep="\n"
    )
    return 0
