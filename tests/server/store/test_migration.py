"""A store is copied whole between the engines, and what differs is found."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given, settings, strategies as st

from chat_server.errors import StartError, UnusableStoreError
from chat_server.store import migration
from chat_server.store.api import GENERAL_ROOM, AuditDraft, Draft, Store
from chat_server.store.migration import Comparison, copy_store
from chat_server.store.postgresql import tables as postgresql
from chat_server.store.postgresql.database import connect, migrate
from chat_server.store.postgresql.queries import rows, values_of
from chat_server.store.postgresql.store import PostgresqlStore
from chat_server.store.sqlite import tables as sqlite
from chat_server.store.sqlite.offline import open_store
from chat_server.store.tables import Row, Table
from support.filled_store import TEXTS, fill
from support.postgresql import empty_database


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as url:
        yield url


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    path = tmp_path / "filled.db"
    with open_store(path) as store:
        fill(store)
    return path


def to_postgresql(path: Path, url: str) -> list[Comparison]:
    with sqlite.open_tables(path) as source, postgresql.new_tables(url) as target:
        return copy_store(source, target, lambda _: None)


def to_sqlite(url: str, path: Path) -> list[Comparison]:
    with postgresql.open_tables(url) as source, sqlite.new_tables(path) as target:
        return copy_store(source, target, lambda _: None)


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, also SQLite's own account of ids."""
    with closing(apsw.Connection(str(path))) as db:
        found = db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {
            f"{name}": sorted(db.execute(f'SELECT * FROM "{name}"'), key=repr) for (name,) in found
        }


@contextmanager
def postgresql_store(url: str) -> Iterator[Store]:
    with closing(connect(url)) as db:
        yield PostgresqlStore(db)


def test_every_row_is_the_same_after_the_way_there_and_back(
    filled: Path, url: str, tmp_path: Path
) -> None:
    there = to_postgresql(filled, url)
    back = to_sqlite(url, tmp_path / "chat.db")

    assert all(each.equal for each in there + back)
    assert rows_of(tmp_path / "chat.db") == rows_of(filled)


def test_every_table_of_both_engines_is_copied_and_has_rows_in_these_tests(
    filled: Path, url: str
) -> None:
    copied = {each.table: each.copy.rows for each in to_postgresql(filled, url)}

    with connect(url) as db:
        made = values_of(db, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    assert set(copied) == set(made) - {*postgresql.OWN_TABLES}
    assert set(copied) == {name for name in rows_of(filled) if not name.startswith("sqlite_")}
    assert all(copied.values()), f"fill() leaves a table empty: {copied}"


def test_every_column_that_can_be_null_is_so_in_one_row_and_not_in_another(filled: Path) -> None:
    with closing(apsw.Connection(str(filled))) as db:
        nullable = db.execute(
            "SELECT kept.name, detail.name FROM sqlite_schema AS kept"
            " JOIN pragma_table_info(kept.name) AS detail"
            """ WHERE kept.type = 'table' AND NOT detail."notnull" AND NOT detail.pk"""
            " AND kept.name NOT LIKE 'sqlite_%'"
        ).fetchall()
        kinds = {
            (table, column): {
                null for (null,) in db.execute(f'SELECT DISTINCT "{column}" IS NULL FROM {table}')
            }
            for table, column in nullable
        }

    assert nullable
    assert {place: found for place, found in kinds.items() if found != {0, 1}} == {}


def test_the_column_id_is_the_one_that_postgresql_numbers(url: str) -> None:
    with connect(url) as db:
        migrate(db)
        found = rows(
            db,
            "SELECT column_name, is_identity FROM information_schema.columns"
            " WHERE table_schema = current_schema()"
            " AND (column_name = 'id' OR is_identity = 'YES')",
        )

    assert set(found) == {("id", "YES")}


def test_ids_go_on_behind_the_highest_ever_given(filled: Path, url: str, tmp_path: Path) -> None:
    def add(store: Store) -> tuple[int, int]:
        ada = store.account("ada")
        assert ada
        entry = AuditDraft(2, ada.id, "invite", 30, until=90)
        audit = store.add_room_invite(entry, b"new" * 4, 5)
        return audit, max(invite.id for invite in store.room_invites(2, None, 31))

    to_postgresql(filled, url)
    to_sqlite(url, tmp_path / "chat.db")
    with postgresql_store(url) as store:
        moved = add(store)
    with open_store(tmp_path / "chat.db") as store:
        moved_back = add(store)
    with open_store(filled) as store:
        assert moved == moved_back == add(store)


def test_a_seq_goes_on_where_it_was(filled: Path, url: str) -> None:
    to_postgresql(filled, url)
    with postgresql_store(url) as store:
        (last,) = [room.last_seq for room in store.rooms() if room.id == GENERAL_ROOM]
        ada = store.account("ada")
        assert ada
        (receipt,) = store.append([Draft(GENERAL_ROOM, ada.id, "next", "after")], 40)

    assert receipt.seq == last + 1 > len(TEXTS)


@settings(max_examples=10)
@given(
    texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=20),
    values=st.lists(st.binary(min_size=1), unique=True, max_size=10),
)
def test_any_text_and_any_bytes_arrive(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], values: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    with open_store(folder / "from.db") as store:
        ada = store.add_account("ada", "Ada", "", at=1).id
        drafts = [
            Draft(GENERAL_ROOM, ada, text.replace("\0", ""), f"{number} {text}")
            for number, text in enumerate(texts)
        ]
        store.append(drafts, 2)
        for value in values:
            store.set_login_attempts(value, 1, at=3)
    with empty_database() as url:
        there = to_postgresql(folder / "from.db", url)
        back = to_sqlite(url, folder / "chat.db")

    assert all(each.equal for each in there + back)
    if "\0" not in "".join(texts):
        assert rows_of(folder / "chat.db") == rows_of(folder / "from.db")


