"""What a contract says of its columns is what was published of it: a change of one is a change for partners."""

import json
from pathlib import Path

import pytest

from contracts.describe import file_name
from contracts.model import Contract
from contracts.registry import contracts
from contracts.table_schema import table_schema

FOLDER = Path(__file__).parents[2] / "docs" / "contracts"


@pytest.mark.parametrize("contract", contracts("T"), ids=file_name)
def test_columns_are_the_published_ones(contract: Contract) -> None:
    """Names, order, required cells, code lists, forms and bounds are those of the Table Schema in docs/contracts."""
    published = json.loads((FOLDER / file_name(contract) / "tableschema.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(table_schema(contract))) == published
