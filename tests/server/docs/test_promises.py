"""Every promise to people stands in the operator's page with a test that there is."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
_PAGE = (_ROOT / "server" / "README.md").read_text(encoding="utf-8")
_ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _PAGE.partition("\n## Promises\n")[2].partition("\n### ")[0].splitlines()[4:]
    if line.startswith("|")
][1:]


def test_the_promises_are_found() -> None:
    assert len(_ROWS) > 30
    assert all(len(row) == 3 for row in _ROWS)


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row[0])
def test_it_is_said_how_it_is_kept_and_there_is_a_test(row: list[str]) -> None:
    promise, kept, test = row
    path, _, name = test.strip("`").partition("::")
    page = (_ROOT / "tests" / path).read_text(encoding="utf-8")

    assert promise
    assert kept
    assert re.search(rf"^(async )?def {name}\(", page, re.MULTILINE)


def test_what_cannot_be_promised_is_said_plainly() -> None:
    assert "No end-to-end encryption" in _PAGE.partition("\n### What is not promised\n")[2]
