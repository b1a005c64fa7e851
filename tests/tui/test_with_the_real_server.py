"""The client as installed: with its real connection, and the real server as a process."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import apsw
import pytest
from textual import events
from textual.pilot import Pilot

from chat_server import clock
from chat_server.store.sqlite.store import SqliteStore
from chat_shared import messages as m
from chat_tui.app import ChatApp
from chat_tui.model.address import Address
from chat_tui.storage.settings import Settings
from support.posts import post
from support.tui_pilot import screen_text, until, until_gone, until_seen, write
from support.tui_real_server import real_server
from support.tui_talker import PASSWORD, talkers

pytestmark = pytest.mark.asyncio


@asynccontextmanager
async def registered(address: Address) -> AsyncGenerator[Pilot[None]]:
    """A client in which ada has just registered."""
    app = ChatApp(Settings(str(address), "ada"))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until_seen(pilot, "Password")
        await enter(pilot, PASSWORD)
        await until_seen(pilot, "Repeat the password")
        await enter(pilot, PASSWORD)
        await until_seen(pilot, "Message general")
        yield pilot


async def enter(pilot: Pilot[None], text: str) -> None:
    pilot.app.post_message(events.Paste(text))
    await pilot.press("enter")


async def test_two_people_create_a_room_and_talk_in_it(tmp_path: Path) -> None:
    async with (
        real_server(tmp_path) as server,
        talkers(server.address, "linus") as (linus,),
        registered(server.address) as pilot,
    ):
        await enter(pilot, "/create kitchen")
        await until_seen(pilot, "kitchen is ready")
        await pilot.click("#copy-secret")
        await pilot.press("escape")
        await until_gone(pilot, "kitchen is ready")
        password = pilot.app.clipboard
        joined = await linus.ask(m.Join(id=m.UNNUMBERED, room="kitchen", password=password))
        assert isinstance(joined, m.Joined)
        await until_seen(pilot, "linus joined")

        await linus.post("kitchen", "hello ada")
        await until_seen(pilot, "hello ada")
        await enter(pilot, "hello linus")
        await until(pilot, lambda: [post.text for post in linus.received][-1:] == ["hello linus"])
        await until_gone(pilot, "queued")

        await enter(pilot, "/exit")
        await until_seen(pilot, "Leave kitchen? Choose its next owner.")
        await pilot.press("enter")
        await until_seen(pilot, "Message general")


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    async with real_server(tmp_path) as server, talkers(server.address, "linus"):
        app = ChatApp(Settings(str(server.address), "linus"))
        async with app.run_test(size=(120, 36), notifications=True) as pilot:
            await until_seen(pilot, "Password")
            await enter(pilot, "wrong password")
            await until(pilot, lambda: app.screen.query(".-problem"))

            assert "Repeat" not in screen_text(app)


async def test_a_restart_of_the_server_loses_and_duplicates_nothing(tmp_path: Path) -> None:
    async with real_server(tmp_path) as server, registered(server.address) as pilot:
        await enter(pilot, "before the restart")
        await until_seen(pilot, "before the restart")
        await until_gone(pilot, "queued")
        await server.stop()
        await until_seen(pilot, "Offline")
        for n in range(3):
            await enter(pilot, f"typed meanwhile {n}")
        await until_seen(pilot, "queued")

        await server.start()
        await pilot.press("ctrl+r")

        await until_gone(pilot, "Offline")
        await until_gone(pilot, "queued")
        shown = [row for row in screen_text(pilot.app).split("\n") if "meanwhile" in row]
        assert ["0" in row or "1" in row or "2" in row for row in shown] == [True] * 3
        assert isinstance(pilot.app, ChatApp)
        posted = [line.text for line in pilot.app.state.rooms["general"].lines]
        assert posted == ["before the restart", *(f"typed meanwhile {n}" for n in range(3))]


async def test_a_server_restored_from_an_older_copy_leaves_nothing_of_what_it_lost(
    tmp_path: Path,
) -> None:
    database, copy = tmp_path / "chat.db", tmp_path / "copy.db"
    async with real_server(tmp_path) as server, registered(server.address) as pilot:
        await enter(pilot, "kept")
        await until_gone(pilot, "queued")
        back_up(database, copy)
        for text in ("lost", "lost as well"):
            await enter(pilot, text)
            await until_seen(pilot, text)
        await until_gone(pilot, "queued")
        await server.stop()
        await until_seen(pilot, "Offline")
        copy.rename(database)
        with closing(apsw.Connection(str(database))) as db:
            store = SqliteStore(db)
            ada = store.account("ada")
            assert ada is not None
            post(store, ada, "other", "another", "a third", at=clock.now())

        await server.start()
        await pilot.press("ctrl+r")

        await until_seen(pilot, "a third")
        await until_seen(pilot, "The server was restored")
        await until_gone(pilot, "lost")
        await enter(pilot, "I see")
        await until_gone(pilot, "queued")
        assert isinstance(pilot.app, ChatApp)
        texts = [line.text for line in pilot.app.state.rooms["general"].lines]
        assert texts == ["kept", "other", "another", "a third", "I see"]


def back_up(database: Path, copy: Path) -> None:
    """Copy the database of a running server as it is now."""
    with (
        closing(apsw.Connection(str(database))) as db,
        closing(apsw.Connection(str(copy))) as to,
        to.backup("main", db, "main") as backup,
    ):
        backup.step()


async def test_more_messages_than_the_rate_limit_allows_arrive_in_order(
    tmp_path: Path,
) -> None:
    slow = real_server(tmp_path, posts=3, posts_per_second=20)
    async with slow as server, registered(server.address) as pilot:
        texts = [f"line {n:02}" for n in range(20)]
        for text in texts:
            await enter(pilot, text)

        assert isinstance(pilot.app, ChatApp)
        room = pilot.app.state.rooms["general"]
        await until(pilot, lambda: [line.text for line in room.lines] == texts)


async def test_history_is_paged_in_from_the_store(tmp_path: Path) -> None:
    async with real_server(tmp_path) as server, talkers(server.address, "linus") as (linus,):
        for n in range(1, 451):
            await linus.post("general", f"line {n} of many")
        async with registered(server.address) as pilot:
            await until_seen(pilot, "line 450 of many")
            for _ in range(40):
                await pilot.press("pageup")
            await until_seen(pilot, "line 1 of many")
            await write(pilot, "x")


async def test_people_see_who_is_online_and_send_direct_messages(tmp_path: Path) -> None:
    async with (
        real_server(tmp_path) as server,
        talkers(server.address, "linus") as (linus,),
        registered(server.address) as pilot,
    ):
        await until_seen(pilot, "● linus")
        await linus.ask(m.Watch(id=m.UNNUMBERED, room="general"))
        await linus.ask(m.Away(id=m.UNNUMBERED, text="At lunch."))
        await until_seen(pilot, "◐ linus At lunch.")
        await linus.ask(m.Typing(id=m.UNNUMBERED, room="general"))
        await until_seen(pilot, "linus is typing…")

        opened = await linus.ask(m.Direct(id=m.UNNUMBERED, name="ada"))
        assert isinstance(opened, m.Joined)
        await linus.post(opened.room, "psst")
        await until_seen(pilot, "Direct messages")
        await until_seen(pilot, "@1")
        await pilot.press("ctrl+o")
        await until_seen(pilot, "psst")
        await until_seen(pilot, "away: At lunch.")
        await until_gone(pilot, "@1")


async def test_messages_read_on_one_device_are_read_on_another_and_the_rest_are_not(
    tmp_path: Path,
) -> None:
    async with (
        real_server(tmp_path) as server,
        talkers(server.address, "ada", "linus") as (ada, linus),
    ):
        await linus.post("general", "read")
        await ada.ask(m.Read(id=m.UNNUMBERED, room="general", seq=1))
        await linus.post("general", "@ada unread")

        app = ChatApp(Settings(str(server.address), "ada"))
        async with app.run_test(size=(120, 36), notifications=True) as pilot:
            await until_seen(pilot, "Password")
            await enter(pilot, PASSWORD)
            await until_seen(pilot, "@ada unread")
            await until_seen(pilot, "new since")
