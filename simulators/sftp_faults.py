"""What a partner's SFTP server may do wrong, by name, and what a good client makes of it. Drawn by seed, or chosen.

The catalogue is a table for people too: `passerelle simulate sftp --list`, docs/partners/faults.md. How each is done is
in `sftp_server`. A fault changes what the server says, and keeps the files that it holds as their owner wrote them.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

AT_ONCE, LATER, NEVER, BEAR = "go on over another connection", "try again later", "stop and tell a person", "bear it"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong: when, what is seen of it, and what a client should do next."""

    name: str
    during: str
    does: str
    then: str


CATALOGUE: tuple[Fault, ...] = (
    Fault("reset_at_once", "connecting", "resets the connection before a word is said", LATER),
    Fault("silent", "connecting", "accepts the connection and says nothing", LATER),
    Fault("host_key_swapped", "connecting", "shows another host key", NEVER),
    Fault("denies_login", "connecting", "refuses the key or the password", NEVER),
    Fault("no_room", "connecting", "refuses every session for want of room", LATER),
    Fault("one_session", "connecting", "refuses the second session of a connection", BEAR),
    Fault("no_sftp", "connecting", "knows no SFTP", NEVER),
    Fault("stalls_listing", "listing", "never ends its listing", LATER),
    Fault("hostile_names", "listing", "lists names with ../, control characters, 300 letters", BEAR),
    Fault("latin1_names", "listing", "lists a name that is not UTF-8", BEAR),
    Fault("lists_twice", "listing", "lists a name of its own a second time, in capitals", BEAR),
    Fault("ghost", "listing", "lists a file that is not there", BEAR),
    Fault("no_attributes", "listing", "tells no size, time or kind", BEAR),
    Fault("clock_ahead", "listing", "tells times that are two hours ahead", BEAR),
    Fault("clock_behind", "listing", "tells times that are two hours behind", BEAR),
    Fault("cuts_download", "reading", "resets the connection at byte n", AT_ONCE),
    Fault("cuts_close", "reading", "resets the connection as the file is closed", LATER),
    Fault("stalls_download", "reading", "goes silent at byte n", AT_ONCE),
    Fault("throttles", "reading", "answers slowly", BEAR),
    Fault("grows", "reading", "the file grows while it is read", LATER),
    Fault("shrinks", "reading", "the file is cut short while it is read", LATER),
    Fault("rewrites", "reading", "the file has another time after than before", LATER),
    Fault("says_more", "reading", "tells a size above the true one", LATER),
    Fault("says_less", "reading", "tells a size below the true one", LATER),
    Fault("short_reads", "reading", "answers with a third of what was asked (which is allowed)", BEAR),
    Fault("out_of_order", "reading", "answers in another order than it was asked (which is allowed)", BEAR),
    Fault("denies_reading", "reading", "refuses to open a file", NEVER),
    Fault("babbles", "reading", "fails to open, in words that name a person", LATER),
    Fault("cuts_upload", "writing", "resets the connection at byte n", AT_ONCE),
    Fault("stalls_upload", "writing", "goes silent at byte n", AT_ONCE),
    Fault("disk_full", "writing", "has no room at byte n", LATER),
    Fault("keeps_half", "writing", "accepts every write and keeps the first n bytes", NEVER),
    Fault("alters", "writing", "keeps one byte other than it was given", NEVER),
    Fault("drop_box", "writing", "lets nobody read what was written", BEAR),
    Fault("read_only", "writing", "refuses to write", NEVER),
    Fault("takes_away", "writing", "moves a file that is no .part away as soon as it is there", BEAR),
    Fault("no_fsync", "writing", "announces fsync and does not know it", BEAR),
    Fault("no_rename", "renaming", "knows no rename", BEAR),
    Fault("no_posix_rename", "renaming", "announces posix-rename and does not know it", BEAR),
    Fault("rename_over", "renaming", "lets a rename replace another file", BEAR),
    Fault("rename_fails", "renaming", "fails every rename", LATER),
    Fault("rename_then_cut", "renaming", "renames, and resets the connection before it says so", LATER),
    Fault("rename_then_failure", "renaming", "renames, and says that it failed", BEAR),
    Fault("ignores_case", "renaming", "takes names in capitals and small letters for the same", BEAR),
    Fault("denies_removing", "renaming", "refuses to remove a file", NEVER),
)
NAMES = tuple(fault.name for fault in CATALOGUE)
# What a good client bears, or mends in the same visit: with these every file moves on its day. A name in capitals too
# keeps a file waiting, a server that takes files away needs an agreement, a session is refused before it begins, and
# a stall is borne for half a minute.
NOT_BORNE = {"lists_twice", "takes_away", "one_session", "stalls_download", "stalls_upload"}
BORNE = tuple(fault.name for fault in CATALOGUE if fault.then in (AT_ONCE, BEAR) and fault.name not in NOT_BORNE)


@dataclass(frozen=True, slots=True)
class Script:
    """What goes wrong on one connection; `at`: the byte where transfers break; `pause`: seconds that a stall lasts."""

    faults: frozenset[str] = frozenset()
    at: int = 100_000
    pause: float = 3600.0


@dataclass(frozen=True, slots=True)
class Play:
    """The scripts of a server's connections: always `always`, and on some share of them one or two of `drawn`.

    The same seed gives the same scripts to the first, second, … connection.
    """

    always: frozenset[str] = frozenset()
    drawn: Sequence[str] = ()
    share: float = 0.0
    seed: int = 0
    most: int = 100_000
    pause: float = 3600.0

    def script(self, number: int) -> Script:
        """The script of the connection of that number, the first being 1."""
        rng = random.Random(f"{self.seed}|{number}")
        found: Collection[str] = ()
        if self.drawn and rng.random() < self.share:
            found = rng.sample(list(self.drawn), k=min(len(self.drawn), rng.choice((1, 1, 2))))
        return Script(self.always | set(found), rng.randrange(self.most) if found else self.most, self.pause)


def describe() -> str:
    """The catalogue as a table in Markdown."""
    lines = ["| fault | while | the server | a client should |", "|---|---|---|---|"]
    lines += [f"| `{one.name}` | {one.during} | {one.does} | {one.then} |" for one in CATALOGUE]
    return "\n".join(lines) + "\n"
