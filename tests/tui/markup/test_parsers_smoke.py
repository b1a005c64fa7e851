"""The benchmark of the parsers runs on every machine, with every text."""

from benchmarks.parsers import PARSERS, rows


def test_every_text_is_measured() -> None:
    measured = list(rows(passes=1))

    assert len(measured) == sum(len(texts) for _, texts in PARSERS.values())
    assert all(row.milliseconds > 0 and row.factor > 0 for row in measured)
