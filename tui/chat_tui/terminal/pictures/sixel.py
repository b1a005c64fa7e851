"""Draws pictures by sixel: a sequence for each row of cells, over blank ones."""

from rich.segment import ControlType, Segment

from chat_tui.terminal.pictures.decoding import Picture


def draw(picture: Picture, columns: int) -> list[list[Segment]]:
    """Return a row of `columns` cells for each sequence of `picture`."""
    return [_row(sequence.decode(), columns) for sequence in picture.data.split(b"\n")]


def _row(sequence: str, columns: int) -> list[Segment]:
    # Where the cursor is behind a picture, no two terminals agree.
    return [
        Segment(" " * columns),
        Segment(f"\x1b7\x1b[{columns}D{sequence}\x1b8", control=[(ControlType.CURSOR_FORWARD, 0)]),
    ]
