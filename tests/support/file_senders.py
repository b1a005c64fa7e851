"""People who upload, post and delete files as fast as they are answered, whatever breaks meanwhile.

They record all that they are told, to be compared with what is stored in the end.
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from chat_shared import messages as m
from chat_shared.limits import MAX_CHUNK
from support.file_transfers import chunk_of, download, post_of, upload_of
from support.peer import Left, Peer

# Contents that several people send: stored once, and needed until the last message is deleted.
_SHARED = [random.Random(seed).randbytes(70_000) for seed in range(3)]

_KEPT = 6  # messages of a sender that are not deleted: enough, and quick to compare


@dataclass
class FileSender:
    """A user who sends files to the general room, and deletes most of them again."""

    name: str
    chance: random.Random
    token: str = ""
    sent: dict[int, tuple[int, bytes]] = field(default_factory=dict)  # seq to file and content
    deleted: set[int] = field(default_factory=set)  # files
    acknowledged: int = 0
    unanswered: m.Post | m.Delete | None = None
    uploading: bytes = b""  # what is uploaded, or was when the connection broke
    _posted: int = 0  # the file of `unanswered`, if that is a post
    _numbers: int = 0

    async def log_in(self, connect: Callable[[], Awaitable[Peer]]) -> Peer:
        """Log in, and repeat the request that was not answered. Raises Left."""
        peer = await connect()
        if self.token:
            await peer.resume(self.token)
        else:
            self.token = (await peer.register(self.name)).token
        if self.unanswered is not None:
            await self._ask(peer, self.unanswered)
        return peer

    async def send_until_cut(self, peer: Peer, answered: Callable[[], None]) -> None:
        """Send and delete files until the connection breaks; call `answered` at each answer."""
        try:
            while True:
                await self._send(peer, answered)
                while len(self.sent) > _KEPT:
                    seq = self.chance.choice([*self.sent])
                    await self._ask(peer, m.Delete("general", seq, self._nonce(), id=peer.number()))
                    answered()
        except Left:
            pass

    async def check(self, peer: Peer) -> int:
        """Compare what is stored with what was acknowledged; return the bytes of all files."""
        for file, content in self.sent.values():
            assert await download(peer, file, len(content)) == content
        for file in self.deleted:
            assert isinstance(await peer.ask(m.Download(file, 0, id=peer.number())), m.Error)
        return sum(len(content) for _, content in self.sent.values())

    async def _send(self, peer: Peer, answered: Callable[[], None]) -> None:
        """Upload a file, that of the last time if it was not whole, and mostly post it."""
        self.uploading = self.uploading or self._content()
        content = self.uploading
        state = await peer.grant(upload_of(peer, content, name=f"{self.name}.bin"), m.UploadState)
        at = state.at
        while at < len(content):
            chunk = chunk_of(peer, state.upload, at, content[at : at + MAX_CHUNK])
            at = (await peer.grant(chunk, m.UploadState)).at
            answered()
        if self.chance.random() < 0.1:
            await peer.grant(m.CancelUpload(state.upload, id=peer.number()), m.Ok)
        else:
            self._posted = state.upload
            await self._ask(peer, post_of(peer, state.upload, nonce=self._nonce()))
        self.uploading = b""
        answered()

    async def _ask(self, peer: Peer, request: m.Post | m.Delete) -> None:
        """Post or delete, until it is answered. Raises Left."""
        self.unanswered = request
        accepted = await peer.grant(request, m.Accepted)
        self.unanswered = None
        self.acknowledged += 1
        if isinstance(request, m.Post):
            self.sent[accepted.seq] = (self._posted, self.uploading)
            self.uploading = b""
        else:
            file, _ = self.sent.pop(request.of)
            self.deleted.add(file)

    def _content(self) -> bytes:
        if self.chance.random() < 0.3:
            return self.chance.choice(_SHARED)
        return self.chance.randbytes(self.chance.randrange(1, 150_000))

    def _nonce(self) -> str:
        self._numbers += 1
        return f"{self.name}-{self._numbers:08}"
