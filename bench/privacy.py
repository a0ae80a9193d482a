"""The benchmark of pseudonymising: a column of numbers to the text of tokens, beside the library called row by row.

`python -m bench.privacy [--rows N] [--reps N] [--persons N] [--write]`, from the folder of the project. It prints what
each way used, what OpenSSL itself can do, and what a dictionary attack finds in what is published; one line for each
measure. It exits 0 when they were taken, met or short, and 1 when two ways give different tokens.
"""

from __future__ import annotations

import argparse
import base64
import gc
import hmac
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import cryptography
import polars as pl
from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from bench.dictionary import (
    Dictionary,
    accepted,
    candidates,
    capsules,
    in_common,
    looked_up,
    referrals,
    tokens,
    unkeyed,
    world,
)
from bench.people import Dice
from bench.report import machine, write_page
from hub.keys import Key
from hub.model import FOREM
from hub.partners import load_registry
from hub.pseudonymise import Tokens, indexes

PAGE = Path("docs/benchmarks.md")
ROWS_A_SECOND, FASTER = 1_000_000, 1.6  # the goals
CPAS, OTHER = "062063", "062096"
KEYS = tuple(Key("abcd", use, "active", "2026-11-22", os.urandom(32)) for use in ("index", "token"))
ONCE = "column, each person once"
SEALED = 4_000  # people whose capsules are made at a time, two of each


@dataclass(frozen=True, slots=True)
class Column:
    """Rows that name a person, the subject id of each, and the map from index to subject id."""

    numbers: pl.Series
    sids: list[str]
    known: dict[bytes, str]


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds of the processor, of several runs: medians, and of the fastest; seconds of the clock: medians."""

    cpu: float
    wall: float
    best: float


def main(arguments: Sequence[str]) -> int:
    """Takes the measures and prints them; gives the exit status."""
    asked = _asked(arguments)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # of all that is started from here too
    lines = [machine(), f"cryptography {cryptography.__version__} with {backend.openssl_version_text()}; one processor"]
    given = drawn(asked.rows, asked.persons)
    if not agree(given):
        print("the column and the loop give different tokens")
        return 1
    used, limits = _in_turns(given, asked.reps), _openssl(asked.reps)
    lines += [*_table(used, asked), *_speeds(used, limits, asked), *_privacy(asked.people, asked.presented)]
    print("\n".join(lines))
    if asked.write:
        write_page(PAGE, lines, "privacy")
    return 0


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.privacy")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--reps", type=int, default=5)
    parser.add_argument("--persons", type=int, default=200_000, help="people whom the rows name")
    parser.add_argument("--people", type=int, default=20_000, help="people whom the dictionary attack is after")
    parser.add_argument("--presented", type=int, default=1_000_000, help="tokens presented by another")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benchmarks.md")
    return parser.parse_args(arguments)


# --- how fast -------------------------------------------------------------------------------------------


def drawn(rows: int, persons: int) -> Column:
    """Draws the rows; the persons' numbers are any eleven digits, which costs the same as right ones.

    With as many persons as rows each is named once.
    """
    everybody = [f"{n * 7919:011}" for n in range(persons)]
    known = {index: os.urandom(16).hex() for index in indexes(everybody, KEYS[0])}
    numbers = pl.Series("niss", everybody)
    if persons < rows:
        numbers = numbers[Dice(0, rows).integers(0, persons)]
    return Column(numbers, [known[index] for index in indexes(numbers, KEYS[0])], known)


def column(given: Column) -> pl.Series:
    """The product's columns, the index made and the token made; the subject ids are at hand."""
    indexes(given.numbers, KEYS[0])
    return Tokens(CPAS, KEYS[1]).column(given.sids)


def column_joined(given: Column) -> pl.Series:
    """The same, and the subject id found by its index in a map in memory."""
    known = given.known
    sids = [known[index] for index in indexes(given.numbers, KEYS[0])]
    return Tokens(CPAS, KEYS[1]).column(sids)


