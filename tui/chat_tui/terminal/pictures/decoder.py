"""Decodes one picture, in a process of its own that may not use much: anyone may have sent it.

`python -P -m chat_tui.terminal.pictures.decoder PATH WIDTH HEIGHT FORM CELL` writes the picture to
standard output, as small as it must be for WIDTH x HEIGHT pixels, in one of the forms in `agreed`;
CELL is the height of a cell in pixels. Exit codes are those of `Fault` there.
"""

import os
import resource
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final

from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from chat_tui.terminal.pictures import sixel_encoder
from chat_tui.terminal.pictures.agreed import HEADER, MAX_PIXELS, Fault

MAX_MEMORY: Final = 768 * 1024 * 1024  # bytes of addresses, the interpreter's own included
MAX_SECONDS: Final = 10  # of processor time: 50 million pixels take one or two

_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")


def main() -> None:
    """Decode the picture that the arguments name."""
    _limit()
    path, width, height, form, cell = sys.argv[1:]
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(Path(path), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                sys.exit(Fault.TOO_LARGE)
            picture = _decoded(image, (int(width), int(height)))
            body = _as_form(picture, form, int(cell))
    except UnidentifiedImageError:
        sys.exit(Fault.OTHER_FORMAT)
    except (Image.DecompressionBombError, MemoryError):
        sys.exit(Fault.TOO_LARGE)
    except Exception:  # a decoder may fail in any way on what is not quite a picture
        sys.exit(Fault.DAMAGED)
    sys.stdout.buffer.write(HEADER.pack(*picture.size) + body)


def _limit() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, MAX_SECONDS),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(ValueError, OSError):  # not on every system
            resource.setrlimit(kind, (most, most))
    os.nice(5)  # the person who types goes first


def _decoded(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    """Return the first picture of `image`, the right way up, and no larger than `box`."""
    # JPEG can be decoded at an eighth of its size, at once. Turned by what its camera noted, it
    # may need the other side's length.
    image.draft("RGB", (max(box), max(box)))
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail(box, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return upright.convert("RGBA")


def _as_form(picture: Image.Image, form: str, cell: int) -> bytes:
    match form:
        case "compressed":
            return zlib.compress(picture.tobytes())
        case "sixel":
            return _as_sixel(picture, cell)
        case _:
            return picture.tobytes()


def _as_sixel(picture: Image.Image, cell: int) -> bytes:
    reduced = picture.convert("RGB").quantize(sixel_encoder.MAX_COLORS)
    colors = reduced.getpalette() or []
    palette = list(zip(colors[::3], colors[1::3], colors[2::3], strict=True))
    # Either there or not: sixel knows nothing between.
    seen = picture.getchannel("A").point(lambda alpha: 255 * (alpha >= 128))
    reduced.paste(sixel_encoder.TRANSPARENT, mask=ImageChops.invert(seen))
    pixels, width = reduced.tobytes(), picture.width
    rows = [pixels[start : start + width] for start in range(0, len(pixels), width)]
    return sixel_encoder.encode(rows, palette, cell)


if __name__ == "__main__":
    main()
