"""The benchmark of what others wait for runs on every machine."""

from pathlib import Path

from benchmarks.pongs import GOAL, Phase, measure


async def test_the_longest_pong_of_each_phase_is_measured(tmp_path: Path) -> None:
    phases = await measure(tmp_path, messages=200, log_ins=5, by_token=20, calm=0.2)

    assert [phase.name for phase in phases] == [
        "200 messages indexed",
        "a backup",
        "5 log-ins by password",
        "20 come by token and go",
        "nothing",
    ]
    assert all(phase.pongs and phase.longest for phase in phases)


def test_one_late_pong_misses_the_goal() -> None:
    assert str(Phase("a backup", 1.0, 900, GOAL + 1, late=1)).endswith("1 over 50 ms: missed")
    assert str(Phase("a backup", 1.0, 900, GOAL - 1)).endswith("0 over 50 ms: reached")
