"""What the decoder of pictures and those who ask it agree on."""

import struct
from enum import IntEnum
from typing import Final, Literal, TypeAlias

# Pixels as they are: red, green, blue and alpha, 8 bits each; or the same as zlib compresses them.
Form: TypeAlias = Literal["pixels", "compressed"]

HEADER: Final = struct.Struct(">II")  # width and height, in front of the picture

MAX_PIXELS: Final = 50_000_000  # of a picture: those of phones have as many, and take 200 MB


class Fault(IntEnum):
    """Why there is no picture: the decoder's exit code."""

    DAMAGED = 3
    OTHER_FORMAT = 4
    TOO_LARGE = 5
