"""Sixel, drawn on a canvas by the rules of the terminal that introduced it."""

import re
from dataclasses import dataclass
from typing import Final

_START: Final = re.compile(rb'\x1bP0;1q"1;1;(\d+);(\d+)((?:#\d+;2;\d+;\d+;\d+)*)')
_COLOR: Final = re.compile(rb"#(\d+);2;(\d+);(\d+);(\d+)")
_TOKEN: Final = re.compile(rb"#(\d+)|!(\d+)([?-~])|([$-])|([?-~])", re.DOTALL)

# A picture among other output of a program.
SEQUENCE: Final = re.compile(rb"\x1bP[^\x1b]*\x1b\\")


@dataclass(frozen=True, slots=True)
class Canvas:
    """What a sequence has drawn."""

    size: tuple[int, int]
    colors: dict[int, tuple[int, int, int]]  # in percent
    pixels: dict[tuple[int, int], int]

    def color(self, x: int, y: int) -> tuple[int, int, int]:
        """Return red, green and blue of a pixel, in percent."""
        return self.colors[self.pixels[x, y]]


def painted(sequence: bytes) -> Canvas:
    """Return what `sequence` draws; it is an error to draw a pixel twice."""
    assert sequence.endswith(b"\x1b\\")
    start = _START.match(sequence)
    assert start is not None
    colors = {int(n): (int(r), int(g), int(b)) for n, r, g, b in _COLOR.findall(start[3])}
    rest = sequence[start.end() : -2]
    tokens = list(_TOKEN.finditer(rest))
    assert b"".join(token[0] for token in tokens) == rest
    return Canvas((int(start[1]), int(start[2])), colors, _drawn(tokens))


def _drawn(tokens: list[re.Match[bytes]]) -> dict[tuple[int, int], int]:
    pixels: dict[tuple[int, int], int] = {}
    x = y = color = 0
    for token in tokens:
        if token[1]:
            color = int(token[1])
        elif token[4] == b"$":
            x = 0
        elif token[4] == b"-":
            x, y = 0, y + 6
        else:
            times, sign = (int(token[2]), token[3]) if token[2] else (1, token[5])
            bits = [bit for bit in range(6) if sign[0] - 63 >> bit & 1]
            new = {(at, y + bit): color for at in range(x, x + times) for bit in bits}
            assert not new.keys() & pixels.keys()
            pixels |= new
            x += times
    return pixels
