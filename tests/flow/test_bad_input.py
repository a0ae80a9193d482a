"""Every named bad input, from the mailbox to the receipt: a code, a French sentence, and never an error of ours."""

import os
from pathlib import Path

import pytest
from play import WEEK, Exchange
from post import CPAS, Post, data_of, go_of, mark_of, name_of, row

DATA = data_of(row())
NAME = name_of()
NEXT = name_of(2)
ADG, UNSIGNED = "063023", "053065"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Exchange:
    """Keys and empty databases, made once."""
    return Exchange(tmp_path_factory.mktemp("prepared"), cpas=CPAS).prepare()


@pytest.fixture(params=[False, True], ids=["one key", "another key each time"])
def post(prepared: Exchange, tmp_path: Path, request: pytest.FixtureRequest) -> Post:
    """The mailbox of a CPAS that may exchange; the digest key makes no difference."""
    return Post(tmp_path, prepared, turning=request.param)


def check_refused(post: Post, name: str, data: bytes, code: str) -> None:
    """Refused with that code, told so in French, sealed in quarantine, put away, and without any effect."""
    assert post.receipts() == [(name, "REFUSED", code)]
    assert post.totals() == []
    assert post.quarantined() == [data]
    assert post.waiting() == set()
    assert name in post.done()
    assert post.events() == 0


def check_accepted(post: Post, read: int, rejected: int) -> None:
    """The file itself is accepted, and so are its right rows."""
    assert [verdict for _, verdict, _ in post.receipts()] == ["ACCEPTED"]
    assert post.totals() == [(read, read - rejected, rejected, 0)]
    assert post.quarantined() == []
    assert post.done() == {NAME, mark_of(NAME)}
    assert post.events() == read - rejected


def test_a_right_file_is_accepted(post: Post) -> None:
    """What the other tests change is right before they do."""
    post.put(NAME, DATA)
    post.run()
    check_accepted(post, 1, 0)
    assert post.receipts() == [(NAME, "ACCEPTED", "")]
    assert post.findings() == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sha256": "0" * 64}, "F03"),
        ({"file": NEXT}, "F03"),
        ({"rows": 2}, "F04"),
        ({"rows": 0}, "F04"),
        ({"contract": "orientations/9"}, "F07"),
        ({"contract": "statuses/1"}, "F07"),
        ({"contract": "orientations_out/1"}, "F07"),
        ({"rows": "1"}, "F02"),
        ({"sha256": None}, "F02"),
    ],
    ids=str,
)
def test_a_file_that_is_not_the_one_announced_is_refused(post: Post, changed: dict[str, object], code: str) -> None:
    """Another hash, name, number of rows or contract than its GO says: not one row is read."""
    post.put(NAME, DATA, go_of(NAME, DATA, **changed))
    post.run()
    check_refused(post, NAME, DATA, code)


@pytest.mark.parametrize(
    "go",
    [b"", b"\xff\xfe\x00", b"{", b"[]", b"null", b"NaN", b'{"file":"x","file":"y"}', b"[" * 70_000, b"\0" * 10],
    ids=lambda go: repr(go[:12]),
)
def test_a_go_that_cannot_be_read_refuses_its_file(post: Post, go: bytes) -> None:
    """Whatever the bytes of a GO are, its file is refused and nothing breaks."""
    post.put(NAME, DATA, go)
    post.run()
    check_refused(post, NAME, DATA, "F02")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (name_of(sender="069999"), "F10"),
        (name_of(sender="062096"), "F10"),
        (name_of(sender="900001"), "F10"),
        (name_of(sender=ADG), "F15"),
        (name_of(letter="R"), "F11"),
        (name_of(feed="XXXX"), "F17"),
        (name_of(feed="STAT"), "F17"),
        (name_of(tail="2.1"), "F01"),
    ],
)
def test_a_name_that_may_not_come_from_here_is_refused(post: Post, name: str, code: str) -> None:
    """An unknown sender, another's name, the other environment, a feed not its own, a part of several."""
    post.put(name, DATA)
    post.run()
    check_refused(post, name, DATA, code)


@pytest.mark.parametrize(("partner", "code"), [(ADG, "F15"), (UNSIGNED, "F16")])
def test_a_cpas_that_may_not_exchange_is_told_so(prepared: Exchange, tmp_path: Path, partner: str, code: str) -> None:
    """A CPAS of the ADG, or one without a convention, that has a mailbox all the same gets a receipt, no effect."""
    post, name = Post(tmp_path, prepared, partner), name_of(sender=partner)
    post.put(name, DATA)
    post.run()
    check_refused(post, name, DATA, code)


