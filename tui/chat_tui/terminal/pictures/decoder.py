"""Decodes one picture, in a process of its own that may not use much: anyone may have sent it.

`python -P -m chat_tui.terminal.pictures.decoder PATH WIDTH HEIGHT FORM` writes the picture to
standard output, as small as it must be for WIDTH x HEIGHT pixels, in one of the forms in `agreed`.
Exit codes are those of `Fault` there.
"""

import os
import resource
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from chat_tui.terminal.pictures.agreed import HEADER, MAX_PIXELS, Fault

MAX_MEMORY: Final = 768 * 1024 * 1024  # bytes of addresses, the interpreter's own included
MAX_SECONDS: Final = 10  # of processor time: 50 million pixels take one or two

_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")


def main() -> None:
    """Decode the picture that the arguments name."""
    _limit()
    path, width, height, form = sys.argv[1:]
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with Image.open(Path(path), formats=_FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                sys.exit(Fault.TOO_LARGE)
            picture = _decoded(image, (int(width), int(height)))
            pixels = picture.tobytes()
            body = zlib.compress(pixels) if form == "compressed" else pixels
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


if __name__ == "__main__":
    main()
