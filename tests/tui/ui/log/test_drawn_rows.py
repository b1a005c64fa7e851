"""A row is drawn once, until something about it changes."""

from dataclasses import replace

from textual.strip import Strip

from chat_tui.ui.log.drawn_rows import KEPT_ROWS, DrawnRows
from chat_tui.ui.log.log_model import LogModel
from support.tui_log import message_row, run


class Drawing:
    """Rows of a model, and which of their lines were drawn."""

    def __init__(self, count: int) -> None:
        self.model = LogModel(run(0, count))
        self.drawn: list[tuple[object, int]] = []
        self.rows = DrawnRows(self.model, self._draw)

    def _draw(self, index: int, number: int) -> Strip:
        self.drawn.append((self.model[index].key[1], number))
        return Strip([])

    def show(self) -> list[tuple[object, int]]:
        """Show two lines of each row; return which had to be drawn."""
        self.drawn.clear()
        for index in range(len(self.model)):
            for number in range(2):
                self.rows.line(index, number)
        return self.drawn


def test_a_line_is_drawn_when_it_is_first_shown() -> None:
    drawing = Drawing(2)

    assert drawing.show() == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert drawing.show() == []


def test_a_message_that_arrives_is_all_that_is_drawn() -> None:
    drawing = Drawing(3)
    drawing.show()

    drawing.model.append(run(3, 4))

    assert drawing.show() == [(3, 0), (3, 1)]


def test_a_row_that_is_replaced_is_drawn_with_the_one_below_it() -> None:
    drawing = Drawing(4)
    drawing.show()

    drawing.model.replace(("seq", 1), replace(message_row(1), edited=True))

    assert {seq for seq, _ in drawing.show()} == {1, 2}


def test_rows_that_are_numbered_anew_are_not_drawn() -> None:
    drawing = Drawing(4)
    drawing.show()

    drawing.model.insert(("seq", 1), run(10, 11))
    drawing.model.prepend(run(20, 22))
    drawing.model.remove(("seq", 2))

    assert {seq for seq, _ in drawing.show()} == {20, 21, 0, 10, 1, 3}


def test_a_row_that_is_forgotten_is_drawn_again() -> None:
    drawing = Drawing(2)
    drawing.show()

    drawing.rows.forget(("seq", 0))
    drawing.rows.forget(("seq", 99))

    assert {seq for seq, _ in drawing.show()} == {0}


def test_a_long_log_is_not_kept_whole() -> None:
    drawing = Drawing(KEPT_ROWS + 10)
    drawing.show()

    assert len(drawing.rows._rows) <= KEPT_ROWS
