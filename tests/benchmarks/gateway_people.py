"""People at terminals who use the chat over SSH: they connect, register, type, and read.

Each comes from one of many addresses of the loopback, since the gateway limits those of one.
"""

import asyncio
import itertools
import json
import re
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Final

import asyncssh

PASSWORD: Final = "correct horse battery"
SIZE: Final = (120, 36)

_PER_ADDRESS: Final = 10
_ESCAPES: Final = re.compile(r"\x1b\[[^@-~]*[@-~]")
_PATIENCE: Final = 120.0  # seconds for anything to be drawn

# Bytes of the newest output that is kept to look for a text.
_KEPT: Final = 64 * 1024


class _WithoutKey(asyncssh.SSHClient):
    """Answers the question that the gateway asks everyone without a key: none."""

    def kbdint_auth_requested(self) -> str:
        return ""

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: object
    ) -> list[str]:
        return []


class Person(asyncssh.SSHClientSession[bytes]):
    """One terminal, and what was drawn in it."""

    def __init__(self, number: int) -> None:
        self.name: Final = f"person{number:03d}"
        self._source = f"127.0.{1 + number // _PER_ADDRESS}.1"
        self._connection: asyncssh.SSHClientConnection | None = None
        self._channel: asyncssh.SSHClientChannel[bytes]
        self._drawn: deque[bytes] = deque()
        self._size = 0
        self._changed = asyncio.Event()
        self.received = 0  # bytes

    async def connect(self, port: int) -> float:
        """Connect; return the seconds until the form was shown."""
        began = time.perf_counter()
        self._connection = await asyncssh.connect(
            "127.0.0.1", port, username=self.name, known_hosts=None, config=None,
            client_factory=_WithoutKey, client_keys=None, agent_path=None,
            local_addr=(self._source, 0),
        )  # fmt: skip
        self._channel, _ = await self._connection.create_session(
            lambda: self, term_type="xterm-256color", term_size=SIZE, encoding=None
        )
        await self.wait_for("Password")
        return time.perf_counter() - began

    async def register(self) -> None:
        """Create the account and wait for the room."""
        await self._answer(PASSWORD, "Repeat the password")
        await self._answer(PASSWORD, "Message general")

    async def echo(self, key: str) -> float:
        """Press a key that nobody else presses; return the seconds until it is drawn."""
        began = time.perf_counter()
        self.type(key)
        await self.wait_for(key)
        return time.perf_counter() - began

    async def wait_for(self, text: str) -> None:
        """Wait until `text` is drawn, since it was last waited for."""
        async with asyncio.timeout(_PATIENCE):
            while not self._shows(text):
                self._changed.clear()
                await self._changed.wait()
        self._drawn.clear()
        self._size = 0

    def type(self, text: str) -> None:
        self._channel.write(text.encode())

    def stop_reading(self) -> None:
        self._channel.pause_reading()

    def leave(self) -> None:
        """Cut the connection."""
        if self._connection is not None:
            self._connection.abort()

    async def _answer(self, line: str, next_text: str) -> None:
        self.type(f"{line}\r")
        await self.wait_for(next_text)

    def _shows(self, text: str) -> bool:
        drawn = b"".join(self._drawn).decode(errors="replace")
        return text in _ESCAPES.sub("", drawn)

    # --- for asyncssh

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        self.received += len(data)
        self._drawn.append(data)
        self._size += len(data)
        while self._size > _KEPT:
            self._size -= len(self._drawn.popleft())
        self._changed.set()


@asynccontextmanager
async def posting(port: int, every: float) -> AsyncGenerator[None]:
    """Let someone with a client of their own post every `every` seconds during the block."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    name = f"talker{time.time_ns()}"[-20:]
    writer.write(_frame(type="register", id=1, name=name, password=PASSWORD))

    async def post() -> None:
        for number in itertools.count(2):
            text = f"message {number} of this conversation, of the usual length"
            nonce = f"{time.time_ns():024x}"
            writer.write(_frame(type="post", id=number, room="general", text=text, nonce=nonce))
            await asyncio.sleep(every)

    async def read() -> None:
        while await reader.read(_KEPT):
            pass

    tasks = [asyncio.create_task(read())]
    await asyncio.sleep(every)  # the password is being hashed
    tasks.append(asyncio.create_task(post()))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        writer.close()


def _frame(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def keys() -> Iterator[str]:
    """Yield letters that nobody else types, again and again."""
    while True:
        yield from map(chr, range(0x410, 0x450))
