"""Messages that retention removed are announced as gaps, never skipped in silence."""

import pytest

from chat_server.store.api import GENERAL_ROOM
from chat_shared.messages import Gap, Posted
from support.running_server import RunningServer

DAY = 86_400_000


@pytest.fixture
async def ten(server: RunningServer) -> list[str]:
    """Ten messages in the general room, by Ada."""
    ada = await server.log_in("Ada")
    texts = [f"line {number}" for number in range(1, 11)]
    for text in texts:
        await ada.post(text)
    await ada.aclose()
    return texts


async def remove(server: RunningServer, most: int) -> None:
    await server.storage.write(lambda store: store.remove_old_messages(GENERAL_ROOM, 2**60, most))


async def resumed(server: RunningServer, seen: int, number: int) -> list[object]:
    """Return the first `number` messages that Ben receives, who resumes after so many."""
    ben = await server.log_in("Ben", seen={"general": seen})
    return [await ben.receive() for _ in range(number)]


async def test_a_hole_in_the_missed_messages_is_a_gap_before_the_next_one(
    server: RunningServer, ten: list[str]
) -> None:
    await remove(server, 6)

    received = await resumed(server, seen=3, number=5)

    assert received[0] == Gap("general", after=3, before=7)
    assert [message.seq for message in received[1:] if isinstance(message, Posted)] == [7, 8, 9, 10]


async def test_missed_messages_that_are_kept_come_without_a_gap(
    server: RunningServer, ten: list[str]
) -> None:
    await remove(server, 6)

    received = await resumed(server, seen=6, number=4)

    assert [message.seq for message in received if isinstance(message, Posted)] == [7, 8, 9, 10]


async def test_where_nothing_is_left_the_gap_ends_at_the_next_message(
    server: RunningServer, ten: list[str]
) -> None:
    await remove(server, 100)

    ben = await server.log_in("Ben", seen={"general": 3})
    gap = await ben.receive()
    ada = await server.log_in("Ada")
    await ada.post("later")

    assert gap == Gap("general", after=3, before=11)
    assert (await ben.expect(Posted)).seq == 11


async def test_a_gap_covers_what_is_removed_between_two_pages(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, ten: list[str]
) -> None:
    monkeypatch.setattr("chat_server.messages.missed._PAGE", 2)
    reads = 0
    read = server.storage.read

    async def read_and_remove(query):  # type: ignore[no-untyped-def]  # as Storage.read
        nonlocal reads
        page = await read(query)
        if isinstance(page, list) and isinstance(page[0], list) and hasattr(page[0][0], "nonce"):
            reads += 1
            if reads == 1:
                await remove(server, 7)
        return page

    monkeypatch.setattr(server.storage, "read", read_and_remove)

    received = await resumed(server, seen=2, number=6)

    assert received[2] == Gap("general", after=4, before=8)
    assert [message.seq for message in received if isinstance(message, Posted)] == [3, 4, 8, 9, 10]


async def test_paging_back_ends_where_the_messages_end(
    server: RunningServer, ten: list[str]
) -> None:
    await remove(server, 6)
    ben = await server.log_in("Ben")

    before = await ben.history(before=9)
    after = await ben.history(after=3)
    beyond = await ben.history(before=7)

    assert [line.seq for line in before.messages] == [7, 8]
    assert not before.more
    assert [line.seq for line in after.messages] == [7, 8, 9, 10]
    assert beyond.messages == []
    assert not beyond.more
