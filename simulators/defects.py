"""The partners' mistakes, each with a name, planned at fixed places and expected to have a known effect.

A slot is the file of one CPAS on one day. A mistake about a file changes how its parcel is written; a
mistake about a row changes one row, which is sent again, repaired, the day after. The last day has no
mistakes, so that every repair can arrive.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulators.table import Row

Slot = tuple[str, int]  # partner id, index of the day


@dataclass(frozen=True, slots=True)
class Defect:
    """What the hub is expected to answer: verdicts and codes of the ACRF, codes of the findings in the NOTI.

    Where the exchange rules leave the choice open, several are listed. `delayed`: the file's rows count from
    the day after only.
    """

    name: str
    verdicts: tuple[str, ...]
    codes: tuple[str, ...]
    findings: tuple[str, ...] = ()
    delayed: bool = False
    effect: str = ""


def _refused(name: str, code: str, effect: str) -> Defect:
    """A file which is refused and sent again, repaired, the day after."""
    return Defect(name, ("REFUSED",), (code,), delayed=True, effect=effect)


WARNED = ("", "F05", "F06")  # a sequence used again, or a gap in it, is a warning at most
ACCEPTED = Defect("", ("ACCEPTED",), WARNED)
REPAIRED = "the row is rejected; sent again the day after with the same version, it is accepted"
RESENT = "no row counts; the file is sent again the day after under the next sequence and is accepted"
ROW_DEFECTS = (
    Defect("niss_leading_zero_lost", ("ACCEPTED",), WARNED, ("R102",), effect=REPAIRED),
    Defect("bad_checksum", ("ACCEPTED",), WARNED, ("R101",), effect=REPAIRED),
    Defect("ragged_row", ("ACCEPTED",), WARNED, ("R001", "R002"), effect=REPAIRED),
)
FILE_DEFECTS = (
    _refused("wrong_encoding", "F08", f"bytes of cp1252 in a file declared utf-8; {RESENT}"),
    _refused("manifest_count_mismatch", "F04", f"the GO announces one row more; {RESENT}"),
    _refused("wrong_environment", "F11", f"letter R in the name; {RESENT}"),
    _refused("hash_mismatch", "F03", f"the GO has another file's digest; {RESENT}"),
    Defect(
        "duplicate_file",
        ("DUPLICATE",),
        WARNED,
        effect="the same bytes the day after, next sequence: no effect",
    ),
    Defect("same_name_new_content", ("ACCEPTED",), WARNED, effect="same name, one row corrected: a new version"),
    Defect("no_go", ("ACCEPTED",), WARNED, delayed=True, effect="waits without a receipt until its GO comes"),
    Defect("unknown_sender", ("REFUSED",), ("F10",), effect="nobody ever holds its rows"),
    Defect("adg_commune", ("REFUSED",), ("F15",), effect="nobody ever holds its rows"),
)
OF_BYTES = ("wrong_encoding", "ragged_row")
STRANGERS = {"unknown_sender": "069999", "adg_commune": "063023"}
FOREM_DEFECTS = {
    "orphan_status": "a status for an unknown referral: RECO to Le Forem with R404, no CPAS sees it",
    "wrong_person": "a status with another person's NISS: R503 to Le Forem, nothing to the CPAS",
    "wrong_person_healed": "the same, corrected the day after: the status then counts, no discrepancy",
}


def assign(rng: random.Random, slots: list[Slot], fits: Callable[[str, Slot], bool]) -> dict[Slot, Defect]:
    """A slot for each mistake where one fits; row mistakes get a second one when there is room."""
    free = sorted(slots)
    rng.shuffle(free)
    spare = len(free) >= 2 * (len(ROW_DEFECTS) + len(FILE_DEFECTS))
    placed: dict[Slot, Defect] = {}
    for defect in ROW_DEFECTS + FILE_DEFECTS + (ROW_DEFECTS if spare else ()):
        slot = next((slot for slot in free if fits(defect.name, slot)), None)
        if slot is not None:
            free.remove(slot)
            placed[slot] = defect
    return placed


def broken(name: str, row: Row) -> Row:
    """The row with the mistake in it; a ragged row is broken when its file is written."""
    if name == "niss_leading_zero_lost":
        return row | {"niss": row["niss"].removeprefix("0")}
    if name == "bad_checksum":
        return row | {"niss": f"{row['niss'][:9]}{int(row['niss'][9:]) % 97 + 1:02d}"}
    return row


def can_break(name: str, row: Row) -> bool:
    """Whether this mistake is possible in that row: a zero can only be lost where there is one."""
    digits = row["niss"]
    return digits[0] == "0" and digits[1] != "0" if name == "niss_leading_zero_lost" else True


def expectation(
    defect: Defect, parcel: Mapping[str, Any], due: int, rejected: int = 0, again: int = 0
) -> dict[str, Any]:
    """What the sender of a parcel must be told by the end of the day with index `due`."""
    return {
        "parcel": parcel["id"],
        "partner": parcel["partner"],
        "due": due,
        "verdicts": list(defect.verdicts),
        "codes": list(defect.codes),
        "rows": len(parcel["rows"]),
        "rejected": rejected,
        "duplicate": again,
        "findings": list(defect.findings) if rejected else [],
    }
