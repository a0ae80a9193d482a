"""Whose a referral is that no CPAS has sent, read row by row in plain Python, to hold the frames to."""

from collections.abc import Mapping, Sequence

from tests.reference.duty import Row, live

Sent = Mapping[str, tuple[str | None, str | None]]  # referral → its CPAS and its person


def belongs(child: str, rows: Sequence[Row], parents: Sent) -> tuple[str | None, str]:
    """The CPAS that a child gets from its parent, and what it is: SENT_ONWARD, OTHER_PERSON, or NONE, nobody's child.

    `parents` are the referrals that a CPAS has sent.
    """
    answers = live(row for row in rows if row["feed"] == "STAT" and row["entity_id"] == child)
    cpas, person = parents.get(answers[-1]["about"], (None, None)) if answers else (None, None)
    if cpas is None or person is None:
        return None, "NONE"
    return (cpas, "SENT_ONWARD") if answers[-1]["sid"] == person else (None, "OTHER_PERSON")
