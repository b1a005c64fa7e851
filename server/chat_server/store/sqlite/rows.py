"""Rows that several parts of the embedded store read or write, within their transactions."""

from dataclasses import replace
from typing import Final

import apsw

from chat_server.store.api import Participant, RoomRecord

_ROOMS: Final = (
    "SELECT room.id, room.name, coalesce(account.name, ''), topic, room.password, last_seq,"
    " room.removed IS NOT NULL, keep, low, high FROM room LEFT JOIN account ON account.id = owner"
)
_PEER: Final = (
    "SELECT id, name, EXISTS (SELECT 1 FROM member WHERE member.account = account.id AND room = ?),"
    " removed IS NOT NULL,"
    " EXISTS (SELECT 1 FROM block WHERE block.account = account.id AND blocked = ?)"
    " FROM account WHERE id = ?"
)


def read_rooms(db: apsw.Connection, which: str, *values: int | str) -> list[RoomRecord]:
    """Return the rooms that the SQL clause `which` stands for."""
    rows = list(db.execute(f"{_ROOMS} {which}", values))
    return [
        replace(RoomRecord(*row), participants=_participants(db, row[0], low, high))
        for *row, low, high in rows
    ]


def insert_member(db: apsw.Connection, room: int, account: int, at: int) -> None:
    """Make `account` a member who has read all that was said so far, unless it is one.

    Nor if it was deleted meanwhile, by another device: it could come to own the room.
    """
    db.execute(
        "INSERT OR IGNORE INTO member (account, room, since, read_seq)"
        " SELECT account.id, room.id, ?, last_seq FROM room JOIN account ON account.id = ?"
        " WHERE room.id = ? AND account.removed IS NULL",
        (at, account, room),
    )


def _participants(
    db: apsw.Connection, room: int, low: int | None, high: int | None
) -> tuple[Participant, ...]:
    """Return who is meant by a room's `low` and `high`: nobody, but in a room of two."""
    if low is None or high is None:
        return ()
    return tuple(
        Participant(account, name, bool(member), bool(removed), bool(blocks))
        for one, other in ((low, high), (high, low))
        for account, name, member, removed, blocks in db.execute(_PEER, (room, other, one))
    )
