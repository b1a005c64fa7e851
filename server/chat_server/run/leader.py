"""Asks a database in PostgreSQL which server leads, on a connection of its own each time."""

from functools import partial
from typing import TYPE_CHECKING

from chat_server.tasks.worker import call_in_thread

if TYPE_CHECKING:
    from chat_server.store.postgresql.leadership import Leader
    from chat_server.store.postgresql.replication import Standby


async def find_leader(url: str) -> "Leader | None":
    """Return who leads, or led last, if anybody ever did. Raises UnusableStoreError."""
    from chat_server.store.postgresql import storage

    return await call_in_thread("store: leader", partial(storage.find_leader, url))


async def find_replication(url: str) -> "tuple[Leader | None, tuple[Standby, ...] | None]":
    """As `find_leader`, with the standbys of the database if the server's role may see them."""
    from chat_server.store.postgresql import storage

    return await call_in_thread("store: leader", partial(storage.find_replication, url))
