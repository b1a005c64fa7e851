from collections.abc import Callable

from chat_shared import messages as m
from chat_tui.model.read_receipts import ReadReceipts
from chat_tui.model.room import Room


class Desk:
    """ReadReceipts with a clock that stands still, and its requests and timers."""

    def __init__(self) -> None:
        self.now = 100.0
        self.asked: list[m.Read] = []
        self.later: list[tuple[float, Callable[[], object]]] = []
        self.receipts = ReadReceipts(
            self.asked.append, lambda wait, run: self.later.append((wait, run)), lambda: self.now
        )

    def read(self, room: Room, seq: int) -> None:
        room.read_seq, room.dirty = seq, True
        self.receipts.report(room)

    def wait(self) -> None:
        (wait, run) = self.later.pop()
        self.now += wait
        run()


def reported(desk: Desk) -> list[tuple[str, int]]:
    return [(request.room, request.seq) for request in desk.asked]


def test_the_first_report_is_sent_at_once_and_the_next_after_a_while() -> None:
    desk, room = Desk(), Room("kitchen")
    for seq in (1, 2, 3):
        desk.read(room, seq)
    assert reported(desk) == [("kitchen", 1)]

    desk.wait()

    assert reported(desk) == [("kitchen", 1), ("kitchen", 3)]
    assert desk.later == []


def test_rooms_do_not_wait_for_each_other() -> None:
    desk = Desk()
    desk.read(Room("kitchen"), 1)
    desk.read(Room("attic"), 1)

    assert reported(desk) == [("kitchen", 1), ("attic", 1)]


def test_known_read_states_are_not_reported() -> None:
    desk = Desk()
    desk.receipts.report(Room("kitchen"))

    assert reported(desk) == []
