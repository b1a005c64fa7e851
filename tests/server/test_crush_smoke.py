"""The benchmark of a crowd runs on every machine."""

from pathlib import Path

from benchmarks.crush import measure, report


async def test_a_small_crush_is_measured(tmp_path: Path) -> None:
    figures = await measure(tmp_path / "data", log_ins=8, readers=3, posts=2)

    assert figures.by_password > 0
    assert figures.by_token > 0
    assert figures.disconnected == 0
    assert len(report(figures).splitlines()) == 3
