"""Draws pictures that are in files, in the way that the terminal can."""

import secrets
from pathlib import Path

from chat_tui.terminal.pictures import half_blocks, kitty
from chat_tui.terminal.pictures.decoding import Picture, PictureDecoder
from chat_tui.terminal.pictures.drawing import Drawing
from chat_tui.terminal.pictures.half_blocks import Rgb
from chat_tui.terminal.pictures.ways import Way


class Drawer:
    """Draws pictures for one terminal."""

    def __init__(
        self, way: Way, cell: tuple[int, int], decoder: PictureDecoder | None = None
    ) -> None:
        """`cell` is the width and height of a cell in pixels.

        Drawers for several terminals take turns if they have the same `decoder`.
        """
        self.way = way
        self._cell = cell
        self._decoder = decoder or PictureDecoder()

    async def draw(self, path: Path, columns: int, rows: int, background: Rgb) -> Drawing:
        """Return the picture in the file at `path` in at most `columns` x `rows` cells.

        In front of `background` where it is transparent. Raises PictureError.
        """
        columns, rows = min(columns, kitty.MAX_CELLS), min(rows, kitty.MAX_CELLS)
        width, height = self._cell
        box = (columns * width, rows * height)
        if self.way == "kitty":
            return self._placed(await self._decoder.decode(path, box, "compressed"))
        picture = await self._decoder.decode(path, (columns, rows * 2), "pixels")
        return Drawing(half_blocks.draw(picture, background), picture.width)

    def _placed(self, picture: Picture) -> Drawing:
        width, height = self._cell
        columns, rows = -(-picture.width // width), -(-picture.height // height)
        # Other programs in the terminal have pictures too, and there is one list of numbers.
        id = secrets.randbelow((1 << 24) - 1) + 1
        before = kitty.transmit(id, picture, columns, rows)
        return Drawing(kitty.draw(id, columns, rows), columns, before, kitty.forget(id))
