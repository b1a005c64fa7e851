"""Chunks one after the other are few requests, and what is kept of them is bounded."""

import threading

from chat_server.files.read_ahead import BLOCK, ReadAhead

_CHUNK = 45_000


class _Source:
    """Blobs of one size, and which parts of them were asked for."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.fetched: list[tuple[str, int]] = []

    def fetch(self, key: str, at: int, limit: int) -> bytes:
        self.fetched.append((key, at // BLOCK))
        return bytes(min(limit, max(self.size - at, 0)))


def test_a_file_is_fetched_by_blocks() -> None:
    source = _Source(2 * BLOCK + 10)
    ahead = ReadAhead(source.fetch, most=1)
    read = sum(len(ahead.read("a", at, _CHUNK)) for at in range(0, source.size, _CHUNK))

    assert read == source.size
    assert source.fetched == [("a", 0), ("a", 1), ("a", 2)]


def test_so_many_blocks_are_kept_and_the_one_unused_for_longest_goes() -> None:
    source = _Source(10)
    ahead = ReadAhead(source.fetch, most=2)
    for key in "a", "b", "a", "c", "a", "b":
        ahead.read(key, 0, 1)

    assert source.fetched == [("a", 0), ("b", 0), ("c", 0), ("b", 0)]


def test_what_is_forgotten_is_fetched_again() -> None:
    source = _Source(10)
    ahead = ReadAhead(source.fetch, most=2)
    for _ in range(2):
        ahead.read("a", 0, 1)
        ahead.read("b", 0, 1)
        ahead.forget("a")

    assert source.fetched == [("a", 0), ("b", 0), ("a", 0)]


def test_one_that_waits_is_not_in_the_way_of_others() -> None:
    waiting, gate = threading.Event(), threading.Event()

    def fetch(key: str, at: int, limit: int) -> bytes:
        if key == "slow":
            waiting.set()
            gate.wait()
        return b"soup"

    ahead = ReadAhead(fetch, most=2)
    slow = threading.Thread(target=ahead.read, args=("slow", 0, 4))
    slow.start()
    waiting.wait()
    assert ahead.read("quick", 0, 4) == b"soup"
    gate.set()
    slow.join()
