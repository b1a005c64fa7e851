"""Queries run beside each other, each on a thread and a connection of its own."""

from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier

import pytest
import trio

from chat_server.errors import UnreachableStoreError
from chat_server.store.api import Store
from chat_server.store.postgresql.storage import candidate, open_storage
from support.postgresql import postgresql_url, running_postgresql, silent_host

_AT_ONCE = 3.0  # seconds: less than a silent host is waited for


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


async def test_all_connections_are_to_the_server_that_the_first_one_has_found(url: str) -> None:
    with TemporaryDirectory(prefix="pg-") as folder, silent_host() as silent:
        first = Path(folder) / "first"  # refuses at the beginning
        async with candidate(url.replace("host=", f"host={first},")) as server:
            await server.wait_leading("node")
            first.symlink_to(silent)
            with trio.fail_after(_AT_ONCE):
                async with server.storage() as storage:
                    assert len(await storage.read(lambda store: store.rooms())) == 1


async def test_an_address_that_leads_to_another_server_by_now_is_refused() -> None:
    with TemporaryDirectory(prefix="pg-") as folder, running_postgresql() as second:
        address = Path(folder) / "address"
        address.symlink_to(_folder(postgresql_url()))
        async with candidate(f"postgresql://chat@/postgres?host={address}") as server:
            address.unlink()
            address.symlink_to(_folder(second))
            with pytest.raises(UnreachableStoreError, match="leads elsewhere by now"):
                async with server.reading():
                    pass


def _folder(url: str) -> str:
    return url.partition("host=")[2]
