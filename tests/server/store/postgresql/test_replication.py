"""The standbys of a database are seen by those who may, and what they lack is counted."""

import psycopg
import trio

from chat_server.admin.commands.check_store import check_store
from chat_server.admin.commands.findings import Verdict
from chat_server.store.postgresql.replication import Standby
from chat_server.store.postgresql.storage import find_replication
from support.postgresql_pair import PostgresqlServer, postgresql_pair

# Without waiting for the standby, which does not answer.
_WRITE = (
    "SET synchronous_commit = local; CREATE TABLE written AS SELECT generate_series(1, 10000) AS n;"
    "DROP TABLE written"
)
_CAUGHT_UP = (Standby("db2", is_synchronous=True, lag=0),)


async def test_what_a_standby_lacks_grows_while_it_is_frozen_and_is_caught_up_afterwards() -> None:
    with postgresql_pair() as (primary, standby):
        await _caught_up(primary)

        standby.freeze()
        with psycopg.connect(primary.url, autocommit=True) as db:
            db.execute(_WRITE)
        _, standbys = find_replication(primary.url)
        assert standbys is not None
        [seen] = standbys
        assert (seen.name, seen.is_synchronous) == ("db2", True)
        assert seen.lag > 100_000
        standby.thaw()
        await _caught_up(primary)

        with psycopg.connect(primary.url, autocommit=True) as db:
            db.execute("CREATE ROLE other LOGIN")
            other = primary.url.replace("chat@", "other@")
            assert find_replication(other) == (None, None)
            db.execute("GRANT pg_read_all_stats TO other")
            assert find_replication(other) == (None, _CAUGHT_UP)

        standby.stop()
        while find_replication(primary.url) != (None, ()):  # noqa: ASYNC110 - of another server
            await trio.sleep(0.01)
        findings = {each.subject: each.verdict for each in check_store(primary.url)}
        assert findings["standby"] is Verdict.FAIL


async def _caught_up(primary: PostgresqlServer) -> None:
    """Return once the standby of `primary` lacks nothing."""
    while find_replication(primary.url)[1] != _CAUGHT_UP:  # noqa: ASYNC110 - of another server
        await trio.sleep(0.01)
