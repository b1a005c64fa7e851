"""The benchmark of a server under attack runs on every machine."""

import pytest

from benchmarks.siege.__main__ import CALM, measure


@pytest.mark.parametrize("attack", [CALM, "same-again"])
def test_a_short_attack_is_measured(attack: str) -> None:
    row = measure(attack, seconds=1)

    assert row.startswith(attack)
    assert "none of" not in row
