"""Invitations work once, until they expire, for their server or room only."""

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from chat_server.store.api import InvalidInviteError
from chat_server.store.sqlite.store import SqliteStore
from support.stored_room import ADA, ROOM, draft_of, fill_room


def test_expired_invitations_are_removed_when_one_is_added(
    store: SqliteStore, tmp_path: Path
) -> None:
    store.add_invite(b"old", at=1, expires=5)
    store.add_invite(b"young", at=4, expires=9)
    store.add_invite(b"new", at=5, expires=10)

    with closing(apsw.Connection(str(tmp_path / "chat.db"))) as db:
        assert [digest for (digest,) in db.execute("SELECT digest FROM invite")] == [
            b"new", b"young",
        ]  # fmt: skip


def test_a_room_invitation_works_once_in_time_and_in_its_room_only(store: SqliteStore) -> None:
    fill_room(store)
    dag = store.add_account("dag", "Dag", "hash", 1).id
    cellar = store.add_room("cellar", "Cellar", ADA, "hash", at=1).id
    store.add_room_invite(draft_of("invite", until=20), b"digest", 9)

    for room, at in (cellar, 10), (ROOM, 20):
        with pytest.raises(InvalidInviteError):
            store.add_member(room, dag, at, b"digest")
        assert not store.is_member(room, dag)
    store.add_member(ROOM, dag, 19, b"digest")
    with pytest.raises(InvalidInviteError):
        store.add_member(ROOM, dag, 19, b"digest")
