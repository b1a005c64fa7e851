"""Blocks of blobs in memory, for where each read is a request over the network.

Such a request takes as long for a chunk as for twenty of them, and has its price. A download
asks for one chunk after the other, so that a block of chunks is there when the next one is wanted.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, TypeAlias

# Bytes of a block: 23 chunks of the largest size. It takes a fifth of a second at 50 Mbit/s, so
# that nobody waits long for the first chunk of it.
BLOCK: Final = 1_048_576

# Returns up to `limit` bytes of the blob `key` from `at` on. Raises BlobError.
Fetch: TypeAlias = Callable[[str, int, int], bytes]


class ReadAhead:
    """Reads blobs through `fetch`, and keeps the `most` blocks that were used last.

    Any thread may call it. A blob never changes, so no block is ever out of date.
    """

    def __init__(self, fetch: Fetch, most: int) -> None:
        self._fetch = fetch
        self._most = most
        self._blocks: OrderedDict[tuple[str, int], bytes] = OrderedDict()  # by key and number
        self._lock = threading.Lock()

    def read(self, key: str, at: int, limit: int) -> bytes:
        """Return up to `limit` bytes from `at` on. Raises BlobError."""
        data = b""
        while len(data) < limit:
            number, start = divmod(at + len(data), BLOCK)
            block = self._block(key, number)
            data += block[start : start + limit - len(data)]
            if len(block) < BLOCK:  # the last one
                break
        return data

    def forget(self, key: str) -> None:
        """Keep nothing of the blob `key`."""
        with self._lock:
            for place in [place for place in self._blocks if place[0] == key]:
                del self._blocks[place]

    def _block(self, key: str, number: int) -> bytes:
        with self._lock:
            if (block := self._blocks.get((key, number))) is not None:
                self._blocks.move_to_end((key, number))
                return block
        block = self._fetch(key, number * BLOCK, BLOCK)  # not locked: others read meanwhile
        with self._lock:
            self._blocks[key, number] = block
            while len(self._blocks) > self._most:
                self._blocks.popitem(last=False)
        return block
