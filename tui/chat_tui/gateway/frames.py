"""What passes between the front of the gateway, which people connect to, and its workers.

Each connection has a socket pair of its own, so bytes of one never wait for those of another.
A frame is its kind (one byte), its length (four, big-endian) and its data.
"""

import asyncio
import struct
from enum import IntEnum
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec

Via: TypeAlias = Literal["ssh", "web"]

# Bytes of one frame's data. Input and output are cut into pieces of at most this size.
MAX_DATA: Final = 64 * 1024

_HEAD: Final = struct.Struct("!BI")


class Kind(IntEnum):
    """What a frame is about. The first four go to a worker, the others come from it."""

    OPEN = 1  # a Opening as JSON; always the first frame
    INPUT = 2  # bytes typed
    RESIZE = 3  # a Size as JSON
    QUIT = 4  # the client must end: nobody will come back to it
    OUTPUT = 5  # bytes to show
    LOGGED_IN = 6  # the account's name
    EXIT = 7  # the exit code as digits; always the last frame


class Size(msgspec.Struct, frozen=True):
    """The size of a terminal in cells."""

    columns: int
    lines: int


class Opening(msgspec.Struct, frozen=True):
    """A connection as the front knows it when it begins."""

    address: str
    """The IP address of the person."""
    via: Via
    size: Size
    variables: dict[str, str] = {}
    """What the person's terminal says of itself: TERM, COLORTERM, NO_COLOR."""
    name: str = ""
    room: str = ""
    key: str = ""
    """The SSH key that logs in to the account `name`, proven by a signature, as in a .pub file."""
    offered: tuple[str, ...] = ()
    """Other keys that the person offered, at most ssh_authentication.MAX_OFFERED."""
    resume: str = ""
    """The account whose client, left behind by an earlier connection, this one goes on with."""


class Frame(NamedTuple):
    kind: Kind
    data: bytes


class BadFrameError(Exception):
    """The other process sent what is no frame."""


def frame(kind: Kind, data: bytes = b"") -> bytes:
    """Return a frame as bytes."""
    return _HEAD.pack(kind, len(data)) + data


async def read_frame(reader: asyncio.StreamReader) -> Frame | None:
    """Return the next frame, or None at the end. Raises BadFrameError."""
    try:
        kind, length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
        if length > MAX_DATA:
            raise BadFrameError(f"{length} bytes")
        return Frame(Kind(kind), await reader.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except ValueError as exc:
        raise BadFrameError(str(exc)) from None
