"""A server whose store is in PostgreSQL does all that one with a file does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from chat_shared import messages as m
from support.peer import Peer
from support.postgresql import empty_database
from support.server_process import run, running


@pytest.fixture
def url() -> Iterator[str]:
    with empty_database() as url:
        yield url


async def _found(peer: Peer, words: str) -> list[str]:
    """Return the texts found, once there are any: the index follows at a distance."""
    with trio.fail_after(30):
        while True:
            reply = await peer.ask(m.Search(words, id=peer.number()))
            if isinstance(reply, m.Found) and reply.hits:
                return [hit.text for hit in reply.hits]
            await trio.sleep(0.1)


async def test_people_talk_find_and_come_back_after_a_restart(url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with running(data, "--store", url) as server:
        ada, ben = await server.connect(), await server.connect()
        await ada.register("Ada")
        await ben.register("Ben")
        password = await ada.create("Kitchen")
        await ben.join("Kitchen", password)
        soup = await ada.post("the soup is ready", "Kitchen")
        bread = await ada.post("the bread is ready", "Kitchen")
        await ben.expect_posted(2)
        await ada.edit(soup.seq, "the soup is cold", "Kitchen")
        await ada.delete(bread.seq, "Kitchen")

        assert await _found(ben, "cold") == ["the soup is cold"]
        assert await _found(ben, "the is") == ["the soup is cold"]

    async with running(data, "--store", url) as server:
        again = await server.connect()
        welcome = await again.log_in("Ben")
        assert [room.room for room in welcome.rooms] == ["general", "Kitchen"]
        assert [line.text for line in (await again.history("Kitchen")).messages][0:1] == [
            "the soup is cold"
        ]
        assert await _found(again, "soup") == ["the soup is cold"]
        listed = await run("admin", "accounts", "list", "--data", data)
    assert [line.split()[0] for line in listed.out.splitlines()] == ["account", "Ada", "Ben"]
    assert not (data / "chat.db").exists()
