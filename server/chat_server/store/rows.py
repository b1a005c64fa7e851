"""Rows that several parts of the embedded store read or write, within their transactions."""

from dataclasses import replace
from typing import Final

import apsw

from chat_server.store import Peer, RoomRecord

_ROOMS: Final = (
    "SELECT room.id, room.name, coalesce(account.name, ''), topic, room.password, last_seq,"
    " room.removed IS NOT NULL, keep, low, high FROM room LEFT JOIN account ON account.id = owner"
)
_PEER: Final = (
    "SELECT id, name, EXISTS (SELECT 1 FROM member WHERE member.account = account.id AND room = ?),"
    " removed IS NOT NULL FROM account WHERE id = ?"
)


def read_rooms(db: apsw.Connection, which: str, *values: int | str) -> list[RoomRecord]:
    """Return the rooms that the SQL clause `which` stands for."""
    rows = list(db.execute(f"{_ROOMS} {which}", values))
    return [
        replace(RoomRecord(*row), peers=_peers(db, row[0], low, high)) for *row, low, high in rows
    ]


def insert_member(db: apsw.Connection, room: int, account: int, at: int) -> None:
    """Make `account` a member who has read all that was said so far, unless it is one."""
    db.execute(
        "INSERT OR IGNORE INTO member (account, room, since, read_seq)"
        " SELECT ?, id, ?, last_seq FROM room WHERE id = ?",
        (account, at, room),
    )


def _peers(db: apsw.Connection, room: int, *accounts: int | None) -> tuple[Peer, ...]:
    """Return who is meant by a room's `low` and `high`: nobody, but in a room of two."""
    return tuple(
        Peer(account, name, bool(member), bool(removed))
        for one in accounts
        if one is not None
        for account, name, member, removed in db.execute(_PEER, (room, one))
    )