def loop(given: Column) -> pl.Series:
    """The library called for each row, by somebody who wants it fast: objects made once, no function of our own."""
    digest, secret, encrypt, data, first = _library()
    made, encode = [], base64.urlsafe_b64encode
    for number, sid in zip(given.numbers.to_list(), given.sids, strict=True):
        digest(secret, b"passerelle/index/1|BE:NISS|" + number.encode(), "sha256")[:16]
        made.append(first + encode(encrypt(bytes.fromhex(sid), data))[:43].decode())
    return pl.Series(made)


def loop_joined(given: Column) -> pl.Series:
    """The same, and the subject id found by its index."""
    digest, secret, encrypt, data, first = _library()
    made, encode, known = [], base64.urlsafe_b64encode, given.known
    for number in given.numbers.to_list():
        sid = known[digest(secret, b"passerelle/index/1|BE:NISS|" + number.encode(), "sha256")[:16]]
        made.append(first + encode(encrypt(bytes.fromhex(sid), data))[:43].decode())
    return pl.Series(made)


def _library() -> tuple[Callable[..., bytes], bytes, Callable[..., bytes], list[bytes], str]:
    index_key, key = KEYS
    info = f"passerelle/token/1|recipient={CPAS}|{key.kid}".encode()
    siv = AESSIV(HKDFExpand(hashes.SHA256(), 64, info).derive(key.secret))
    data = [b"passerelle/token/1", CPAS.encode(), key.kid.encode()]
    return hmac.digest, index_key.secret, siv.encrypt, data, f"w1.{key.kid}."


def only_indexes(given: Column) -> object:
    """The product's column of indexes, nothing else."""
    return indexes(given.numbers, KEYS[0])


def only_tokens(given: Column) -> object:
    """The product's column of tokens, nothing else."""
    return Tokens(CPAS, KEYS[1]).column(given.sids)


WAYS: dict[str, Callable[[Column], object]] = {
    "column": column,
    "loop": loop,
    "column, joined": column_joined,
    "loop, joined": loop_joined,
    "indexes alone": only_indexes,
    "tokens alone": only_tokens,
}


def agree(given: Column) -> bool:
    """Whether all ways give the same tokens."""
    return all(column(given).equals(way(given)) for way in (loop, column_joined, loop_joined))


def _in_turns(given: Column, reps: int) -> dict[str, Used]:
    """Runs every way so many times, one after the other and again: a busy moment hits all of them."""
    some, alone = world(SEALED), drawn(len(given.numbers), len(given.numbers))
    ways: dict[str, Callable[[], object]] = {name: lambda way=way: way(given) for name, way in WAYS.items()}
    ways[ONCE] = lambda: column(alone)
    ways["capsules"] = lambda: list(capsules(some, CPAS))
    taken: dict[str, list[Used]] = {name: [] for name in ways}
    for _ in range(reps):
        for name, way in ways.items():
            taken[name].append(_timed(way))
    return {name: _medians(runs) for name, runs in taken.items()}


def _medians(runs: Sequence[Used]) -> Used:
    return Used(median(u.cpu for u in runs), median(u.wall for u in runs), min(u.best for u in runs))


def _timed(way: Callable[[], object]) -> Used:
    gc.collect()
    cpu, wall = process_time(), perf_counter()
    way()
    spent = process_time() - cpu
    return Used(spent, perf_counter() - wall, spent)


def _openssl(reps: int) -> dict[str, float]:
    """What `openssl speed` says of this processor: HMACs of 16 bytes a second, and blocks of AES-256 a second."""
    orders = {"hmac": ("-hmac", "sha256", "-bytes", "16"), "aes": ("-evp", "aes-256-ecb", "-bytes", "16384")}
    said: dict[str, list[float]] = {name: [] for name in orders}
    for _ in range(reps):
        for name, order in orders.items():
            order = ["openssl", "speed", "-seconds", "1", *order]
            done = subprocess.run(order, capture_output=True, text=True, check=True)
            said[name].append(float(done.stdout.split()[-1].rstrip("k")) * 1000 / 16)
    return {name: median(found) for name, found in said.items()}


