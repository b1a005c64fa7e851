"""Uploads and files in a store, without a server: with their content, or without."""

from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Final

from chat_server.data_folder import FILES
from chat_server.files.folder import FolderBlobs
from chat_server.store.api import GENERAL_ROOM, Draft, FileBounds, Receipt, Store, UploadRecord
from chat_server.store.api.files import blob_key

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


def blobs_in(data: Path) -> dict[str, bytes]:
    """Return the content of every blob in the data folder, by key."""
    blobs = FolderBlobs(data / FILES)
    return {key: blobs.path(key).read_bytes() for key, _ in blobs.sizes()}


def put_whole(store: Store, data: Path, account: int, content: bytes, name: str) -> int:
    """Make an upload that is whole, with its content in the data folder; return its id."""
    digest = sha256(content).digest()
    record = UploadRecord(0, account, GENERAL_ROOM, name, len(content), digest)
    upload = store.begin_upload(record, 1, AMPLE)
    path = data / "received"
    path.write_bytes(content)
    FolderBlobs(data / FILES).put(blob_key(digest, upload.id), path)
    store.complete_upload(upload.id, "")
    return upload.id


def post_content(store: Store, data: Path, account: int, *contents: bytes) -> list[str]:
    """Post a message with a file for each of `contents`; return the keys of their blobs."""
    ids = [put_whole(store, data, account, each, f"{n}.txt") for n, each in enumerate(contents)]
    post_files(store, account, *ids)
    return [blob_key(sha256(each).digest(), id) for each, id in zip(contents, ids, strict=True)]


def sweep(store: Store, data: Path) -> None:
    """Remove what is unneeded, as a server does."""
    for key in (keys := store.unneeded_blobs(100)):
        FolderBlobs(data / FILES).remove(key)
    store.forget_blobs(keys)
