"""Uploads and files in a store, without a server and without their content."""

from hashlib import sha256
from itertools import count
from typing import Final

from chat_server.store.api import GENERAL_ROOM, Draft, FileBounds, Receipt, Store, UploadRecord

AMPLE: Final = FileBounds(account=2**40, total=2**40, uploads=100)

_nonces = count()


def begin(
    store: Store,
    account: int,
    content: str = "soup",
    *,
    name: str = "recipe.pdf",
    size: int = 5_000,
    room: int = GENERAL_ROOM,
    at: int = 1,
    bounds: FileBounds = AMPLE,
) -> UploadRecord:
    """Begin an upload; `content` stands for all of its bytes."""
    digest = sha256(content.encode()).digest()
    return store.begin_upload(UploadRecord(0, account, room, name, size, digest), at, bounds)


def whole(store: Store, account: int, content: str = "soup", **kwargs: str | int) -> int:
    """Make an upload that is whole; return its id."""
    upload = begin(store, account, content, **kwargs)  # type: ignore[arg-type]  # as `begin` has
    store.complete_upload(upload.id, "")
    return upload.id


def post_files(
    store: Store, account: int, *uploads: int, text: str = "", room: int = GENERAL_ROOM
) -> Receipt:
    """Append a message with these files."""
    draft = Draft(room, account, text, f"files {next(_nonces)}", files=uploads)
    return store.append([draft], 5)[0]
