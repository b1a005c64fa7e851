"""How much of a file is asked for at once, and what is shown of its way."""

from chat_tui.model.transfer import MAX_IN_FLIGHT, Transfer, Window


def test_a_fast_line_has_more_chunks_in_flight_step_by_step() -> None:
    window, sizes = Window(), []
    for _ in range(10):
        sizes.append(window.size)
        window.answered(0.01)

    assert sizes == [1, 2, 3, 4, 5, 6, 7, 8, 8, 8]
    assert max(sizes) == MAX_IN_FLIGHT


def test_on_a_slow_line_a_message_waits_for_one_chunk() -> None:
    window = Window()
    for _ in range(8):
        window.answered(0.01)

    sizes = []
    for _ in range(4):
        window.answered(0.9)
        sizes.append(window.size)

    assert sizes == [4, 2, 1, 1]


def test_at_a_pace_that_is_right_nothing_changes() -> None:
    window = Window()
    window.answered(0.01)

    window.answered(0.2)

    assert window.size == 2


def test_the_speed_is_that_of_the_last_seconds() -> None:
    transfer = Transfer("report.pdf", 1_000, is_upload=True)
    assert (transfer.is_waiting, transfer.speed, transfer.seconds_left) == (True, 0, None)

    for second in range(5):
        transfer.moved(second * 100, float(second))
    assert not transfer.is_waiting
    assert transfer.speed == 100
    assert transfer.seconds_left == 6

    transfer.moved(400, 100.0)  # much later
    transfer.moved(600, 101.0)
    assert transfer.speed == 200


def test_however_many_chunks_there_are_few_are_remembered() -> None:
    transfer = Transfer("report.pdf", 10**9, is_upload=False)
    for step in range(10_000):
        transfer.moved(step, step / 1_000)

    assert len(transfer._measured) <= 22
    assert 990 < transfer.speed < 1_010


def test_after_a_wait_the_speed_is_measured_anew() -> None:
    transfer = Transfer("report.pdf", 1_000, is_upload=True)
    transfer.moved(100, 1.0)
    transfer.moved(200, 2.0)

    transfer.wait()

    assert (transfer.is_waiting, transfer.at, transfer.speed) == (True, 200, 0)
