"""What the decoder of pictures and those who ask it agree on."""

import struct
from enum import IntEnum
from typing import Final, Literal, NamedTuple, TypeAlias

# Pixels as they are (red, green, blue and alpha, 8 bits each); a PNG; or a sequence of sixel.
Form: TypeAlias = Literal["pixels", "png", "sixel"]

HEADER: Final = struct.Struct(">II")  # width and height, in front of the picture

MAX_PIXELS: Final = 50_000_000  # of a picture: those of phones have as many, and take 200 MB

# Bytes of a picture that is sent to a terminal. What takes more gets fewer pixels.
MAX_SENT: Final = 1_000_000

# Of a picture by sixel: more take too long, and more than MAX_SENT bytes unless they are simple.
MAX_SIXEL_PIXELS: Final = 2_000_000

# Seconds of processor time to decode a picture: 50 million pixels take one or two. But a small file
# can be made to take any time, and everyone who has it in view decodes it.
MAX_SECONDS: Final = 10
MAX_SECONDS_UNASKED: Final = 3  # that nobody asked for


class Wanted(NamedTuple):
    """In which form a picture is wanted, and at most how large."""

    form: Form
    width: int  # in dots
    height: int
    most: int = MAX_SENT  # bytes, but of pixels
    # The width of a dot and its height, in the same unit.
    dot_width: int = 1
    dot_height: int = 1
    # Of sixel: colors, and what the picture is in front of, whole cells.
    colors: int = 256
    background: int = 0  # red, green and blue, 8 bits each
    cell_width: int = 1  # in dots
    cell_height: int = 1
    seconds: int = MAX_SECONDS  # of processor time


class Fault(IntEnum):
    """Why there is no picture: the decoder's exit code."""

    DAMAGED = 3
    OTHER_FORMAT = 4
    TOO_LARGE = 5
