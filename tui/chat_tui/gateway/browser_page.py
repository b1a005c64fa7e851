"""The page in the browser, as a client in a worker has it: it may be gone, and come back.

Nothing of a file that is sent is kept here: the page has it, and is asked for one part after the
other. After a lost connection it is asked again; a page that was loaded again has no files.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import msgspec

from chat_shared.file_names import clean_file_name
from chat_tui.gateway.frames import NUMBER, Choose, Chosen, ForPage, Kind, PassedFile, Question
from chat_tui.model.outbox import PageFile

# Seconds for a page that is connected to read a part of a file and send it, over a slow line.
READ_WITHIN: Final = 60.0


class Line(Protocol):
    """The connection to the page, as far as there is one."""

    @property
    def is_connected(self) -> bool: ...
    @property
    def is_drawn(self) -> bool: ...
    def send(self, kind: Kind, data: bytes) -> None: ...


@dataclass(slots=True)
class _Asked:
    question: Question
    answer: asyncio.Future[bytes]
    timer: asyncio.TimerHandle


class BrowserPage:
    """The page of one client."""

    def __init__(self, line: Line, chosen: Callable[[tuple[PageFile, ...], str], object]) -> None:
        """`chosen` is called with the files that the person has chosen there, and a caption."""
        self._line = line
        self._chosen = chosen
        self._is_there = True
        self._number = 0
        self._asked: dict[int, _Asked] = {}

    # --- for the client

    def save(self, path: Path, name: str) -> None:
        """Let the page save a file. Without a page, remove it."""
        if self._line.is_connected:
            self._tell(PassedFile(str(path), name))
        else:
            path.unlink(missing_ok=True)

    def choose(self, caption: str) -> None:
        self._tell(Choose(caption))

    async def sha256(self, file: PageFile) -> bytes:
        return await self._ask(file)

    async def read(self, file: PageFile, at: int, limit: int) -> bytes:
        return await self._ask(file, at, limit)

    async def _ask(self, file: PageFile, at: int = 0, limit: int = 0) -> bytes:
        if not self._is_there:
            return b""
        self._number = number = (self._number + 1) % 2**32
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        question = Question(number, file.id, at, limit)
        self._asked[number] = _Asked(question, answer, self._send(question))
        try:
            return await answer
        finally:
            self._asked.pop(number).timer.cancel()

    def _send(self, question: Question) -> asyncio.TimerHandle:
        if self._line.is_drawn:
            self._tell(question)
        loop = asyncio.get_running_loop()
        return loop.call_later(READ_WITHIN, self._give_up, question.number)

    def _give_up(self, number: int) -> None:
        """A page does not answer; one that is not there is asked when it is back."""
        if self._line.is_drawn:
            self._answer(number, b"")

    def _answer(self, number: int, answer: bytes) -> None:
        asked = self._asked.get(number)
        if asked is not None and not asked.answer.done():
            asked.answer.set_result(answer)

    def _tell(self, sent: ForPage) -> None:
        self._line.send(Kind.FOR_PAGE, msgspec.json.encode(sent))

    # --- for the terminal

    def chose(self, data: bytes) -> None:
        """The person has chosen files: a Chosen as JSON."""
        chosen = msgspec.json.decode(data, type=Chosen)
        files = (PageFile(file.id, clean_file_name(file.name), file.size) for file in chosen.files)
        self._chosen(tuple(files), chosen.caption)

    def answered(self, data: bytes) -> None:
        """The page has answered: the data of an ANSWER frame."""
        self._answer(int.from_bytes(data[:NUMBER]), data[NUMBER:])

    def drawn(self) -> None:
        """The page is connected, perhaps again: ask what has not been answered."""
        for asked in self._asked.values():
            asked.timer.cancel()
            asked.timer = self._send(asked.question)

    def come_back(self, *, is_there: bool) -> None:
        """The client is shown again; if no page `is_there`, but a terminal, none has its files."""
        self._is_there = is_there
        if not is_there:
            for number in self._asked:
                self._answer(number, b"")
