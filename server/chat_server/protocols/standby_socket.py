"""The handler of `chat-server admin` on a server that stands by: it tells which one leads."""

from collections.abc import Awaitable, Callable
from typing import Final

import structlog
import trio

from chat_server.admin import messages as m
from chat_server.errors import UnusableStoreError
from chat_server.protocols.admin_socket import DEADLINE, read_line

log = structlog.get_logger()


class StandbySocket:
    """A connection handler: refuses the one request on the stream, but for that of `check`."""

    def __init__(self, find_leader: Callable[[], Awaitable[str]]) -> None:
        """Find the name of the server that leads, empty for none, with `find_leader`.

        It may raise UnusableStoreError.
        """
        self._find_leader: Final = find_leader

    async def __call__(self, stream: trio.abc.Stream) -> None:
        async with stream:
            try:
                with trio.fail_after(DEADLINE):
                    line = await read_line(stream)
                    await stream.send_all(m.encode(await self._answer(line)))
            except (trio.BrokenResourceError, trio.TooSlowError):
                log.info("admin client disconnected")

    async def _answer(self, line: bytes) -> m.Answer:
        try:
            leader = await self._find_leader()
        except UnusableStoreError as exc:
            return m.Failed(f"This server stands by. {exc}")
        if _is_check(line):
            return m.Done(f"standing by; the leader is {leader}" if leader else "standing by")
        if not leader:
            return m.Failed("This server stands by, and no other leads. Try again in a moment.")
        return m.Failed(f"This server stands by. The leader is {leader}: run the command there.")


def _is_check(line: bytes) -> bool:
    try:
        return isinstance(m.decode_request(line), m.ListParts)
    except ValueError:  # a client of another version, or none at all
        return False
