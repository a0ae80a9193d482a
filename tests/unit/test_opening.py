"""A partner opens a file of any size on a machine that has nothing but the package and its own key."""

import base64
import csv
import io
import json
import subprocess
import sys
import tracemalloc
from collections import deque
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from hub.errors import OperatorError
from hub.keys import PartnerKey, public_key_id
from hub.opening import open_file
from hub.pseudonymise import seal

ANNA = {"niss": "85073100031", "last_name": "Dubois; « Épée »", "first_name": "Zoé", "birth_date": "1985-07-31"}
HEAD = "referral_id;sealed_identity;sealed_local_ref;note"


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PartnerKey]:
    """The private key file of a CPAS, and the public key."""
    return made(tmp_path_factory.mktemp("keys"))


def made(folder: Path) -> tuple[Path, PartnerKey]:
    private = X25519PrivateKey.generate()
    kid = public_key_id(private.public_key())
    path = folder / f"{kid}.key"
    text = base64.urlsafe_b64encode(private.private_bytes_raw()).decode()
    path.write_text(json.dumps({"kid": kid, "recipient": "062063", "private": text}))
    return path, PartnerKey(kid, "062063", private.public_key())


def written(folder: Path, key: PartnerKey, rows: int, last: str = "") -> Path:
    """A file of so many rows; of a third nobody is named."""
    identity, local = seal(ANNA, key), seal({"cpas_dossier_ref": "A123"}, key)
    path = folder / "FO.STAT.062063.20260310.00001.T"
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(f"{HEAD}\n")
        for n in range(rows):
            file.write(f"R{n};{'' if n % 3 == 2 else identity};{'' if n % 2 else local};\n")
        file.write(last)
    return path


def peak(path: Path, key: Path) -> int:
    """The most bytes that opening all of it holds at once."""
    tracemalloc.start()
    deque(open_file(lambda: path.open(encoding="utf-8", newline=""), [key]).rows(), maxlen=0)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


def test_a_file_opens_as_it_is_read(tmp_path: Path, key: tuple[Path, PartnerKey]) -> None:
    """The sealed columns give way to what they hold; an empty cell is none; other columns keep their place."""
    path = written(tmp_path, key[1], 3)
    opened = open_file(lambda: path.open(encoding="utf-8", newline=""), [key[0]])
    person = {f"identity_{name}": value for name, value in ANNA.items()}
    nobody = dict.fromkeys(person)
    assert opened.columns == ("referral_id", *person, "cpas_dossier_ref", "note")
    assert list(opened.rows()) == [
        {"referral_id": "R0", **person, "cpas_dossier_ref": "A123", "note": None},
        {"referral_id": "R1", **person, "cpas_dossier_ref": None, "note": None},
        {"referral_id": "R2", **nobody, "cpas_dossier_ref": "A123", "note": None},
    ]
    assert list(opened.rows()) == list(opened.rows()), "as often as one likes"


def test_memory_does_not_grow_with_the_file(tmp_path: Path, key: tuple[Path, PartnerKey]) -> None:
    """Forty times the rows take no more memory: neither rows nor what they hold are gathered."""
    few, many = (peak(written(tmp_path, key[1], rows), key[0]) for rows in (100, 4_000))
    print(f"{few} and {many} bytes at most")
    assert many < 1.5 * few


@pytest.mark.parametrize("last", ["a;b\n", "a;b;c;d;e\n", 'a;"b\n', "a;c1.aaaaaaaa.AAAA;;\n", "a;b;;\n"], ids=range(5))
def test_nothing_is_given_out_of_a_file_that_does_not_open(
    tmp_path: Path, key: tuple[Path, PartnerKey], last: str
) -> None:
    """A last line that is short, long, cut, or sealed to another: refused before the first row, showing nothing."""
    path = written(tmp_path, key[1], 50, last)
    with pytest.raises(OperatorError) as caught:
        open_file(lambda: path.open(encoding="utf-8", newline=""), [key[0]])
    assert str(caught.value) in ("this is not a file of the hub", "a row was sealed to a key that was not given")
    assert ANNA["niss"] not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("data", [b"", b"\xff\xfe;x\n", b"a;a\n1;2\n", b"PK\x03\x04\x00\n;"])
def test_what_is_no_file_of_ours_is_refused(data: bytes, key: tuple[Path, PartnerKey]) -> None:
    """Nothing, another encoding, a header twice, an archive."""
    with pytest.raises(OperatorError, match="not a file of the hub"):
        open_file(lambda: io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), [key[0]])


def test_the_command_needs_no_hub(tmp_path: Path, key: tuple[Path, PartnerKey]) -> None:
    """On a machine without Airflow, database or network library, and without any setting; CSV, and the same in JSON."""
    path = written(tmp_path, key[1], 3)
    blocked = ("airflow", "sqlalchemy", "alembic", "paramiko", "requests")
    program = (
        "import sys\n"
        f"for name in {blocked!r}: sys.modules[name] = None\n"
        "import socket\n"
        "socket.socket.connect = None\n"
        "from hub.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    words = [sys.executable, "-c", program, "open", str(path), "--key", str(key[0])]
    empty = {"PATH": "", "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONIOENCODING": "utf-8"}
    as_csv, as_json = (
        subprocess.run([*words, *more], capture_output=True, check=True, cwd=tmp_path, env=empty).stdout.decode()
        for more in ([], ["--json"])
    )
    rows = list(csv.DictReader(io.StringIO(as_csv, newline=""), delimiter=";"))
    assert [row["identity_niss"] for row in rows] == [ANNA["niss"], ANNA["niss"], ""]
    assert rows[0]["identity_last_name"] == ANNA["last_name"]
    assert json.loads(as_json) == [{name: value or None for name, value in row.items()} for row in rows]
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_an_empty_file_is_an_empty_list(tmp_path: Path, key: tuple[Path, PartnerKey]) -> None:
    """A header and no row: no columns but its own that are not sealed."""
    path = written(tmp_path, key[1], 0)
    opened = open_file(lambda: path.open(encoding="utf-8", newline=""), [key[0]])
    assert (opened.columns, list(opened.rows())) == (("referral_id", "note"), [])
