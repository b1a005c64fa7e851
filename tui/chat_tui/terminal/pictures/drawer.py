"""Draws pictures that are in files, in the way that the terminal can."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.segment import Segment

from chat_tui.terminal.pictures import half_blocks, kitty
from chat_tui.terminal.pictures.abilities import QUESTIONS, Abilities, learn
from chat_tui.terminal.pictures.agreed import (
    MAX_SECONDS,
    MAX_SECONDS_UNASKED,
    MAX_SENT,
    Wanted,
)
from chat_tui.terminal.pictures.cells import USUAL_CELL, Cell
from chat_tui.terminal.pictures.decoding import Picture, PictureDecoder
from chat_tui.terminal.pictures.drawing import Drawing
from chat_tui.terminal.pictures.half_blocks import Rgb
from chat_tui.terminal.pictures.ways import Choose, Way, Ways

_USUAL_COLORS: Final = 256  # of sixel, in terminals that don't say


async def _at_once() -> None:
    """Wait for nothing."""


class Drawer:
    """Draws pictures for one terminal."""

    def __init__(
        self,
        choose: Choose,
        measure: Callable[[], Cell | None] = lambda: None,
        decoder: PictureDecoder | None = None,
    ) -> None:
        """`measure` returns the size of a cell as it is now, if that is known.

        Drawers for several terminals take turns if they have the same `decoder`.
        """
        self.measure = measure
        self.most = MAX_SENT
        """Bytes that the terminal is sent of one picture."""
        self.wait_read: Callable[[], Awaitable[None]] = _at_once
        """Waits until the terminal has read most of what it was sent."""
        self._choose = choose
        self._decoder = decoder or PictureDecoder()
        self._abilities = Abilities()
        self._kept: set[str] = set()  # what makes the terminal forget each picture that it has

    @property
    def ways(self) -> Ways:
        """How pictures are drawn, as far as the terminal has said what it can."""
        return self._choose(self._abilities)

    def begin(self) -> str:
        """Return what to ask a terminal of which nothing is known."""
        self._abilities = Abilities()
        return "" if self.ways.large == "none" else QUESTIONS

    def learn(self, report: str) -> str:
        """Take what the terminal reports of itself; return what to ask it next."""
        self._abilities, question = learn(self._abilities, report)
        return "" if self.ways.large == "none" else question

    @property
    def has_kept(self) -> bool:
        """The terminal has pictures that it must be told to forget."""
        return bool(self._kept)

    def keep(self, drawing: Drawing) -> str:
        """Return what the terminal must be sent before `drawing` is drawn."""
        if drawing.after:
            self._kept.add(drawing.after)
        return drawing.before

    def forget(self, drawing: Drawing) -> str:
        """Return what the terminal must be sent when `drawing` goes."""
        if drawing.after not in self._kept:
            return ""
        self._kept.remove(drawing.after)
        return drawing.after

    def forget_all(self) -> str:
        """Do the same for all drawings.

        While the terminal shows the screen that they are on: it keeps the pictures of each screen
        apart, and longer than that screen is shown.
        """
        sequences = "".join(self._kept)
        self._kept.clear()
        return sequences

    async def draw(self, path: Path, columns: int, rows: int, background: Rgb) -> Drawing:
        """Return the picture in the file at `path` in at most `columns` x `rows` cells.

        In front of `background` where it is transparent. It may take little time, as nobody asked
        for it. Raises PictureError.
        """
        return await self._drawn(
            self.ways.log, path, columns, rows, background, seconds=MAX_SECONDS_UNASKED
        )

    async def draw_large(self, path: Path, columns: int, rows: int, background: Rgb) -> Drawing:
        """Do the same for a screen that shows nothing else, for a person who asked for it."""
        return await self._drawn(self.ways.large, path, columns, rows, background)

    async def _drawn(
        self, way: Way, path: Path, columns: int, rows: int, background: Rgb,
        *, seconds: int = MAX_SECONDS,
    ) -> Drawing:  # fmt: skip
        cell = self.measure() or self._abilities.cell or USUAL_CELL
        wanted = self._wanted(way, cell, columns, rows)._replace(
            background=int.from_bytes(bytes(background)), seconds=seconds
        )
        if way != "blocks":
            await self.wait_read()
        picture = await self._decoder.decode(path, wanted)
        match way:
            case "kitty":
                drawing = _placed(picture, cell)
            case "sixel":
                drawing = _overlaid(picture, cell)
            case _:
                drawing = Drawing(half_blocks.draw(picture, background), picture.width)
        return replace(drawing, within=columns)

    def _wanted(self, way: Way, cell: Cell, columns: int, rows: int) -> Wanted:
        width, height = cell
        match way:
            case "kitty":
                columns, rows = min(columns, kitty.MAX_CELLS), min(rows, kitty.MAX_CELLS)
                return Wanted(
                    "png", columns * width, rows * height, kitty.without_base64(self.most)
                )
            case "sixel":
                if self._abilities.largest is not None:
                    columns = max(1, min(columns, self._abilities.largest[0] // width))
                    rows = max(1, min(rows, self._abilities.largest[1] // height))
                wanted = Wanted("sixel", columns * width, rows * height, self.most)
                colors = self._abilities.colors or _USUAL_COLORS
                return wanted._replace(colors=colors, cell_width=width, cell_height=height)
            case _:
                wanted = Wanted("pixels", columns, rows * 2)
                return wanted._replace(dot_width=width * 2, dot_height=height)


def _cells(picture: Picture, cell: Cell) -> tuple[int, int]:
    """Return how many columns and rows a picture takes, the last ones perhaps in part."""
    return -(-picture.width // cell[0]), -(-picture.height // cell[1])


def _placed(picture: Picture, cell: Cell) -> Drawing:
    columns, rows = _cells(picture, cell)
    # Other programs in the terminal have pictures too, and there is one list of numbers.
    id = secrets.randbelow((1 << 24) - 1) + 1
    before = kitty.transmit(id, picture, columns, rows)
    return Drawing(kitty.draw(id, columns, rows), columns, before=before, after=kitty.forget(id))


def _overlaid(picture: Picture, cell: Cell) -> Drawing:
    columns, rows = _cells(picture, cell)
    blank = [[Segment(" " * columns)] for _ in range(rows)]
    return Drawing(blank, columns, over=picture.data.decode())