def test_a_file_in_several_parts_is_refused_part_by_part(post: Post) -> None:
    """Both parts of a file announced by one GO are refused, and nothing stays in in/."""
    first, second = name_of(tail="2.1"), name_of(tail="2.2")
    other = data_of(row(referral_id="R62063-2025-000002"))
    post.put_one(first, DATA)
    post.put_one(second, other)
    post.put_one(mark_of(first), go_of(first, DATA))
    post.run()
    assert sorted(post.receipts()) == [(first, "REFUSED", "F01"), (second, "REFUSED", "F01")]
    assert sorted(post.quarantined()) == sorted([DATA, other])
    assert post.waiting() == set()
    assert post.done() == {first, second, mark_of(first)}


@pytest.mark.parametrize(
    ("data", "rows", "code", "line"),
    [
        (data_of(row(last_name="Épée")).decode().encode("cp1252"), 1, "F08", "2"),
        (data_of(row()).decode().encode("utf-16"), 1, "F20", "1"),
        (DATA + b"\0\n", 1, "F21", "3"),
        (b"", 0, "F28", ""),
        (b"\n \n", 0, "F28", ""),
        (b"notice_id;version\n", 0, "F26", "1"),
        (DATA.replace(b";", b","), 1, "F29", "1"),
        (DATA + b'"never closed\n', 1, "F25", "3"),
    ],
    ids=["cp1252", "utf-16", "nul", "empty", "blank", "header", "commas", "quote"],
)
def test_a_file_that_cannot_be_read_is_refused(post: Post, data: bytes, rows: int, code: str, line: str) -> None:
    """A wrong encoding or structure refuses the file, and the NOTI says in which line."""
    post.put(NAME, data, go_of(NAME, data, rows=rows))
    post.run()
    check_refused(post, NAME, data, code)
    assert post.findings() == [(line, "", code)]


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"niss": "1010100088"}, "niss", "R102"),
        ({"niss": "85073100032"}, "niss", "R101"),
        ({"niss": ""}, "niss", "R305"),
        ({"niss": f"850731123{97 - 850731123 % 97:02d}"}, "niss", "R106"),
        ({"birth_date": "1985-07-30"}, "birth_date", "R501"),
        ({"referral_id": "R62096-2025-000001"}, "referral_id", "R205"),
        ({"version": "3000000000"}, "version", "R314"),
        ({"version": "9" * 18}, "version", "R314"),
        ({"version": "9" * 40}, "version", "R306"),
        ({"recorded_at": "0001-01-01T00:00:00+14:00"}, "recorded_at", "R306"),
    ],
    ids=str,
)
def test_a_bad_row_is_rejected_and_the_right_one_beside_it_counts(
    post: Post, changed: dict[str, str], column: str, code: str
) -> None:
    """The row is told by its line, column and code; the other row of the file is recorded."""
    post.put(NAME, data_of(row(), row(**{"referral_id": "R62063-2025-000002"} | changed)))
    post.run()
    check_accepted(post, 2, 1)
    assert ("3", column, code) in post.findings()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (data_of(row(), row(), cut=1), "R001"),
        (data_of(row(), row(), more=["x"]), "R002"),
    ],
)
def test_a_ragged_row_is_rejected_and_the_right_one_beside_it_counts(post: Post, data: bytes, code: str) -> None:
    """A row with a cell too few or too many is told by its line, and rejects nothing else."""
    post.put(NAME, data)
    post.run()
    check_accepted(post, 2, 1)
    assert post.findings() == [("3", "", code)]


def test_a_file_without_rows_is_accepted(post: Post) -> None:
    """A complete header and a GO that says 0: nothing to tell is something to say."""
    data = data_of()
    post.put(NAME, data)
    post.run()
    check_accepted(post, 0, 0)


def test_a_name_outside_the_grammar_is_taken_after_two_looks(post: Post) -> None:
    """Nothing says that such a file is complete: it is taken once it has not moved, and its name is not kept."""
    name = "orientations Dubois 85073100031.csv"
    post.put_one(name, DATA)
    post.run("CPAS")
    assert (post.receipts(), post.waiting()) == ([], {name})
    post.put_one(name, DATA + DATA)
    post.run("FOREM")
    assert (post.receipts(), post.waiting()) == ([], {name})
    post.run("EVENING")
    assert post.receipts() == [("aaaaaaaaaaaa aaaaaa 99999999999.aaa", "REFUSED", "F01")]
    assert post.quarantined() == [DATA + DATA]
    assert (post.waiting(), post.done()) == (set(), {name})


