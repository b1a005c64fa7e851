"""The attacks: one hostile client each, with as many connections and accounts as the attack needs.

Runs as a process of its own, so that the people who are measured do not wait for it:
`python -m benchmarks.siege.attacks NAME PORT TLS_PORT SECONDS TOKEN...`. A client who is
disconnected connects again at once. Everything ends by itself after SECONDS.
"""

import base64
import contextlib
import itertools
import json
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final, TypeAlias

import trio

from chat_shared.limits import MAX_CHUNK

_READ: Final = 64 * 1024
_BLOCK: Final = 64 * 1024  # bytes that are sent at once
_BUSY: Final = 0.02  # seconds until a refused client knocks again


#: A phrase that is slow to look for among messages of the same two words, and is in none.
SLOWEST: Final = "a b a b a b a a"


@dataclass(frozen=True)
class Target:
    """The server, and the accounts that the attacker has on it."""

    port: int
    tls_port: int
    tokens: tuple[str, ...]

    @contextlib.asynccontextmanager
    async def connection(
        self, client: int = 0, *, tls: bool = False
    ) -> AsyncIterator[trio.SocketStream]:
        """Connect from an address that a hundred clients share, and read nothing yet.

        With `tls`, to where the server expects a handshake.
        """
        source, port = f"127.0.1.{1 + client // 100}", self.tls_port if tls else self.port
        stream = await trio.open_tcp_stream("127.0.0.1", port, local_address=source)
        async with stream:
            yield stream


Attack: TypeAlias = Callable[[Target], Awaitable[None]]


async def run(attack: Attack, target: Target, seconds: float) -> None:
    """Attack for `seconds`."""
    with trio.move_on_after(seconds):
        await attack(target)


# --- clients


def frame(kind: str, **fields: object) -> bytes:
    return json.dumps({"type": kind, **fields}, ensure_ascii=False).encode() + b"\n"


def _resume(target: Target, client: int) -> bytes:
    return frame("resume", id=1, token=target.tokens[client % len(target.tokens)], seen={})


async def _clients(count: int, behave: Callable[[int], Awaitable[None]]) -> None:
    """Run `count` clients, each of whom begins anew whenever the server ends their connection."""

    async def keep_on(client: int) -> None:
        while True:
            try:
                await behave(client)
            except* (OSError, trio.BrokenResourceError):
                pass  # the server ended the connection
            await trio.sleep(_BUSY)

    async with trio.open_nursery() as nursery:
        for client in range(count):
            nursery.start_soon(keep_on, client)


async def _flood(
    target: Target, client: int, data: bytes, *, first: bytes = b"", endless: bool = True
) -> None:
    """Send `first`, then `data` over and over, and read what comes until the connection ends."""
    async with target.connection(client) as stream, trio.open_nursery() as nursery:

        async def send() -> None:
            if first:
                await stream.send_all(first)
                await trio.sleep(0.2)  # the log-in, in the order of the clients
            while True:
                await stream.send_all(data)
                if not endless:
                    return

        nursery.start_soon(send)
        while await stream.receive_some(_READ):
            pass
        nursery.cancel_scope.cancel()


async def _ask_once(target: Target, client: int, *frames: bytes) -> None:
    """Send `frames` on a new connection, read one reply to each, and hang up."""
    async with target.connection(client) as stream:
        await stream.send_all(b"".join(frames))
        received = b""
        while received.count(b'"re":') < len(frames):
            data = await stream.receive_some(_READ)
            if not data:
                return
            received += data


