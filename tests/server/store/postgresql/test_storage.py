"""Queries run beside each other, each on a thread and a connection of its own."""

from threading import Barrier

import trio

from chat_server.store.api import Store
from chat_server.store.postgresql.storage import open_storage


async def test_four_queries_run_at_a_time_and_a_commit_beside_them(url: str) -> None:
    together = Barrier(5)

    def act(store: Store) -> None:
        store.rooms()
        together.wait(10)

    async with open_storage(url) as storage, trio.open_nursery() as nursery:
        nursery.start_soon(storage.write, act)
        for _ in range(4):
            nursery.start_soon(storage.read, act)


async def test_a_query_goes_to_a_thread_that_is_free(url: str) -> None:
    begun, go_on = Barrier(4), Barrier(4)

    def hold(_: Store) -> None:
        begun.wait(10)
        go_on.wait(10)

    async with open_storage(url) as storage, trio.open_nursery() as nursery:
        for _ in range(3):
            nursery.start_soon(storage.read, hold)
        await trio.to_thread.run_sync(begun.wait, 10)

        for _ in range(8):
            assert len(await storage.read(lambda store: store.rooms())) == 1
        await trio.to_thread.run_sync(go_on.wait, 10)
