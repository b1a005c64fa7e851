"""`server/PROMISES.md` names, for every promise, a test that exists."""

import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[3]
_PAGE = (_ROOT / "server" / "PROMISES.md").read_text(encoding="utf-8")
_PROMISED, _, _NOT_PROMISED = _PAGE.partition("\n## What is not promised\n")
_TABLE = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in _PROMISED.splitlines()
    if line.startswith("|")
]
_ROWS = _TABLE[2:]  # below the header and the rule


def test_the_table_is_found() -> None:
    assert _TABLE[0] == ["promise", "how it is kept", "test"]
    assert len(_ROWS) > 30
    assert all(len(row) == 3 for row in _ROWS)


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row[0])
def test_every_promise_says_how_it_is_kept_and_names_a_test(row: list[str]) -> None:
    promise, kept, test = row
    path, _, name = test.strip("`").partition("::")
    source = (_ROOT / "tests" / path).read_text(encoding="utf-8")

    assert promise
    assert kept
    assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)


def test_the_page_says_that_there_is_no_end_to_end_encryption() -> None:
    assert "No end-to-end encryption" in _NOT_PROMISED