def _many(one: bytes) -> bytes:
    return one * max(1, _BLOCK // len(one))


# --- before the log-in


async def malformed_frames(target: Target) -> None:
    """Forty strangers send `{}` as fast as it is taken."""
    await _clients(40, lambda client: _flood(target, client, _many(b"{}\n")))


async def strange_passwords(target: Target) -> None:
    """Strangers log in with passwords that are slow to prepare."""
    one = frame("login", id=2, name="witness0", password="・" * 250 + "カ")
    await _clients(20, lambda client: _flood(target, client, _many(one)))


async def strange_names(target: Target) -> None:
    """Strangers log in with names that are slow to prepare."""
    one = frame("login", id=2, name="・" * 127 + "カ", password="not the password")
    await _clients(20, lambda client: _flood(target, client, _many(one)))


async def guessing(target: Target) -> None:
    """Strangers from three addresses guess the passwords of invented names."""
    numbers = itertools.count()

    async def guess(client: int) -> None:
        names = (f"nobody{next(numbers)}" for _ in range(20))
        attempts = [frame("login", id=1, name=name, password="guessing it") for name in names]
        await _ask_once(target, client, *attempts)

    await _clients(290, guess)


async def registering(target: Target) -> None:
    """One address registers as many accounts as it can."""
    numbers = itertools.count()

    async def register(client: int) -> None:
        name = f"squatter{next(numbers)}"
        await _ask_once(target, client, frame("register", id=1, name=name, password="squatting it"))

    await _clients(90, register)


async def churning(target: Target) -> None:
    """Strangers connect and hang up."""

    async def knock(client: int) -> None:
        async with target.connection(client):
            pass

    await _clients(60, knock)


async def handshaking(target: Target) -> None:
    """Strangers begin TLS, which costs them nothing, and hang up after the server's answer."""
    hello = _client_hello()

    async def begin(client: int) -> None:
        async with target.connection(client, tls=True) as stream:
            await stream.send_all(hello)
            await stream.receive_some(_READ)

    await _clients(90, begin)


def _client_hello() -> bytes:
    """Return with what a client begins TLS."""
    context, sent = ssl.create_default_context(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname="localhost").do_handshake()
    return sent.read()


# --- with accounts


async def reconnecting(target: Target) -> None:
    """Every account resumes, posts a burst, hangs up, and does so again at once."""
    numbers = itertools.count()

    async def burst(client: int) -> None:
        posts = (
            frame("post", id=2 + n, room="general", text="again", nonce=f"r{next(numbers)}")
            for n in range(10)
        )
        await _ask_once(target, client, _resume(target, client), *posts)

    await _clients(20, burst)


async def strange_rooms(target: Target) -> None:
    """Every account resumes with 160 rooms whose names are slow to prepare."""

    async def resume(client: int) -> None:
        seen = {f"{'・' * 100}カ{number}": 1 for number in range(160)}
        token = target.tokens[client % len(target.tokens)]
        await _ask_once(target, client, frame("resume", id=1, token=token, seen=seen))

    await _clients(20, resume)


async def refused_requests(target: Target) -> None:
    """Forty sessions send requests that are always refused."""
    one = frame("join", id=2, room="no such room", password="guess")
    first = partial(_resume, target)
    await _clients(40, lambda client: _flood(target, client, _many(one), first=first(client)))


async def mentioning(target: Target) -> None:
    """Forty sessions post messages that are slow to search for mentions."""
    await _posting(target, "@a" + "😀" * 7_998)


async def poisoning(target: Target) -> None:
    """Forty sessions search for a letter that one message holds thousands of times."""
    poison = frame("post", id=2, room="general", text="a😀" * 4_000, nonce="poison")
    async with target.connection() as stream:
        await stream.send_all(_resume(target, 0) + poison)
        search = frame("search", id=3, room="general", words="a")
        first = partial(_resume, target)
        await _clients(40, lambda client: _flood(target, client, search, first=first(client)))


async def searching(target: Target) -> None:
    """Ninety sessions of five accounts search for the slowest phrase there is."""
    one = frame("search", id=2, words=f'"{SLOWEST}"')
    first = partial(_resume, target)
    await _clients(90, lambda client: _flood(target, client, one, first=first(client)))


async def squatting(target: Target) -> None:
    """Every account creates rooms and leaves them."""
    numbers = itertools.count()

    async def squat(client: int) -> None:
        room = f"squatted{next(numbers)}"
        frames = frame("create", id=2, room=room), frame("exit", id=3, room=room)
        await _ask_once(target, client, _resume(target, client), *frames)

    await _clients(20, squat)


async def reopening(target: Target) -> None:
    """Every account leaves a direct message with the same person and opens it again."""
    pair = frame("direct", id=2, name="witness0") + frame("exit", id=3, room="@1-9")
    first = partial(_resume, target)
    await _clients(20, lambda client: _flood(target, client, _many(pair), first=first(client)))


async def same_again(target: Target) -> None:
    """Forty sessions post one message with one nonce, over and over."""
    await _posting(target, "the same again", nonce="same")


async def uploading(target: Target) -> None:
    """Forty sessions send chunks of files as fast as the line takes them, refused or not."""
    data = base64.b64encode(bytes(MAX_CHUNK)).decode()
    chunk = frame("chunk", id=2, upload=1, at=0, data=data)
    first = partial(_resume, target)
    await _clients(40, lambda client: _flood(target, client, chunk, first=first(client)))


async def stalling(target: Target) -> None:
    """Ninety sessions ask for pages and read nothing."""
    asking = frame("history", id=2, room="general", limit=200)

    async def ask_and_stall(client: int) -> None:
        async with target.connection(client) as stream:
            await stream.send_all(_resume(target, client))
            while True:
                await stream.send_all(_many(asking))

    await _clients(90, ask_and_stall)


async def _posting(target: Target, text: str, nonce: str = "") -> None:
    numbers = itertools.count()
    first = partial(_resume, target)

    def post(client: int) -> bytes:
        chosen = nonce or f"p{client}-{next(numbers)}"
        return frame("post", id=2, room="general", text=text, nonce=chosen)

    await _clients(40, lambda client: _flood(target, client, post(client), first=first(client)))


ATTACKS: Final[Mapping[str, Attack]] = MappingProxyType(
    {
        attack.__name__.replace("_", "-"): attack
        for attack in (
            malformed_frames,
            strange_passwords,
            strange_names,
            guessing,
            registering,
            churning,
            handshaking,
            reconnecting,
            strange_rooms,
            refused_requests,
            mentioning,
            poisoning,
            searching,
            squatting,
            reopening,
            same_again,
            uploading,
            stalling,
        )
    }
)


def main() -> None:
    name, port, tls_port, seconds, *tokens = sys.argv[1:]
    target = Target(int(port), int(tls_port), tuple(tokens))
    trio.run(run, ATTACKS[name], target, float(seconds))


if __name__ == "__main__":
    main()
