"""A stream that can be written to now (never waiting) or later.

The kernel's buffer usually has room, and asking it costs less than waking a
task that would ask it. Where a stream is not a plain socket (TLS, memory),
"now" is never, and everything is written later.
"""

import os

import trio


class Transport:
    """A stream of bytes with a way to write that never waits.

    The contract, on which the order of what members read stands:

    * `write_nowait` MUST return how many bytes were taken, from the front.
    * `write_nowait` MUST NOT be called while a `write` is under way: two
      writers would mix their bytes.
    * Both MUST raise BrokenResourceError once the peer is gone, and
      ClosedResourceError once we closed; the descriptor's number may belong
      to somebody else by then, so it is asked for afresh each time.
    """

    __slots__ = ("_socket", "_stream")

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._socket = stream.socket if isinstance(stream, trio.SocketStream) else None

    def write_nowait(self, data: bytes) -> int:
        """Write as much of `data` as fits now; return how many bytes that was."""
        if self._socket is None:
            return 0
        try:
            return os.write(self._socket.fileno(), data)
        except BlockingIOError:
            return 0
        except OSError as exc:
            raise trio.BrokenResourceError from exc

    async def write(self, data: bytes) -> None:
        """Write all of `data`, waiting for room as often as it takes."""
        await self._stream.send_all(data)

    async def read(self, limit: int) -> bytes:
        """Return some bytes, at most `limit`; none at the end of the stream."""
        return bytes(await self._stream.receive_some(limit))

    def peer_address(self) -> str:
        """Return the address that the peer comes from; empty where it has none (a Unix socket)."""
        if self._socket is None or self._socket.family == trio.socket.AF_UNIX:
            return ""
        return str(self._socket.getpeername()[0])
