"""The colors that a terminal shows, measured on what the client draws."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import cbrt, dist

from rich.color import Color, ColorSystem
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.geometry import Region

RGB = tuple[int, int, int]

# xterm's colors, the bright ones second.
_COLORS: list[RGB] = [
    *((0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0)),
    *((0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229)),
    *((127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0)),
    *((92, 92, 255), (255, 0, 255), (0, 255, 255), (255, 255, 255)),
]
XTERM_DARK = TerminalTheme((0, 0, 0), (229, 229, 229), _COLORS[:8], _COLORS[8:])
XTERM_LIGHT = TerminalTheme((255, 255, 255), (0, 0, 0), _COLORS[:8], _COLORS[8:])

# Lines, bars and the background of a cursor are not read.
_DRAWING = range(0x2500, 0x25A0)

_FAINT = 2 / 3  # of its color is left of dim text, about, in most terminals

_SYSTEMS = {"256": ColorSystem.EIGHT_BIT, "standard": ColorSystem.STANDARD}


@dataclass(frozen=True)
class Ink:
    """Some text with the colors in which a terminal shows it."""

    text: str
    color: RGB
    background: RGB

    @property
    def contrast(self) -> float:
        """The contrast as WCAG 2.2 defines it, from 1 to 21."""
        lights = sorted((_luminance(self.color), _luminance(self.background)))
        return (lights[1] + 0.05) / (lights[0] + 0.05)


def inks(app: App[None], system: str, region: Region | None = None) -> Iterator[Ink]:
    """Yield all text in `region` of the screen, or on all of it, as colors `system` shows it."""
    theme = XTERM_DARK if app.current_theme.dark else XTERM_LIGHT
    lines = app.screen._compositor.render_strips()
    if region is not None:
        rows = lines[region.y : region.bottom]
        lines = [line.crop(region.x, region.right) for line in rows]
    for segment in (segment for line in lines for segment in line):
        text = _readable(segment)
        if text and segment.style is not None:
            yield Ink(text, *_shown(segment.style, theme, _SYSTEMS.get(system)))


def illegible(found: Iterable[Ink], least: float = 4.5) -> list[str]:
    """Return a sentence for each kind of text that has too little contrast."""
    bad = {(ink.color, ink.background): ink for ink in found if ink.contrast < least}
    return [
        f"{ink.text!r}: {_hex(ink.color)} on {_hex(ink.background)} has {ink.contrast:.1f}"
        for ink in bad.values()
    ]


def difference(one: RGB, other: RGB) -> float:
    """Return how far apart two colors look: their distance in OKLab (Ottosson, 2020)."""
    return dist(_oklab(one), _oklab(other))


def _oklab(color: RGB) -> tuple[float, float, float]:
    red, green, blue = map(_linear, color)
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _readable(segment: Segment) -> str:
    return "".join(char for char in segment.text if ord(char) not in _DRAWING).strip()


def _shown(style: Style, theme: TerminalTheme, system: ColorSystem | None) -> tuple[RGB, RGB]:
    color = _rgb(style.color, theme, system, foreground=True)
    background = _rgb(style.bgcolor, theme, system, foreground=False)
    if style.reverse:
        color, background = background, color
    return (_mixed(color, background) if style.dim else color), background


def _rgb(
    color: Color | None, theme: TerminalTheme, system: ColorSystem | None, *, foreground: bool
) -> RGB:
    color = color or Color.default()
    if system is not None:
        color = color.downgrade(system)
    red, green, blue = color.get_truecolor(theme, foreground=foreground)
    return red, green, blue


def _mixed(color: RGB, background: RGB) -> RGB:
    red, green, blue = (
        round(one * _FAINT + other * (1 - _FAINT))
        for one, other in zip(color, background, strict=True)
    )
    return red, green, blue


def _luminance(color: RGB) -> float:
    red, green, blue = map(_linear, color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _hex(color: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color)
