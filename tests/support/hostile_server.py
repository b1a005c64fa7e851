"""A program: a server that sends what no server should.

Every name and text that it sends contains terminal escape sequences, markup, or
characters that reverse the text direction.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from chat_shared import messages as m
from chat_shared.limits import MAX_SEQ
from support.fake_server import AT, FakeServer
from support.tui_server import tiny_server

READY: Final = "listening on tcp://"

# Escape sequences. Each carries a word that occurs nowhere else.
ORDERS: Final = (
    "\x1b[2J\x1b[7;7Hcleared",
    "\x1b]0;titled\x07",
    "\x1b]52;c;Y29waWVk\x07",
    "\x9b31mcoloured",
    "\x1bPdcs\x1b\\",
    "\x1b[?1049lleft",
    "\rreturned\x08\x08\x0e",
)
MARKUP: Final = ("[/]", "[bold]b[/bold] [@click=app.quit]x[/]", "[link=https://x]y")
TURNED: Final = "a\u202ereversed\u2066c"

FLOOD: Final = "flood"  # a message that is answered with one

_NAME: Final = f"{ORDERS[0]}[/]\u202e"


class _FakeServer(FakeServer):
    def post(
        self,
        room: str,
        author: str,
        text: str,
        nonce: str = "",
        at: str = AT,
        reply: int = 0,
        files: tuple[m.File, ...] = (),
    ) -> m.Line:
        """Post, and follow real posts with hostile events of other kinds."""
        line = super().post(room, author, text, nonce, at, reply, files)
        if text == FLOOD:
            self._flood(room)
        elif nonce:
            self.broadcast(room, m.Notice(f"notice{_NAME}[/]"))
            self.broadcast(room, m.Entered(room, f"member{_NAME}"))
            files = (m.File(1, f"file{_NAME}", MAX_SEQ, f"image/png{_NAME}"),)
            self.post(room, f"linus{_NAME}", "said the last line", files=files)
        return line

    def _flood(self, room: str) -> None:
        """Send thousands of events of every kind that nobody asked for."""
        for number in range(2_000):
            name = f"user{number}"
            for event in (
                m.Entered(room, name), m.IsTyping(room, name), m.Notice(f"note {number}"),
                m.Entered(f"room{number}", "ada"), m.Presence(room, [m.Member(name, True)]),
                m.Audited(room, m.AuditEntry(number, AT, name, "kick", "x")), m.Left(room, name),
            ):  # fmt: skip
                self.broadcast(room, event)


def hostile_fake() -> FakeServer:
    """Return a fake server whose rooms, members and messages are all hostile."""
    fake = _FakeServer()
    room = fake.room(f"room{_NAME}", f"k7qm{_NAME}", "ada")
    room.topic = f"topic{_NAME}[/]"
    room.members |= {f"member{_NAME}": f"member{_NAME}"}
    fake.account(f"linus{_NAME}")
    for text in (*ORDERS, *MARKUP, TURNED, "\n".join("x" for _ in range(200))):
        for name in ("general", room.name):
            fake.post(name, f"linus{_NAME}", f"said {text}")
    return fake


async def serve(fake: FakeServer) -> None:
    """Serve `fake` until the program is ended."""
    async with tiny_server(fake) as server:
        print(f"{READY}{server.address}", flush=True)  # noqa: T201 - read by a test
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(hostile_fake()))