def test_a_file_being_written_is_left_alone(post: Post) -> None:
    """A temporary name is no file yet, however often it is seen."""
    for name in (f"{NAME}.part", f".{NAME}"):
        post.put_one(name, DATA)
    for half in ("CPAS", "FOREM", "EVENING"):
        post.run(half)
    assert post.receipts() == []
    assert post.waiting() == {f"{NAME}.part", f".{NAME}"}


def test_a_file_without_its_go_waits(post: Post) -> None:
    """It gets no answer until its GO is there, and is accepted then."""
    post.put_one(NAME, DATA)
    post.run("CPAS")
    post.run("FOREM")
    assert (post.receipts(), post.waiting()) == ([], {NAME})
    post.put_one(mark_of(NAME), go_of(NAME, DATA))
    post.run("EVENING")
    check_accepted(post, 1, 0)


def test_a_go_without_its_file_waits(post: Post) -> None:
    """It stays where it is, without an answer, until its data is there."""
    post.put_one(mark_of(NAME), go_of(NAME, DATA))
    post.run("CPAS")
    assert (post.receipts(), post.waiting()) == ([], {mark_of(NAME)})
    post.put_one(NAME, DATA)
    post.run("FOREM")
    check_accepted(post, 1, 0)


@pytest.mark.parametrize("announced", [True, False])
def test_a_withdrawn_file_has_no_effect(post: Post, announced: bool) -> None:
    """A TD that lies beside its file, with or without a GO, withdraws it."""
    post.put_one(NAME, DATA)
    post.put_one(mark_of(NAME, "TD"))
    if announced:
        post.put_one(mark_of(NAME), go_of(NAME, DATA))
    post.run("CPAS")
    post.run("FOREM")
    assert post.receipts() == [(NAME, "WITHDRAWN", "F12")]
    assert post.events() == 0
    assert post.waiting() == set()
    assert {NAME, mark_of(NAME, "TD")} <= post.done()


def test_a_file_withdrawn_between_collect_and_process_has_no_effect(post: Post) -> None:
    """A file that is held but not processed yet can still be withdrawn."""
    post.put(NAME, DATA)
    post.collect()
    post.put_one(mark_of(NAME, "TD"))
    post.run("FOREM")
    assert post.receipts() == [(NAME, "WITHDRAWN", "F12")]
    assert post.events() == 0
    assert post.waiting() == set()


def test_a_withdrawal_that_comes_too_late_has_no_effect(post: Post) -> None:
    """What is processed stays: the TD is put away, and nothing more is told."""
    post.put(NAME, DATA)
    post.run("CPAS")
    post.put_one(mark_of(NAME, "TD"))
    post.run("FOREM")
    post.run("EVENING")
    assert post.receipts() == [(NAME, "ACCEPTED", "")]
    assert post.events() == 1
    assert post.waiting() == set()


def test_the_same_content_under_a_new_name_is_a_duplicate(post: Post) -> None:
    """It is acknowledged again and changes nothing."""
    post.put(NAME, DATA)
    post.run("CPAS")
    post.put(NEXT, DATA)
    post.run("FOREM")
    assert post.receipts() == [(NAME, "ACCEPTED", ""), (NEXT, "DUPLICATE", "")]
    assert post.totals() == [(1, 1, 0, 0)]
    assert post.events() == 1


def test_the_very_same_file_sent_again_and_again_is_acknowledged_each_time(post: Post) -> None:
    """Same name, content and GO: each sending gets its receipt, none has an effect, none blocks the mailbox."""
    sendings = ("CPAS", "FOREM", "EVENING")
    for n, half in enumerate(sendings):
        post.put(NAME, DATA)
        os.utime(post.box / "in" / NAME, (n, 1_800_000_000 + n))
        post.run(half)
    assert [verdict for _, verdict, _ in post.receipts()] == ["ACCEPTED", "DUPLICATE", "DUPLICATE"]
    assert post.events() == 1
    assert post.waiting() == set()


def test_two_files_of_one_name_collected_together_are_both_answered(post: Post) -> None:
    """A file replaced before the hub had answered gets its receipts too, the second one with the next."""
    post.put(NAME, DATA)
    post.collect()
    post.put(NAME, data_of(row(), row(referral_id="R62063-2025-000002")))
    post.run("FOREM")
    post.run("EVENING")
    assert [(name, verdict) for name, verdict, _ in post.receipts()] == [(NAME, "ACCEPTED")] * 2
    assert sorted(post.totals()) == [(1, 1, 0, 0), (2, 1, 0, 1)]


