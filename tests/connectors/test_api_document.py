"""The stand-in's API is the one that docs/partners/api-1.openapi.yaml describes: schemathesis holds it to that."""

import subprocess
from pathlib import Path

import pytest
import yaml

from connectors._calls import Calls
from connectors.api import Client, Trust
from simulators.api_trust import CLIENT, SCOPE
from tests.connectors.served_api import QUICK, Served, served

PROJECT = Path(__file__).parents[2]
DOCUMENT = PROJECT / "docs/partners/api-1.openapi.yaml"
SCHEMATHESIS = PROJECT / "var/tools/schemathesis/bin/schemathesis"
HERE = pytest.mark.skipif(not SCHEMATHESIS.exists(), reason="NOT RUN: make var/tools/schemathesis")
OURS = [str(DOCUMENT), "--generation-deterministic", "--max-examples", "12", "--workers", "1"]


def held_to_its_document(api: Served, *words: str) -> "subprocess.CompletedProcess[str]":
    """Let schemathesis ask whatever the document allows, and what it does not."""
    client = Client(f"{api.api.origin}/oauth/v5/token", CLIENT, SCOPE, api.key)
    calls = Calls(api.base, client, Trust(api.folder / "trust/ca.pem", api.key.with_suffix(".crt"), api.key), QUICK)
    right = ["-H", f"Authorization: Bearer {calls._right()}"]
    calls.close()
    tls = ["--tls-verify", str(api.folder / "trust/ca.pem"), "--request-cert", str(api.key.with_suffix(".crt"))]
    command = [SCHEMATHESIS, "run", *OURS, "-u", api.base, *tls, "--request-cert-key", str(api.key), *right, *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=api.folder, check=False)  # its cache falls there


def filled(api: Served) -> None:
    """Some documents of each kind."""
    for number in range(3):
        api.put(f"FI.INSC.900001.20260309.{number:05d}.T.1.1", ["notice_id", "niss"], [{"notice_id": "N1"}] * 3)
    api.desk.put("key-00000001", {"fileName": "FO.RECO.900001.20260309.00001.T", "columns": ["record"], "rows": []})
    api.desk.put("key-00000002", {"fileName": "GO.RECO.900001.20260309.00001.T.1", "note": {"rows": 0}})


@HERE
def test_it_answers_as_its_document_says(tmp_path: Path) -> None:
    """Status, headers, types and bodies of all answers are in the document, and what it forbids is refused."""
    with served(tmp_path) as api:
        filled(api)
        done = held_to_its_document(api, "--exclude-checks", "positive_data_acceptance")
    assert done.returncode == 0, done.stdout[-6000:]
    assert "No issues found" in done.stdout or "passed" in done.stdout


@HERE
def test_one_that_answers_otherwise_is_found_out(tmp_path: Path) -> None:
    """A page of HTML where JSON is promised fails the same run."""
    with served(tmp_path, share=1.0, only=("wrong_type",)) as api:
        filled(api)
        done = held_to_its_document(api, "--include-path", "/exports", "--max-failures", "1", "--phases", "coverage")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "text/html" in done.stdout


def test_the_document_names_each_status_that_the_connector_understands() -> None:
    """Every operation but that of health says what a caller without a right, or too many, is told."""
    document = yaml.safe_load(DOCUMENT.read_text("utf-8"))
    operations = [
        operation
        for path in document["paths"].values()
        for name, operation in path.items()
        if name in ("get", "put", "post", "delete") and operation["operationId"] != "getHealth"
    ]
    assert len(operations) == 10
    assert [
        one["operationId"] for one in operations if not {"401", "403", "429", "503"} <= one["responses"].keys()
    ] == []
