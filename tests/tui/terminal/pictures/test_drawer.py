"""A picture in a file, drawn in every way."""

from pathlib import Path

import pytest
from PIL import Image

from chat_tui.terminal.pictures.drawer import Drawer
from chat_tui.terminal.pictures.drawing import Drawing
from chat_tui.terminal.pictures.ways import Way

pytestmark = pytest.mark.asyncio


async def drawn(way: Way, folder: Path, size: tuple[int, int] = (800, 400)) -> Drawing:
    Image.new("RGB", size, (255, 0, 0)).save(folder / "red.png")
    return await Drawer(way, (10, 20)).draw(folder / "red.png", 20, 30, (0, 0, 0))


@pytest.mark.parametrize("way", ["kitty", "blocks"])
async def test_every_way_takes_the_same_cells(way: Way, tmp_path: Path) -> None:
    drawing = await drawn(way, tmp_path)

    assert drawing.columns == 20
    assert len(drawing.rows) == 5
    assert {sum(segment.cell_length for segment in row) for row in drawing.rows} == {20}


async def test_part_of_a_cell_is_a_cell(tmp_path: Path) -> None:
    drawing = await drawn("kitty", tmp_path, (15, 21))

    assert (drawing.columns, len(drawing.rows)) == (2, 2)


async def test_only_kitty_must_be_told_before_and_after(tmp_path: Path) -> None:
    assert (await drawn("kitty", tmp_path)).before
    assert not (await drawn("blocks", tmp_path)).before
    first, second = await drawn("kitty", tmp_path), await drawn("kitty", tmp_path)
    assert first.after != second.after