def test_the_sequence_after_a_refused_or_withdrawn_file_is_no_gap(post: Post) -> None:
    """A sender that does as it was told, and takes the next number, is not warned."""
    post.put(NAME, DATA, go_of(NAME, DATA, rows=7))
    post.run("CPAS")
    post.put(NEXT, DATA)
    post.run("FOREM")
    assert post.receipts() == [(NAME, "REFUSED", "F04"), (NEXT, "ACCEPTED", "")]


@pytest.mark.parametrize("name", [NAME, NEXT], ids=["same name", "next sequence"])
def test_refused_content_sent_again_with_a_right_go_is_processed(post: Post, name: str) -> None:
    """A refusal judges the sending, not the content: sent again rightly, it counts."""
    post.put(NAME, DATA, go_of(NAME, DATA, rows=7))
    post.run("CPAS")
    post.put(name, DATA)
    post.run("FOREM")
    assert [verdict for _, verdict, _ in post.receipts()] == ["REFUSED", "ACCEPTED"]
    assert post.totals() == [(1, 1, 0, 0)]
    assert post.events() == 1
    post.run("EVENING")
    assert post.waiting() == set()


def test_new_content_under_the_same_name_supersedes_the_old(post: Post) -> None:
    """It is read as a new version of the file: rows said before are duplicates, new ones count."""
    post.put(NAME, DATA)
    post.run("CPAS")
    new = data_of(row(), row(referral_id="R62063-2025-000002"))
    post.put(NAME, new)
    post.run("FOREM")
    assert [(name, verdict) for name, verdict, _ in post.receipts()] == [(NAME, "ACCEPTED")] * 2
    assert post.totals() == [(1, 1, 0, 0), (2, 1, 0, 1)]
    assert post.events() == 2
    assert post.waiting() == set()
    assert len(post.done()) == 4


def test_a_lower_version_after_a_higher_one_is_superseded(post: Post) -> None:
    """An old version that arrives late is counted as superseded, neither rejected nor lost."""
    post.put(NAME, data_of(row(version="2")))
    post.run("CPAS")
    post.put(NEXT, data_of(row(delegation="FULL")))
    post.run("FOREM")
    late = [line for line in post.told("NOTI") if line["record"] == "TOTAL"][-1]
    assert (late["read"], late["accepted"], late["superseded"]) == ("1", "0", "1")


@pytest.mark.parametrize(("sequence", "code"), [(1, "F05"), (3, "F06")])
def test_a_sequence_out_of_step_is_a_warning(post: Post, sequence: int, code: str) -> None:
    """A number used before, or a gap, is told and the rows are read all the same."""
    post.put(NAME, DATA)
    post.run("CPAS")
    name = name_of(sequence).replace("20260309", "20260310")
    post.put(name, data_of(row(referral_id="R62063-2025-000002")))
    post.run("FOREM")
    assert post.receipts() == [(NAME, "ACCEPTED", ""), (name, "ACCEPTED", code)]
    assert post.events() == 2


@pytest.mark.parametrize(("partner", "code"), [(ADG, "F15"), (UNSIGNED, "F16")], ids=["ADG", "no convention"])
def test_a_cpas_that_may_not_exchange_is_answered_and_told_nothing_else(
    prepared: Exchange, tmp_path: Path, partner: str, code: str
) -> None:
    """Its mailbox is visited like any other: its file gets its code, and only receipts are ever put there."""
    post = Post(tmp_path, prepared, partner)
    name = name_of(sender=partner)
    post.put(name, DATA)
    post.exchange.require(post.exchange.half_day(WEEK[0], "CPAS"))
    post.exchange.require(post.exchange.half_day(WEEK[0], "EVENING"))
    assert post.receipts() == [(name, "REFUSED", code)]
    assert {path.name.split(".")[1] for path in (post.box / "out").glob("FO.*")} == {"ACRF"}
    assert post.events() == 0


def test_a_mailbox_without_the_folders_that_are_ours_to_make_is_served(post: Post) -> None:
    """`in/done/` is made when it is missing; no `out/taken/` yet is no error."""
    for folder in ("in/done", "out/taken"):
        (post.box / folder).rmdir()
    post.put(NAME, DATA)
    post.run("CPAS")
    post.run("FOREM")
    assert post.receipts() == [(NAME, "ACCEPTED", "")]
    assert NAME in post.done()
