"""The benchmark of the first paint still works. No figure is asserted."""

import sys
from pathlib import Path

import pytest

from benchmarks.first_paint import first_paint


def test_the_time_until_the_form_is_measured(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "print('Pass' 'word', flush=True); input()"]

    paint = first_paint(str(tmp_path), program)

    assert paint.cpu > 0
    assert paint.wall > 0


def test_a_program_that_draws_no_form_fails(tmp_path: Path) -> None:
    with pytest.raises(EOFError, match="Sorry"):
        first_paint(str(tmp_path), [sys.executable, "-c", "print('Sorry.')"])
