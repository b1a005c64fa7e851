from chat_shared import messages as m
from chat_tui.plain.numbers import MOST, FileNumbers, Numbers
from support.fake_server import AT


def _line(seq: int) -> m.Line:
    return m.Line(seq, "ada", AT, f"line {seq}")


def test_a_message_keeps_its_number_and_the_number_finds_it() -> None:
    numbers = Numbers()
    assert [numbers.number("kitchen", _line(seq)) for seq in (5, 6, 5)] == [1, 2, 1]
    assert numbers.number("general", _line(5)) == 3

    found = numbers.find(3)
    assert found is not None
    assert (found.room, found.line.seq) == ("general", 5)
    assert numbers.find(4) is None


def test_the_numbers_of_a_room_can_be_forgotten() -> None:
    numbers = Numbers()
    for room in ("kitchen", "general", "kitchen"):
        numbers.number(room, _line(5))
    numbers.number("kitchen", _line(6))

    numbers.forget("kitchen")

    assert [numbers.find(number) is None for number in (1, 2, 3)] == [True, False, True]
    assert numbers.number("kitchen", _line(5)) == 4


def test_numbers_begin_again_and_never_stand_for_two_messages() -> None:
    numbers = Numbers()
    given = [numbers.number("kitchen", _line(seq)) for seq in range(1, MOST + 3)]
    assert given[-3:] == [MOST, 1, 2]

    first = numbers.find(1)
    assert first is not None
    assert first.line.seq == MOST + 1
    assert numbers.number("kitchen", _line(1)) == 3


def test_a_file_has_one_number_in_whichever_message_it_was_written() -> None:
    numbers = FileNumbers()
    report, photo = m.File(70, "report.pdf", 9), m.File(71, "photo.png", 9)

    assert [numbers.number("kitchen", file) for file in (report, photo, report)] == [1, 2, 1]
    assert numbers.find(2) == ("kitchen", photo)
    assert numbers.last(1) == [(2, ("kitchen", photo))]
    assert [number for number, _ in numbers.last(9)] == [1, 2]
