"""Hooks are found by their codes, and leave an author behind when they go."""

import pytest

from chat_server.store.api import (
    Draft,
    FileBounds,
    FullError,
    GoneError,
    Store,
    TakenError,
)
from support.stored_files import begin
from support.stored_room import ADA, BEN, ROOM, actions, draft_of, fill_room

MOST = 3


@pytest.fixture
def room(store: Store) -> Store:
    fill_room(store)
    return store


def test_a_hook_is_opened_by_its_code_alone(room: Store) -> None:
    hook, entry = room.add_hook(draft_of("create_hook", at=10), "builds (hook)", b"code", MOST)

    assert (hook.room, hook.name, hook.by, hook.created, hook.used) == (
        *(ROOM, "builds (hook)", "Ada", 10, None),
    )
    assert (entry.action, entry.by, entry.target) == ("create_hook", "Ada", "builds (hook)")
    assert room.hook_room(b"code") == ROOM
    opened = room.open_hook(b"code", 20)
    assert opened is not None
    assert (opened.id, opened.used) == (hook.id, 20)
    assert room.hook_room(b"other") is None
    assert room.open_hook(b"other", 20) is None
    assert room.hooks(ROOM) == [opened]


def test_nobody_can_log_in_as_a_hook_or_look_it_up(room: Store) -> None:
    hook, _ = room.add_hook(draft_of("create_hook"), "builds (hook)", b"code", MOST)

    assert room.account("builds (hook)") is None
    assert not room.is_member(ROOM, hook.account)
    assert "builds (hook)" not in [member.name for member in room.members(ROOM, "", 99)]


def test_a_hook_is_not_listed_among_the_accounts(room: Store) -> None:
    people = room.account_summaries("", 99)

    room.add_hook(draft_of("create_hook"), "zebra (hook)", b"code", MOST)

    assert room.account_summaries("", 99) == people


def test_a_room_has_each_hook_once_and_not_too_many(room: Store) -> None:
    room.add_hook(draft_of("create_hook"), "builds (hook)", b"1", MOST)
    with pytest.raises(TakenError):
        room.add_hook(draft_of("create_hook"), "builds (hook)", b"2", MOST)
    cellar = room.add_room("cellar", "Cellar", ADA, "hash", at=1).id
    entry = draft_of("create_hook")
    room.add_hook(type(entry)(cellar, ADA, "create_hook", 1), "builds (hook)", b"3", MOST)
    room.add_hook(draft_of("create_hook"), "b (hook)", b"4", MOST)
    room.add_hook(draft_of("create_hook"), "c (hook)", b"5", MOST)
    with pytest.raises(FullError):
        room.add_hook(draft_of("create_hook"), "d (hook)", b"6", MOST)
    assert [hook.name for hook in room.hooks(ROOM)] == ["builds (hook)", "b (hook)", "c (hook)"]


def test_what_a_hook_has_posted_stays_when_it_is_removed(room: Store) -> None:
    hook, _ = room.add_hook(draft_of("create_hook"), "builds (hook)", b"code", MOST)
    room.append([Draft(ROOM, hook.account, "green", "n")], 5)

    removed, entry = room.remove_hook(draft_of("remove_hook", at=9), hook.id)

    assert removed.account == hook.account
    assert (entry.action, entry.target) == ("remove_hook", "builds (hook)")
    assert room.open_hook(b"code", 20) is None
    assert room.hooks(ROOM) == []
    (message,) = room.messages_before(ROOM, 99, 9)
    assert (message.author, message.text) == ("builds (hook)", "green")
    with pytest.raises(GoneError):
        room.remove_hook(draft_of("remove_hook"), hook.id)
    again, _ = room.add_hook(draft_of("create_hook"), "builds (hook)", b"new", MOST)
    assert again.id > hook.id
    assert actions(room)[0] == "create_hook"


def test_only_a_hook_of_the_room_is_removed(room: Store) -> None:
    cellar = room.add_room("cellar", "Cellar", ADA, "hash", at=1).id
    entry = draft_of("create_hook")
    hook, _ = room.add_hook(type(entry)(cellar, ADA, "create_hook", 1), "b (hook)", b"1", MOST)

    with pytest.raises(GoneError):
        room.remove_hook(draft_of("remove_hook"), hook.id)
    assert room.hook_room(b"1") == cellar


def test_the_hooks_of_a_room_go_with_it(room: Store) -> None:
    room.add_hook(draft_of("create_hook"), "builds (hook)", b"code", MOST)

    room.remove_room(ROOM, 50)

    assert room.hook_room(b"code") is None
    assert room.open_hook(b"code", 60) is None
    while room.purge_removed_rooms(99, 10):
        pass
    assert [record.id for record in room.rooms()] == [1]


def test_what_hooks_send_counts_as_their_makers_also_when_they_are_removed(room: Store) -> None:
    builds, _ = room.add_hook(draft_of("create_hook"), "builds (hook)", b"1", MOST)
    camera, _ = room.add_hook(draft_of("create_hook"), "camera (hook)", b"2", MOST)
    bounds = FileBounds(account=30_000, total=10**9, uploads=9)
    first = begin(room, builds.account, name="a", size=10_000, room=ROOM, bounds=bounds).id
    begin(room, camera.account, name="b", size=10_000, room=ROOM, bounds=bounds)

    for account in ADA, builds.account, camera.account:
        with pytest.raises(FullError, match="account"):
            begin(room, account, name="c", size=15_000, room=ROOM, bounds=bounds)
    begin(room, BEN, name="c", size=15_000, room=ROOM, bounds=bounds)

    room.remove_hook(draft_of("remove_hook"), builds.id)
    with pytest.raises(FullError, match="account"):
        begin(room, ADA, name="c", size=15_000, room=ROOM, bounds=bounds)
    room.remove_upload(first)
    begin(room, ADA, name="c", size=15_000, room=ROOM, bounds=bounds)

    room.remove_room(ROOM, 20)
    begin(room, ADA, name="d", size=5_000, bounds=bounds)
    with pytest.raises(FullError, match="account"):
        begin(room, ADA, name="e", size=5_000, bounds=bounds)