def _table(used: dict[str, Used], asked: argparse.Namespace) -> Iterator[str]:
    yield f"\n### {asked.rows:,} rows that name {asked.persons:,} people\n"
    yield "| way | CPU s | fastest run | wall s | rows/s of CPU |\n|---|---:|---:|---:|---:|"
    for name, taken in used.items():
        rows = 2 * SEALED if name == "capsules" else asked.rows
        yield f"| {name} | {taken.cpu:.2f} | {taken.best:.2f} | {taken.wall:.2f} | {rows / taken.cpu:,.0f} |"


def _speeds(used: dict[str, Used], limits: dict[str, float], asked: argparse.Namespace) -> Iterator[str]:
    speed = {name: asked.rows / taken.cpu for name, taken in used.items()}
    yield "\n```"
    yield _at_least("NISS column -> token text, index included, rows/s of one core", speed["column"], ROWS_A_SECOND)
    yield f"    the same where each person is named once, every number hashed, rows/s: {speed[ONCE]:,.0f}"
    yield _at_least("the library's loop / the column, CPU", speed["column"] / speed["loop"], FASTER)
    yield f"    the same with the join to the subject id in memory, rows/s: {speed['column, joined']:,.0f}"
    yield f"    the library's loop / the column, with the join: {speed['column, joined'] / speed['loop, joined']:.2f}"
    yield f"    capsules sealed apart, each/s: {2 * SEALED / used['capsules'].cpu:,.0f}"
    hmac_speed, aes_speed = limits["hmac"] / 1e6, limits["aes"] / 1e6
    yield f"    openssl speed: {hmac_speed:.2f} M HMAC of 16 bytes/s, {aes_speed:.0f} M blocks of AES/s"
    yield f"    indexes alone / openssl's HMAC-SHA256: {speed['indexes alone'] / limits['hmac']:.2f}"
    yield f"    tokens alone, two blocks each / openssl's AES-256-ECB: {2 * speed['tokens alone'] / limits['aes']:.3f}"
    yield "```"


# --- what an attacker finds -----------------------------------------------------------------------------


def _privacy(persons: int, presented: int) -> Iterator[str]:
    people, tried = world(persons), candidates()
    registry = load_registry(Path("partners"))
    everyone = sorted({FOREM, *(partner.partner_id for partner in registry.cpas())})
    made = tokens(people, everyone)
    read = (CPAS, OTHER, FOREM)
    published = chain(*(made[name] for name in read), capsules(people, CPAS), referrals(people))
    with_key = Dictionary(tried, people.index_key, read).recovered(published)
    control = Dictionary(tried, people.token_key).recovered(unkeyed(people))
    both = looked_up(people.subject_index(), tried, people.index_key)
    without = looked_up(people.subject_index(), tried, people.token_key)
    yield f"\n### {persons:,} people, {len(tried):,} numbers tried\n\n```"
    yield _exactly(
        "index key and all that is published (tokens, capsules, referral ids): people found", len(with_key), 0
    )
    yield _exactly("the subject index without its key: people found", len(without), 0)
    yield _exactly("control, plain SHA-256 instead of tokens: people found", len(control), persons)
    yield _exactly("the limit, index key and subject index together: people found", len(both), persons)
    yield _exactly(f"tokens that any two of {len(everyone)} recipients have in common", in_common(made), 0)
    yield from _presented(people.token_key, presented)
    yield "```"


def _presented(key: Key, count: int) -> Iterator[str]:
    drawn = os.urandom(16 * count).hex()
    own = Tokens(CPAS, key).column([drawn[at : at + 32] for at in range(0, len(drawn), 32)]).to_list()
    yield _exactly(f"{count:,} tokens of one CPAS presented by another: accepted", accepted(own, OTHER, key), 0)
    some = own[: count // 100]
    yield _exactly("    control, presented by itself: accepted", accepted(some, CPAS, key), len(some))


def _at_least(name: str, value: float, goal: float) -> str:
    shown = f"{value:,.0f} (goal >= {goal:,})" if goal > 1000 else f"{value:.2f} (goal >= {goal})"
    return f"{name}: {shown} {'met' if value >= goal else 'short'}"


def _exactly(name: str, value: int, goal: int) -> str:
    return f"{name}: {value:,} (goal {goal:,}) {'met' if value == goal else 'short'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
