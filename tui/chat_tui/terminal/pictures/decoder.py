"""Decodes one picture, in a process of its own that may not use much: anyone may have sent it.

`python -P -m chat_tui.terminal.pictures.decoder PATH FORM …` writes the picture to standard output
as the arguments of `Wanted`, in `agreed`, say. Exit codes are those of `Fault` there.
"""

import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from math import sqrt
from pathlib import Path
from typing import Final, cast

from PIL import Image, ImageOps, UnidentifiedImageError

from chat_tui.terminal.pictures import sixel
from chat_tui.terminal.pictures.agreed import (
    HEADER,
    MAX_PIXELS,
    MAX_SIXEL_PIXELS,
    Fault,
    Form,
    Wanted,
)

MAX_MEMORY: Final = 768 * 1024 * 1024  # bytes of addresses, the interpreter's own included

_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")


def main() -> None:
    """Decode the picture that the arguments name."""
    path, wanted = sys.argv[1], _wanted(sys.argv[2:])
    _limit(wanted.seconds)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(Path(path), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                sys.exit(Fault.TOO_LARGE)
            picture, body = _encoded(_decoded(image, wanted), wanted)
    except UnidentifiedImageError:
        sys.exit(Fault.OTHER_FORMAT)
    except (Image.DecompressionBombError, MemoryError):
        sys.exit(Fault.TOO_LARGE)
    except Exception:  # a decoder may fail in any way on what is not quite a picture
        sys.exit(Fault.DAMAGED)
    sys.stdout.buffer.write(HEADER.pack(*picture.size) + body)


def _limit(seconds: int) -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MAX_MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_FSIZE, 0),
    ):
        with suppress(ValueError, OSError):  # not on every system
            resource.setrlimit(kind, (most, most))
    os.nice(5)  # the person who types goes first


def _wanted(arguments: list[str]) -> Wanted:
    form, *numbers = arguments
    return Wanted(cast("Form", form), *map(int, numbers))


def _decoded(image: Image.Image, wanted: Wanted) -> Image.Image:
    """Return the first picture of `image`, the right way up, a pixel for each dot."""
    # JPEG can be decoded at an eighth of its size, at once. Turned by what its camera noted, it
    # may need the other side's length.
    longest = max(wanted.width, wanted.height)
    image.draft("RGB", (longest, longest))
    upright = ImageOps.exif_transpose(image)
    size = _fitting(upright.size, wanted)
    if size != upright.size:
        upright = upright.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    return upright.convert("RGBA")


def _fitting(size: tuple[int, int], wanted: Wanted) -> tuple[int, int]:
    """Return how many dots a picture gets, no more across than it has pixels."""
    width, height = size[0], size[1] * wanted.dot_width / wanted.dot_height
    scale = min(1.0, wanted.width / width, wanted.height / height)
    if wanted.form == "sixel":
        scale = min(scale, sqrt(MAX_SIXEL_PIXELS / (width * height)))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _encoded(picture: Image.Image, wanted: Wanted) -> tuple[Image.Image, bytes]:
    """Return `picture` as large as it is shown, and in the form that is wanted."""
    match wanted.form:
        case "sixel":
            return _within(picture, wanted.most, lambda each: _sixel(each, wanted))
        case "png":
            return picture, _within(picture, wanted.most, _png)[1]  # shown in the same cells
        case _:
            return picture, picture.tobytes()


def _within(
    picture: Image.Image, most: int, encode: Callable[[Image.Image], bytes]
) -> tuple[Image.Image, bytes]:
    """Return `picture` and its encoding, in fewer pixels if it takes more than `most` bytes."""
    smaller = picture
    while len(data := encode(smaller)) > most and smaller.size != (1, 1):
        scale = 0.95 * sqrt(most / len(data))
        width, height = (max(1, int(side * scale)) for side in smaller.size)
        smaller = picture.resize((width, height), Image.Resampling.BOX)
    return smaller, data


def _sixel(picture: Image.Image, wanted: Wanted) -> bytes:
    # Terminals do not agree on what is behind a picture, nor on the rest of its last cells.
    columns, rows = -(-picture.width // wanted.cell_width), -(-picture.height // wanted.cell_height)
    size = columns * wanted.cell_width, rows * wanted.cell_height
    whole = Image.new("RGB", size, f"#{wanted.background:06x}")
    whole.paste(picture, mask=picture)
    return sixel.encode(whole, wanted.colors)


def _png(picture: Image.Image) -> bytes:
    output = BytesIO()
    picture.save(output, "PNG")
    return output.getvalue()


if __name__ == "__main__":
    main()