def test_what_postgresql_cannot_store_is_found_again_as_its_symbol(
    filled: Path, url: str, tmp_path: Path
) -> None:
    with open_store(filled) as store:
        ada = store.account("ada")
        assert ada
        store.append([Draft(GENERAL_ROOM, ada.id, "hello", "a\0b")], 30)
        store.set_preferences(ada.id, {"draft": "\0"})

    assert all(each.equal for each in to_postgresql(filled, url))
    with postgresql_store(url) as store:
        receipt = store.receipt(ada.id, "a\0b")
        assert receipt
        assert not receipt.fresh
        assert store.preferences(ada.id)["draft"] == "\N{SYMBOL FOR NULL}"


def test_more_rows_than_a_portion_are_copied_with_progress(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PORTION", 7)
    monkeypatch.setattr(postgresql, "PORTION", 7)
    with open_store(tmp_path / "many.db") as store:
        ada = store.add_account("ada", "Ada", "", at=1).id
        store.append([Draft(GENERAL_ROOM, ada, f"{n}", f"{n}") for n in range(100)], 2)
    shares: list[float] = []

    with sqlite.open_tables(tmp_path / "many.db") as source, postgresql.new_tables(url) as target:
        compared = copy_store(source, target, shares.append)

    assert {each.table: each.copy.rows for each in compared}["message"] == 100
    assert len(shares) > 2 * 100 / 7
    assert all(before <= after for before, after in pairwise(shares))
    assert shares[-1] == 1
    to_sqlite(url, tmp_path / "chat.db")
    assert rows_of(tmp_path / "chat.db") == rows_of(tmp_path / "many.db")


def _without_last(rows: list[Row]) -> list[Row]:
    return rows[:-1]


def _with_another_text(rows: list[Row]) -> list[Row]:
    return [
        tuple(f"{value}." if isinstance(value, str) else value for value in row) for row in rows
    ]


@pytest.mark.parametrize("spoil", [_without_last, _with_another_text])
def test_a_copy_that_lacks_or_changes_something_is_told(
    filled: Path, url: str, spoil: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert = postgresql.PostgresqlTables.insert

    def spoilt(self: postgresql.PostgresqlTables, table: Table, rows: list[Row]) -> None:
        insert(self, table, spoil(rows) if table.name == "preference" else rows)

    monkeypatch.setattr(postgresql.PostgresqlTables, "insert", spoilt)

    compared = to_postgresql(filled, url)

    assert [each.table for each in compared if not each.equal] == ["preference"]


def test_two_rows_that_were_exchanged_are_told_from_the_right_ones() -> None:
    one: list[Row] = [(1, "a"), (2, "b")]

    assert migration._checksum(one) == migration._checksum(one[::-1])
    assert migration._checksum(one) != migration._checksum([(1, "b"), (2, "a")])
    kinds: list[Row] = [("1",), (1,), (b"1",), (None,), ("None",), ("",), (b"",)]
    assert len({migration._checksum([row]) for row in kinds}) == len(kinds)


def test_a_table_that_is_not_ours_stops_the_copy(filled: Path, url: str) -> None:
    with closing(apsw.Connection(str(filled))) as db:
        db.execute("CREATE TABLE stranger (a INTEGER)")

    with pytest.raises(StartError, match=r"only one has stranger\.a"):
        to_postgresql(filled, url)
    with connect(url) as pg:
        assert values_of(pg, "SELECT 1 FROM pg_tables WHERE schemaname = current_schema()") == []


def test_a_row_without_the_one_it_belongs_to_stops_the_copy_both_ways(
    filled: Path, url: str, tmp_path: Path
) -> None:
    to_postgresql(filled, url)
    with closing(apsw.Connection(str(filled))) as db:
        db.execute("INSERT INTO member VALUES (999, 1, 0, 0)")
    with connect(url) as pg:
        pg.execute("SET session_replication_role = replica; INSERT INTO member VALUES (999, 1, 0)")

    with pytest.raises(UnusableStoreError, match="a row of member belongs to one of account"):
        to_sqlite(url, tmp_path / "chat.db")
    with empty_database("second") as other, pytest.raises(UnusableStoreError, match="member"):
        to_postgresql(filled, other)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["filled.db"]
