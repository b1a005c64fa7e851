"""Looks each second whether PostgreSQL still knows this server.

Writes would notice that they fail. But a leader that was cut off while nobody writes would go on
to answer what is asked, though another one leads.
"""

from typing import Final, NoReturn

import trio

from chat_server.store.errors import StoreLost
from chat_server.store.postgresql.connection import PostgresqlConnection
from chat_server.store.postgresql.leadership import LEASE
from chat_server.store.threads import ConnectedThread

_PERIOD: Final = 1.0  # seconds
_PATIENCE: Final = (LEASE - _PERIOD) / 2  # seconds, for each of two connections


async def run_heartbeat(
    writer: ConnectedThread[PostgresqlConnection], reader: ConnectedThread[PostgresqlConnection]
) -> NoReturn:
    """Raise StoreLost within LEASE seconds after the last answer of PostgreSQL.

    A transaction may take longer than that, since it waits for a standby. Then another
    connection tells whether there is still anything to wait for.
    """
    while True:
        if not (await _answers(writer) or await _answers(reader)):
            for thread in writer, reader:  # else their threads would wait on
                thread.connection.interrupt()
            raise StoreLost(f"the database has not answered for {LEASE} seconds")
        await trio.sleep(_PERIOD)


async def _answers(thread: ConnectedThread[PostgresqlConnection]) -> bool:
    """Return whether the connection answers in time. Raises StoreLost."""
    with trio.move_on_after(_PATIENCE):
        await thread.worker.call(thread.connection.check, abandon=True)
        return True
    return False
