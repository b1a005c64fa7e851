"""Both engines have the same tables at every version that both know, but for two of a server's."""

from contextlib import closing
from typing import TypeAlias

import apsw
import pytest

from chat_server.store.postgresql import schema
from chat_server.store.postgresql.database import connect
from chat_server.store.postgresql.queries import rows, values_of
from chat_server.store.sqlite.schema import MIGRATIONS, VERSION

# By table and column: the type, and whether it can be NULL.
_Columns: TypeAlias = dict[tuple[str, str], tuple[str, bool]]

_TYPES = {"INTEGER": "bigint", "TEXT": "text", "BLOB": "bytea"}


def test_both_have_the_same_version() -> None:
    assert schema.VERSION == VERSION


@pytest.mark.parametrize("version", range(schema.FIRST_VERSION, VERSION + 1))
def test_both_have_the_same_tables_and_columns(url: str, version: int) -> None:
    expected = _sqlite_columns(version)

    assert _postgresql_columns(url, version) == expected


def _sqlite_columns(version: int) -> _Columns:
    with closing(apsw.Connection(":memory:")) as db:
        for script in MIGRATIONS[:version]:
            db.execute(script).fetchall()
        found = db.execute(
            'SELECT kept.name, detail.name, detail.type, "notnull" OR pk > 0'
            " FROM sqlite_schema AS kept JOIN pragma_table_info(kept.name) AS detail"
            " WHERE kept.type = 'table' AND kept.name NOT LIKE 'sqlite_%'"
        )
        return {(name, column): (_TYPES[kind], not full) for name, column, kind, full in found}


def _postgresql_columns(url: str, version: int) -> _Columns:
    with connect(url) as db:
        for script in [schema.FIRST, *schema.MIGRATIONS[: version - schema.FIRST_VERSION]]:
            db.execute(script)
        found = rows(
            db,
            "SELECT table_name, column_name, data_type, is_nullable = 'YES'"
            " FROM information_schema.columns WHERE table_schema = current_schema()"
            " AND table_name NOT IN ('version', 'leader')",
        )
    return {(table, column): (kind, null) for table, column, kind, null in found}


def test_what_is_compared_and_sorted_is_so_byte_by_byte(url: str) -> None:
    compared = {"account.key", "room.key", "message.nonce", "preference.name", "reaction.emoji"}
    with connect(url) as db:
        db.execute(schema.FIRST)
        found = values_of(
            db,
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE collation_name = 'C'",
        )

    assert set(found) >= compared
