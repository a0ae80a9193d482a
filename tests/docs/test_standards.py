"""Tools of others read our contracts: frictionless for Table Schema, the standard's own for ODCS."""

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pages
import pytest
import yaml
from frictionless import Dialect, Report, Resource, Schema, formats, system
from open_data_contract_standard.model import OpenDataContractStandard

from contracts.describe import file_name
from contracts.model import Contract
from contracts.registry import contracts

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / pages.FOLDER
DATACONTRACT = ROOT / "var" / "tools" / "datacontract" / "bin" / "python"
STANDARD = json.loads(OpenDataContractStandard.json_schema())
each_contract = pytest.mark.parametrize("contract", contracts("T"), ids=file_name)


def table_schema(contract: Contract) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((FOLDER / file_name(contract) / "tableschema.json").read_text(encoding="utf-8"))
    return told


def odcs(contract: Contract) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load((FOLDER / file_name(contract) / "odcs.yaml").read_text(encoding="utf-8"))
    return told


def report(contract: Contract, sample: str) -> Report:
    """What frictionless finds in a sample under the contract's Table Schema."""
    schema = Schema.from_descriptor(table_schema(contract))
    dialect = Dialect(controls=[formats.CsvControl(delimiter=";")])
    path = FOLDER / file_name(contract) / sample
    with system.use_context(trusted=True):  # it reads no absolute path otherwise
        return Resource(path=str(path), schema=schema, dialect=dialect, encoding="utf-8").validate()


@each_contract
def test_frictionless_takes_the_schema(contract: Contract) -> None:
    """The Table Schema is valid for frictionless and has every column, in order."""
    assert Schema.validate_descriptor(table_schema(contract)).valid
    assert [field["name"] for field in table_schema(contract)["fields"]] == list(contract.columns)


@each_contract
def test_frictionless_accepts_the_valid_sample(contract: Contract) -> None:
    """Under the Table Schema the valid sample is valid."""
    assert report(contract, "valide.csv").flatten(["rowNumber", "fieldName", "type"]) == []


@each_contract
def test_frictionless_refuses_the_faulty_sample(contract: Contract) -> None:
    """Under the Table Schema the faulty sample has cells that are wrong of themselves, not only keys met twice."""
    found = report(contract, "fautif.csv").flatten(["fieldName", "type"])
    assert {kind for _, kind in found} & {"type-error", "constraint-error"}


@each_contract
def test_the_standard_takes_the_contract(contract: Contract) -> None:
    """The ODCS document is valid under the standard's own schema and model, and has every column, in order."""
    document = odcs(contract)
    jsonschema.validate(document, STANDARD)
    (table,) = OpenDataContractStandard.model_validate(document).schema_
    assert [column.name for column in table.properties] == list(contract.columns)


def test_the_standard_would_refuse_another() -> None:
    """A document with a type that the standard does not know is refused: the check can fail."""
    document = odcs(contracts("T")[0])
    document["schema"][0]["properties"][0]["logicalType"] = "texte"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, STANDARD)


@pytest.mark.skipif(not DATACONTRACT.exists(), reason="datacontract-cli is not here: make var/tools/datacontract")
def test_datacontract_lint_passes() -> None:
    """`datacontract lint` passes every ODCS document."""
    program = (
        "import sys; from datacontract.data_contract import DataContract\n"
        "for path in sys.argv[1:]: print(DataContract(data_contract_file=path).lint().result.value)"
    )
    paths = [str(FOLDER / file_name(contract) / "odcs.yaml") for contract in contracts("T")]
    done = subprocess.run([DATACONTRACT, "-c", program, *paths], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["passed"] * len(paths)
