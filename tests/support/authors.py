"""People who post, edit and delete as fast as they are answered, whatever breaks meanwhile.

They record all that they are told, to be compared with what is stored in the end.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias

from chat_shared import messages as m
from support.peer import Left, Peer

Connect: TypeAlias = Callable[[], Awaitable[Peer]]

# High limits, so that only the store slows the authors down.
WIDE = [
    part
    for name in ("posts", "posts-per-second", "requests", "requests-per-second")
    for part in (f"--limits.{name}", "1000000")
]


@dataclass
class Author:
    """A user who posts, edits and deletes in the general room. A deleted text is None."""

    name: str
    token: str = ""
    accepted: dict[int, str | None] = field(default_factory=dict)  # seq to text
    changes: dict[int, tuple[str, int]] = field(default_factory=dict)  # seq to what, and of what
    received: dict[int, str | None] = field(default_factory=dict)  # seq to text
    last_received: int = 0
    unanswered: m.Post | m.Edit | m.Delete | None = None
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def acknowledged(self) -> int:
        return len(self.accepted) + len(self.changes)

    async def log_in(self, connect: Connect) -> Peer:
        peer = await connect()
        await self.join(peer)
        return peer

    async def join(self, peer: Peer) -> None:
        """Log in on `peer`, and be sent what was missed. Raises Left."""
        if self.token:
            await peer.resume(self.token, {"general": self.last_received})
        else:
            self.token = (await peer.register(self.name)).token

    async def post_until_cut(self, peer: Peer, answered: Callable[[], bool]) -> None:
        """Post until the connection breaks, or `answered`, called at each answer, is False."""
        try:
            while True:
                self.unanswered = self._next_request(peer)
                await peer.send(self.unanswered)
                while not self._record(await peer.receive()):
                    pass
                if not answered():
                    return
        except Left:
            pass

    async def reconnect(self, connect: Connect) -> None:
        """Catch up, and repeat the request that was not answered."""
        peer = await self.log_in(connect)
        await self.repeat(peer)
        await peer.ping()
        for message in peer.unread:
            self._record(message)
        await peer.aclose()

    async def repeat(self, peer: Peer) -> None:
        """Repeat the request that was not answered, if there is one. Raises Left."""
        if self.unanswered is not None:
            self._record(await peer.grant(self.unanswered, m.Accepted))

    def _next_request(self, peer: Peer) -> m.Post | m.Edit | m.Delete:
        """Return the next request: two posts, an edit of the last one, a post, a deletion."""
        number = next(self._numbers)
        text, nonce = f"{self.name} {number}", f"{self.name}-{number:08}"
        if number % 5 == 2:
            return m.Edit("general", max(self.accepted), text, nonce, id=peer.number())
        if number % 5 == 4:
            return m.Delete("general", max(self.accepted), nonce, id=peer.number())
        return peer.draft(text, nonce=nonce)

    def _record(self, message: m.Message) -> bool:
        """Record `message`; return whether it answers the pending request."""
        match message:
            case m.Posted(seq=seq, text=text):
                self._receive(seq, seq, text)
            case m.Edited(seq=seq, of=of, text=text):
                self._receive(seq, of, text)
            case m.Deleted(seq=seq, of=of):
                self._receive(seq, of, None)
            case m.Accepted(seq=seq):
                self._accept(seq)
                return True
            case m.Error():  # an author would give up what may be stored
                raise AssertionError(message)
        return False

    def _receive(self, seq: int, of: int, text: str | None) -> None:
        assert seq == self.last_received + 1
        self.last_received = seq
        if of:  # otherwise the edit of a message that is deleted by now
            self.received[of] = text

    def _accept(self, seq: int) -> None:
        assert self.unanswered is not None
        match self.unanswered:
            case m.Post(text=text):
                self.accepted[seq] = text
            case m.Edit(of=of, text=text):
                self.accepted[of] = text
                self.changes[seq] = ("edit", of)
            case m.Delete(of=of):
                self.accepted[of] = None
                self.changes[seq] = ("delete", of)
        self.unanswered = None


async def reconnect_all(connect: Connect, authors: list[Author]) -> list[m.Line]:
    """Let all authors catch up and repeat what was not answered; return all messages."""
    for author in authors:
        await author.reconnect(connect)
    for author in authors:  # each missed what later authors repeated
        await author.reconnect(connect)
    reader = await connect()
    await reader.resume(authors[0].token)
    lines = await _everything(reader)
    await reader.aclose()
    return lines


def check(authors: list[Author], lines: list[m.Line]) -> str:
    """Compare what was acknowledged and what was received with `lines`; return the counts."""
    accepted = {seq: text for author in authors for seq, text in author.accepted.items()}
    changes = {seq: change for author in authors for seq, change in author.changes.items()}
    found = {line.seq: None if line.deleted else line.text for line in lines if not line.change}
    texts = [text for text in found.values() if text is not None]
    doubled = len(texts) - len(set(texts))
    missing = [text for seq, text in accepted.items() if found.get(seq, "") != text]
    assert not missing
    assert not doubled
    assert [line.seq for line in lines] == list(range(1, len(lines) + 1))
    assert {line.seq: (line.change, line.of) for line in lines if line.change} == changes
    assert len(found) == len(accepted)
    for author in authors:
        assert author.received == found
    return f"found {len(lines)}, doubled {doubled}, missing {len(missing)}"


async def _everything(peer: Peer) -> list[m.Line]:
    lines: list[m.Line] = []
    more = True
    while more:
        page = await peer.history(after=lines[-1].seq if lines else 0)
        lines += page.messages
        more = page.more
    return lines
