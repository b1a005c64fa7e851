"""Files that a peer uploads and downloads, chunk by chunk."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from chat_server.config import Config, Limits
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.limits import GENERAL, MAX_CHUNK
from support.peer import Peer
from support.running_server import WIDE, RunningServer, running_server


@asynccontextmanager
async def server_with_files(
    storage: Storage, data: Path, **limits: Any
) -> AsyncGenerator[RunningServer]:
    """Yield a server with wide limits, but for `limits`, whose files are below `data`."""
    config = Config(data=data, limits=wide_limits(**limits))
    async with running_server(storage, config) as server:
        yield server


def wide_limits(**limits: Any) -> Limits:
    """Return limits on files that no test reaches, but for `limits`."""
    wide = {"free_disk": 0, "transfer_burst": 1_000_000_000, "transfers": 1_000} | limits
    return replace(WIDE, **wide)


def upload_of(
    peer: Peer, content: bytes, *, name: str = "soup.txt", room: str = GENERAL
) -> m.Upload:
    """Return the request that begins the upload of `content`."""
    digest = hashlib.sha256(content).hexdigest()
    return m.Upload(room, name, len(content), digest, id=peer.number())


async def begin(peer: Peer, content: bytes, **which: str) -> m.UploadState:
    return await peer.grant(upload_of(peer, content, **which), m.UploadState)


def chunk_of(peer: Peer, upload: int, at: int, data: bytes) -> m.SendChunk:
    return m.SendChunk(upload, at, data, id=peer.number())


async def send(peer: Peer, upload: int, at: int, data: bytes) -> int:
    """Send a chunk; return where the upload ends then."""
    return (await peer.grant(chunk_of(peer, upload, at, data), m.UploadState)).at


async def upload(peer: Peer, content: bytes, *, size: int = MAX_CHUNK, **which: str) -> int:
    """Upload `content` in chunks of `size` bytes, from where the server has it on."""
    state = await begin(peer, content, **which)
    at = state.at
    while at < len(content):
        at = await send(peer, state.upload, at, content[at : at + size])
    return state.upload


def post_of(
    peer: Peer, *files: int, text: str = "", room: str = GENERAL, nonce: str = ""
) -> m.Post:
    number = peer.number()
    return m.Post(room, text, nonce or f"files-{number}", files=files, id=number)


async def post(peer: Peer, *files: int, **which: str) -> m.Accepted:
    return await peer.grant(post_of(peer, *files, **which), m.Accepted)


async def download(peer: Peer, file: int, size: int, *, limit: int = MAX_CHUNK) -> bytes:
    """Return the `size` bytes of a file, asked for in chunks of `limit` bytes."""
    content = b""
    while len(content) < size:
        request = m.Download(file, len(content), limit, id=peer.number())
        content += (await peer.grant(request, m.FileChunk)).data
    return content
