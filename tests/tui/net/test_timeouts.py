from chat_tui.net.timeouts import Timeouts


def test_pauses_grow_to_the_longest_and_are_spread() -> None:
    timeouts = Timeouts(first_pause=1, longest_pause=10)

    for attempt, longest in ((1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (10_000, 10)):
        pauses = [timeouts.pause(attempt) for _ in range(50)]
        assert longest / 2 <= min(pauses)
        assert max(pauses) <= longest
        assert len(set(pauses)) > 1


def test_what_a_server_asks_for_has_bounds() -> None:
    timeouts = Timeouts()

    assert timeouts.asked_for(2.5) == 2.5
    assert timeouts.asked_for(-1) == timeouts.shortest_wait > 0
    assert timeouts.asked_for(1e300) == timeouts.longest_wait
