"""Which blobs a store knows of at one moment, to be compared with those that are there."""

from dataclasses import dataclass
from typing import Final

from chat_server.store.api import Store
from chat_server.store.api.files import blob_key

_PAGE: Final = 10_000  # blobs
_ALL: Final = 2**62  # more than there can be, and later than any time


@dataclass(frozen=True, slots=True)
class StoredBlobs:
    needed: dict[str, tuple[int, bytes]]  # of whole files and uploads: size and SHA-256, by key
    unfinished: frozenset[str]  # keys of those that may be there before their upload is whole
    unneeded: frozenset[str]  # keys of those that may be there until they are removed

    def __contains__(self, key: str) -> bool:
        return key in self.needed or key in self.unfinished or key in self.unneeded


def stored_blobs(store: Store) -> StoredBlobs:
    """Return the blobs that `store`, which is of one moment, knows of."""
    uploads = store.uploads(store.old_uploads(_ALL, _ALL))
    return StoredBlobs(
        {key: (size, digest) for key, size, digest in all_blobs(store)},
        frozenset(blob_key(each.digest, each.id) for each in uploads if not each.whole),
        frozenset(store.unneeded_blobs(_ALL)),
    )


def all_blobs(store: Store) -> list[tuple[str, int, bytes]]:
    """Return all blobs of whole files and uploads, by key, size and SHA-256."""
    found: list[tuple[str, int, bytes]] = []
    while page := store.blobs(found[-1][0] if found else "", _PAGE):
        found += page
    return found
