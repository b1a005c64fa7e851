"""A message costs as few round trips as can be; those who write never wait in a ring."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from chat_server.store.api import Draft
from chat_server.store.postgresql.database import connect
from chat_server.store.postgresql.queries import Database, value
from chat_server.store.postgresql.store import PostgresqlStore
from support.engines import PostgresqlEngine

_WAITS = "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"


def test_a_message_is_one_statement_in_its_transaction() -> None:
    with PostgresqlEngine().database() as database:
        ada = database.store.add_account("ada", "Ada", "", 1)
        draft = Draft(1, ada.id, "soup", "nonce")

        def post() -> None:
            database.connection.write(lambda store: store.append([draft], 1))

        assert database.statements(post) == ["BEGIN", "WITH", "COMMIT"]


@pytest.mark.parametrize("kinds", [("", ""), ("edit", "edit"), ("edit", "")])
def test_rooms_are_locked_in_the_order_of_their_ids(
    db: Database, url: str, kinds: tuple[str, str]
) -> None:
    store = PostgresqlStore(db)
    ada = store.add_account("ada", "Ada", "", 1).id
    low, high = (store.add_room(name, name, ada, "", 1).id for name in ("one", "two"))
    drafts = [
        Draft(room, ada, "text", f"{room}", change=kind)
        for room, kind in zip((high, low), kinds, strict=True)
    ]
    with connect(url) as writer, ThreadPoolExecutor(1) as thread, connect(url) as holder:
        holder.execute("BEGIN")
        holder.execute("SELECT FROM room WHERE id = %s FOR NO KEY UPDATE", (low,))
        appending = thread.submit(PostgresqlStore(writer).append, drafts, 1)
        while not value(db, _WAITS, (writer.info.backend_pid,)):
            assert not appending.done()

        db.execute("SELECT FROM room WHERE id = %s FOR NO KEY UPDATE NOWAIT", (high,))
        holder.execute("COMMIT")

        assert all(receipt.fresh for receipt in appending.result())
