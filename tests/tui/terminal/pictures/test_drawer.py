"""A picture in a file, drawn in every way."""

from pathlib import Path

import pytest
from PIL import Image

from chat_tui.terminal.pictures.abilities import QUESTIONS
from chat_tui.terminal.pictures.agreed import MAX_SECONDS, MAX_SECONDS_UNASKED, Wanted
from chat_tui.terminal.pictures.decoding import Picture, PictureDecoder
from chat_tui.terminal.pictures.drawer import Drawer
from chat_tui.terminal.pictures.drawing import Drawing
from chat_tui.terminal.pictures.ways import Way, Ways, chooser
from support.sixel import painted

pytestmark = pytest.mark.asyncio

CELL = (10, 20)


def drawer(way: Way, cell: tuple[int, int] = CELL) -> Drawer:
    return Drawer(lambda _: Ways(way, way), lambda: cell)


async def drawn(way: Way, folder: Path, size: tuple[int, int] = (800, 400)) -> Drawing:
    Image.new("RGB", size, (255, 0, 0)).save(folder / "red.png")
    return await drawer(way).draw(folder / "red.png", 20, 30, (0, 0, 0))


@pytest.mark.parametrize("way", ["kitty", "sixel", "blocks"])
async def test_every_way_takes_the_same_cells(way: Way, tmp_path: Path) -> None:
    drawing = await drawn(way, tmp_path)

    assert drawing.columns == 20
    assert len(drawing.rows) == 5
    assert {sum(segment.cell_length for segment in row) for row in drawing.rows} == {20}


@pytest.mark.parametrize("way", ["kitty", "sixel"])
async def test_part_of_a_cell_is_a_cell(way: Way, tmp_path: Path) -> None:
    drawing = await drawn(way, tmp_path, (15, 21))

    assert (drawing.columns, len(drawing.rows)) == (2, 2)


async def test_only_kitty_must_be_told_before_and_after(tmp_path: Path) -> None:
    assert (await drawn("kitty", tmp_path)).before
    assert not (await drawn("blocks", tmp_path)).before
    first, second = await drawn("kitty", tmp_path), await drawn("kitty", tmp_path)
    assert first.after != second.after


async def test_the_terminal_is_told_once_to_forget_each_picture_that_it_has(tmp_path: Path) -> None:
    own = drawer("kitty")
    first, second, third = [await drawn("kitty", tmp_path) for _ in range(3)]

    assert not own.has_kept
    assert [own.keep(first), own.keep(second)] == [first.before, second.before]
    assert [own.forget(first), own.forget(first), own.forget(third)] == [first.after, "", ""]
    assert own.has_kept
    assert [own.forget_all(), own.forget_all(), own.forget(second)] == [second.after, "", ""]
    assert not own.has_kept


async def test_the_terminal_keeps_no_picture_in_half_blocks(tmp_path: Path) -> None:
    own = drawer("blocks")

    assert own.keep(await drawn("blocks", tmp_path)) == ""
    assert not own.has_kept


async def test_by_sixel_whole_cells_are_painted_over_blank_ones(tmp_path: Path) -> None:
    Image.new("RGBA", (15, 21), (0, 0, 0, 0)).save(tmp_path / "clear.png")

    drawing = await drawer("sixel").draw_large(tmp_path / "clear.png", 20, 30, (255, 255, 255))

    assert [segment.text for row in drawing.rows for segment in row] == ["  ", "  "]
    canvas = painted(drawing.over.encode())
    assert canvas.size == (20, 40)
    assert len(canvas.pixels) == 20 * 40
    assert set(canvas.colors.values()) == {(100, 100, 100)}


async def test_a_terminal_gets_no_more_by_sixel_than_it_says(tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((800, 800)).convert("RGB").save(tmp_path / "a.png")
    own = Drawer(chooser("auto", {"TERM": "xterm"}, "256"), lambda: CELL)
    asked = [own.learn(report) for report in ("\x1b[?63;4c", "\x1b[?1;0;16S", "\x1b[?2;0;300;100S")]
    assert asked == ["\x1b[?1;1;0S\x1b[?2;4;0S", "", ""]

    canvas = painted((await own.draw_large(tmp_path / "a.png", 80, 40, (0, 0, 0))).over.encode())

    assert canvas.size == (100, 100)
    assert len(canvas.colors) <= 16
    assert not (await own.draw(tmp_path / "a.png", 80, 40, (0, 0, 0))).over  # in the log


@pytest.mark.parametrize("cell", [(10, 20), (12, 20), (9, 23)])
async def test_a_square_is_square_in_half_blocks(cell: tuple[int, int], tmp_path: Path) -> None:
    Image.new("RGB", (400, 400), (255, 0, 0)).save(tmp_path / "red.png")

    drawing = await drawer("blocks", cell).draw(tmp_path / "red.png", 40, 12, (0, 0, 0))

    width, height = drawing.columns * cell[0], len(drawing.rows) * cell[1]
    assert abs(width - height) <= cell[1] / 2


async def test_a_cell_is_measured_when_a_picture_is_drawn(tmp_path: Path) -> None:
    Image.new("RGB", (300, 300)).save(tmp_path / "a.png")
    sizes = iter([(30, 30), None, None])
    own = Drawer(chooser("sixel", {"TERM": "xterm"}, "256"), lambda: next(sizes))

    columns = [(await own.draw_large(tmp_path / "a.png", 80, 40, (0, 0, 0))).columns]
    columns += [(await own.draw_large(tmp_path / "a.png", 80, 40, (0, 0, 0))).columns]
    own.learn("\x1b[6;30;15t")
    columns += [(await own.draw_large(tmp_path / "a.png", 80, 40, (0, 0, 0))).columns]

    assert columns == [10, 30, 20]


async def test_another_terminal_is_asked_anew() -> None:
    own = Drawer(chooser("auto", {"TERM": "xterm"}, "256"))
    assert own.begin() == QUESTIONS
    own.learn("\x1b[?62;4c")
    assert own.ways == ("blocks", "sixel")

    assert own.begin() == QUESTIONS
    assert own.ways == ("blocks", "blocks")


async def test_a_terminal_without_pictures_is_asked_nothing() -> None:
    own = Drawer(chooser("none", {"TERM": "xterm"}, "256"))

    assert own.begin() == own.learn("\x1b[?62;4c") == ""


class _Noting(PictureDecoder):
    """Decodes pictures, and notes how long they might take."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[int] = []

    async def decode(self, path: Path, wanted: Wanted) -> Picture:
        self.seconds.append(wanted.seconds)
        return await super().decode(path, wanted)


async def test_what_nobody_asked_for_may_take_less_time(tmp_path: Path) -> None:
    decoder = _Noting()
    drawer = Drawer(lambda _: Ways("blocks", "blocks"), lambda: CELL, decoder)
    Image.new("RGB", (8, 4), (255, 0, 0)).save(tmp_path / "red.png")

    await drawer.draw(tmp_path / "red.png", 20, 30, (0, 0, 0))
    await drawer.draw_large(tmp_path / "red.png", 20, 30, (0, 0, 0))

    assert decoder.seconds == [MAX_SECONDS_UNASKED, MAX_SECONDS]
