"""The people whose service is measured: they chat within their limits while somebody attacks."""

import math
import statistics
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import trio

from chat_shared import messages as m
from support.peer import Left, Peer, greeted

#: So many people, each from an address of their own.
WITNESSES: Final = 5

#: Seconds between two requests of one person: below the limits of an account.
PING_EVERY: Final = 0.1
POST_EVERY: Final = 0.7
SEARCH_EVERY: Final = 0.7
LOG_IN_EVERY: Final = 1.5


@dataclass
class Waits:
    """Seconds that requests took; infinite for those without an answer."""

    pongs: list[float] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    searches: list[float] = field(default_factory=list)
    log_ins: list[float] = field(default_factory=list)


def name_of(witness: int) -> str:
    return f"witness{witness}"


async def connected(port: int, witness: int) -> Peer:
    source = f"127.0.2.{1 + witness}"
    return await greeted(await trio.open_tcp_stream("127.0.0.1", port, local_address=source))


async def registered(port: int) -> list[str]:
    """Register all witnesses and return their tokens."""
    tokens = []
    for witness in range(WITNESSES):
        peer = await connected(port, witness)
        async with peer.stream:
            await peer.register(name_of(witness))
        tokens.append(peer.token)
    return tokens


async def watch(port: int, tokens: Sequence[str], seconds: float) -> Waits:
    """Return what all witnesses waited for within `seconds`."""
    waits = Waits()
    with trio.move_on_after(seconds):
        async with trio.open_nursery() as nursery:
            for witness, token in enumerate(tokens):
                nursery.start_soon(_chat, port, witness, token, waits)
                nursery.start_soon(_log_in, port, witness, waits)
    return waits


async def _chat(port: int, witness: int, token: str, waits: Waits) -> None:
    async with AsyncExitStack() as streams, trio.open_nursery() as nursery:
        peers = [await connected(port, witness) for _ in range(3)]
        for peer in peers:
            await streams.enter_async_context(peer.stream)
            await peer.resume(token)
        nursery.start_soon(_repeat, PING_EVERY, waits.pongs, peers[0], peers[0].ping)
        post = partial(peers[1].post, "still here")
        nursery.start_soon(_repeat, POST_EVERY, waits.posts, peers[1], post)
        search = partial(_search, peers[2])
        nursery.start_soon(_repeat, SEARCH_EVERY, waits.searches, peers[2], search)


async def _search(peer: Peer) -> None:
    await peer.grant(m.Search("here", id=peer.number()), m.Found)


async def _log_in(port: int, witness: int, waits: Waits) -> None:
    while True:
        peer = await connected(port, witness)
        async with peer.stream:
            await _time(waits.log_ins, partial(peer.log_in, name_of(witness)))
        await trio.sleep(LOG_IN_EVERY)


async def _repeat(
    every: float, waits: list[float], peer: Peer, ask: Callable[[], Awaitable[object]]
) -> None:
    while math.inf not in waits[-1:]:
        await _time(waits, ask)
        peer.unread.clear()
        await trio.sleep(every)


async def _time(waits: list[float], ask: Callable[[], Awaitable[object]]) -> None:
    """Add how long `ask` takes to `waits`: so far, if it is cancelled before its end."""
    started = trio.current_time()
    failed = False
    try:
        await ask()
    except (Left, AssertionError):  # the connection ended, or the request was refused
        failed = True
    finally:
        waits.append(math.inf if failed else trio.current_time() - started)


def summary(waits: Sequence[float]) -> str:
    """Return median and maximum in milliseconds, and how many had no answer."""
    answered = [1_000 * wait for wait in waits if wait < math.inf]
    if not answered:
        return f"none of {len(waits)}"
    failed = len(waits) - len(answered)
    text = f"{statistics.median(answered):8.1f} {max(answered):8.0f}"
    return f"{text} ({failed} failed)" if failed else text
