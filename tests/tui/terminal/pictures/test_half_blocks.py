"""Pictures as half blocks: the colors of each half, in front of a background."""

from rich.segment import Segment

from chat_tui.terminal.pictures import half_blocks
from chat_tui.terminal.pictures.decoding import Picture

RED, BLUE, BLACK, WHITE = (255, 0, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255)


def drawn(*rows: list[tuple[int, ...]], background: tuple[int, int, int] = BLACK) -> list[str]:
    data = b"".join(bytes((*color, 255)[:4]) for row in rows for color in row)
    picture = Picture(len(rows[0]), len(rows), data)
    return [" ".join(map(_described, row)) for row in half_blocks.draw(picture, background)]


def _described(segment: Segment) -> str:
    assert segment.style is not None
    upper, lower = segment.style.color, segment.style.bgcolor
    assert upper is not None
    assert lower is not None
    return f"{segment.cell_length}x{upper.name}/{lower.name}"


def test_two_pixels_are_the_halves_of_a_cell() -> None:
    assert drawn([RED, BLUE], [BLUE, RED]) == ["1x#ff0000/#0000ff 1x#0000ff/#ff0000"]


def test_equal_cells_are_one_segment() -> None:
    assert drawn([RED] * 5, [BLUE] * 5) == ["5x#ff0000/#0000ff"]


def test_the_last_of_an_odd_number_of_rows_has_the_background_below_it() -> None:
    assert drawn([RED], [RED], [RED], background=WHITE) == [
        "1x#ff0000/#ff0000",
        "1x#ff0000/#ffffff",
    ]


def test_what_is_transparent_shows_the_background() -> None:
    assert drawn([(255, 0, 0, 0)], [(255, 0, 0, 51)], background=WHITE) == ["1x#ffffff/#ffcccc"]
