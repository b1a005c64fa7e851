"""A server for tests: no sockets and no slow hashes unless a test asks for them."""

import hashlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Final, TypeAlias

import trio
from pwdlib.hashers.argon2 import Argon2Hasher
from trio.testing import memory_stream_pair

from chat_server import clock
from chat_server.accounts.passwords import Passwords
from chat_server.config import Config, Limits
from chat_server.net.origins import Origins
from chat_server.protocols.native import NativeProtocol
from chat_server.services import Services, build_services
from chat_server.store.threads import Storage
from chat_shared.messages import Hello
from chat_shared.names import fold
from support.peer import Peer, greeted

_numbers: Final = count()  # of tokens, over all servers: a storage may be in several

StreamPair: TypeAlias = tuple[trio.abc.Stream, trio.abc.Stream]

HELLO: Final = Hello(protocol=1, server="test", version="0", registration="open")

# So high that no test reaches a limit that it did not set.
WIDE: Final = Limits(
    posts=1_000_000,
    posts_per_second=1e6,
    requests=1_000_000,
    requests_per_second=1e6,
    registrations=1_000_000,
)


def fast_passwords() -> Passwords:
    """Return a hasher that takes a fraction of a millisecond, and is not safe."""
    return Passwords(Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass(frozen=True)
class RunningServer:
    """A server, its protocol, and ways for tests to connect."""

    services: Services
    protocol: NativeProtocol
    storage: Storage
    nursery: trio.Nursery

    async def connect(self, pair: Callable[[], StreamPair] = memory_stream_pair) -> Peer:
        """Return a peer that has connected and received hello."""
        return await greeted(self.open_stream(pair))

    def open_stream(self, pair: Callable[[], StreamPair] = memory_stream_pair) -> trio.abc.Stream:
        """Serve one end of a new `pair`; return the other."""
        theirs, ours = pair()
        self.nursery.start_soon(self.protocol, ours)
        return theirs

    async def log_in(
        self,
        name: str,
        seen: dict[str, int] | None = None,
        pair: Callable[[], StreamPair] = memory_stream_pair,
        at: dict[str, str] | None = None,
    ) -> Peer:
        """Return `name`, logged in. The account is created if need be; nothing is hashed."""
        token = await self.token(name)
        peer = await self.connect(pair)
        await peer.resume(token, seen, at)
        return peer

    async def registered(self, name: str) -> Peer:
        """Return `name`, who registers."""
        peer = await self.connect()
        await peer.register(name)
        return peer

    async def logged_in(self, name: str) -> Peer:
        """Return `name`, who is registered and logs in by password."""
        peer = await self.connect()
        await peer.log_in(name)
        return peer

    async def token(self, name: str) -> str:
        """Return a new token of `name`, whose account is created if need be."""
        token = f"{name}-{next(_numbers)}"
        digest = hashlib.sha256(token.encode()).digest()
        await self.storage.write(
            lambda store: store.add_token(
                digest,
                (store.account(fold(name)) or store.add_account(fold(name), name, "", 0)).id,
                0,
                1_000,
            )
        )
        return token

    async def listen(self) -> str:
        """Listen on a free port of the loopback; return its address.

        The system is asked to buffer little for peers that do not read.
        """
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        for listener in listeners:
            listener.socket.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_SNDBUF, 65_536)
        self.nursery.start_soon(partial(trio.serve_listeners, self.protocol, listeners))
        host, port = listeners[0].socket.getsockname()[:2]
        return f"tcp://{host}:{port}"


@asynccontextmanager
async def running_server(
    storage: Storage,
    config: Config | None = None,
    passwords: Passwords | None = None,
    now: Callable[[], int] = clock.now,
) -> AsyncGenerator[RunningServer]:
    """Yield a running server; connections that are open at the end are closed."""
    config = config or Config(limits=WIDE)
    services = await build_services(config, storage, passwords or fast_passwords(), now)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(services.run)
        origins = Origins(config.trusted_networks, config.proxy_socket)
        protocol = NativeProtocol(services, HELLO, nursery, origins)
        yield RunningServer(services, protocol, storage, nursery)
        nursery.cancel_scope.cancel()
