"""The benchmark of a server under attack runs on every machine."""

import pytest

from benchmarks.siege.__main__ import measure


@pytest.mark.parametrize("attack", ["same-again", "handshaking"])
def test_a_short_attack_is_measured(attack: str) -> None:
    row = measure(attack, seconds=1)

    assert row.startswith(attack)
    assert "none of" not in row
