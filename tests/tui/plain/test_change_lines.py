"""What happens besides the messages of the open room is written as far as people need it."""

import pytest

from chat_shared import messages as m
from chat_tui.commands.replies import CREATED_UNSEEN
from chat_tui.model.changes import (
    Change,
    MemberJoined,
    MemberLeft,
    NotificationDue,
    PasswordLost,
    RoomAdded,
)
from chat_tui.model.room import Room
from support.fake_server import AT, FakeServer
from support.plain_console import seat

pytestmark = pytest.mark.asyncio

_LINE = m.Line(1, "ben", "hi @ada", AT)


def _fake() -> FakeServer:
    fake = FakeServer()
    fake.account("ada")
    fake.account("ben")
    return fake


async def _written(*changes: Change) -> list[str]:
    """Return what is written of `changes` while general is open."""
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        at.console.written.clear()
        at.chat.show_changes(changes)
        return at.console.written


async def test_a_room_that_was_joined_elsewhere_is_joined_here_too_if_it_is_still_there() -> None:
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        at.chat.show_changes([RoomAdded("general"), RoomAdded("gone again")])
        await at.chat.controller.ask(m.Members(id=1, room="general"))

        joined = [request.room for request in at.fake.requests if isinstance(request, m.Join)]
        assert joined == ["general"]


async def test_who_comes_and_goes_in_the_open_room_is_written_unless_it_is_us() -> None:
    changes = [
        change(room, name)
        for change in (MemberJoined, MemberLeft)
        for room in ("general", "kitchen")
        for name in ("ada", "ben")
    ]

    assert await _written(*changes) == ["ben joined", "ben left"]


async def test_a_mention_in_the_open_room_is_no_news_and_one_in_another_room_is() -> None:
    written = await _written(NotificationDue("general", _LINE), NotificationDue("kitchen", _LINE))

    (line,) = written
    assert line.startswith("In kitchen: ")
    assert line.endswith("ben: hi @ada")


async def test_a_direct_message_is_written_as_one() -> None:
    async with seat(_fake()) as at:
        await at.console.asked("general> ")
        room = await at.chat.controller.open_direct("ben")
        assert isinstance(room, Room)
        at.console.written.clear()
        at.chat.show_changes([NotificationDue(room.name, _LINE)])

        (line,) = at.console.written
        assert line.startswith("Direct message from ben, ")


async def test_a_password_that_was_created_and_never_shown_is_told_of() -> None:
    assert await _written(PasswordLost("attic")) == [CREATED_UNSEEN.format("attic")]
