"""The view: log, lists and banner, in every size and color, whatever others write."""

import pytest

from chat_shared import messages as m
from chat_tui.storage.settings import Settings
from chat_tui.ui.chat.screen import ChatScreen
from support.fake_server import AT, FakeServer
from support.tui_chat import HOSTILE, chatting, fake_with, open_room, posted_texts
from support.tui_colors import illegible, inks

pytestmark = pytest.mark.asyncio


def long_fake() -> FakeServer:
    fake = fake_with()
    fake.page_size = 50
    for n in range(1, 301):
        fake.post("general", "linus", f"line {n} of many")
    return fake


async def test_scrolling_up_pages_in_everything_down_to_the_first_message() -> None:
    async with chatting(long_fake()) as running:
        await running.sees("line 300 of many")
        for _ in range(60):
            await running.press("pageup")
            if "line 1 of many" in running.text():
                break

        await running.sees("line 1 of many")
        kept = running.app.state.rooms["general"].lines
        assert [line.seq for line in kept] == list(range(1, 301))


async def test_a_page_lost_with_the_connection_is_requested_again() -> None:
    fake = long_fake()
    async with chatting(fake) as running:
        room = running.app.state.rooms["general"]
        await running.until(lambda: room.first_held == 201)  # two pages, before anybody scrolls
        fake.silent = True
        await running.press("pageup", "pageup")
        await running.until(lambda: room.paging)
        running.client.cut()
        fake.silent = False
        running.client.reconnect()
        await running.sees_no("Offline")
        assert room.first_held == 201

        await running.press("pageup")

        await running.until(lambda: room.first_held <= 151)


async def test_nothing_moves_while_reading_further_up() -> None:
    fake = long_fake()
    async with chatting(fake) as running:
        await running.sees("line 300 of many")
        await running.press("pageup")
        await running.sees("↓ End")
        before = running.text()
        for n in range(4):
            fake.post("general", "linus", f"news {n}")
        await running.sees("↓ 4 new · End")

        after = running.text()
        assert "line 260 of many" in after
        assert [row[26:60] for row in after.split("\n")[1:30]] == [
            row[26:60] for row in before.split("\n")[1:30]
        ]

        await running.press("end")
        await running.sees("news 3")
        await running.sees_no("new · End")


async def test_messages_beyond_the_catch_up_are_paged_in_when_scrolled_to() -> None:
    fake = long_fake()
    async with chatting(fake) as running:
        await running.sees("line 300 of many")
        running.client.cut()
        for n in range(1, 701):
            fake.post("general", "linus", f"missed {n}.")
        running.client.reconnect()

        await running.sees("missed 700.")
        for _ in range(21):
            await running.press("pageup")
        await running.sees("missed 2")


async def test_unread_messages_are_counted_and_the_count_goes_when_they_are_read() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        fake.post("attic", "linus", "one")
        fake.post("attic", "linus", "two, @ada")
        await running.sees("@1 2")
        await running.sees("2 unread")

        await running.press("ctrl+o")
        await running.sees("two, @ada")

        await running.sees_no("@1 2")
        await running.sees_no("2 unread")


async def test_messages_that_arrived_meanwhile_stand_under_the_unread_line() -> None:
    fake = fake_with("attic")
    fake.post("attic", "linus", "old")
    async with chatting(fake) as running:
        await running.press("f6")
        await running.sees("old")
        await running.press("f5")
        await running.sees("Message general")
        fake.post("attic", "linus", "young")
        await running.press("f6")
        await running.sees("young")

        rows = running.text().split("\n")
        old, line, young = (
            next(n for n, row in enumerate(rows) if word in row)
            for word in ("old", "─ new since ", "young")
        )
        assert old < line < young


async def test_a_room_joined_on_another_device_appears() -> None:
    fake = fake_with()
    fake.account("ada")
    room = fake.room("attic", "k7qm", "linus")
    fake.post("attic", "linus", "up here")
    async with chatting(fake) as running:
        room.members["ada"] = "ada"
        fake.broadcast("attic", m.Entered("attic", "ada"))
        await running.sees("attic")
        await running.press("f6")

        await running.sees("up here")


async def test_a_room_left_on_another_device_closes() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await open_room(running, "attic")
        fake.broadcast("attic", m.Left("attic", "ada"))

        await running.sees("Message general")
        assert "attic" not in running.app.state.rooms


async def test_a_room_created_while_the_connection_was_lost_has_lost_its_password() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        fake.silent = True
        await running.enter("/create attic")
        await running.until(lambda: isinstance(fake.requests[-1], m.Create))
        fake.silent = False
        fake.room("attic", "k7qm", "ada").owner = "ada"
        running.client.cut()
        running.client.reconnect()

        await running.sees("attic was created, but the connection was lost")


async def test_joins_and_leaves_are_shown() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        fake.broadcast("general", m.Entered("general", "grace"))
        await running.sees("grace joined")
        fake.broadcast("general", m.Left("general", "grace"))
        await running.sees("grace left")


async def test_offline_a_banner_counts_down_and_messages_are_queued() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        running.client.cut("The server closed the connection.", wait=8)
        await running.sees("Offline · The server closed the connection. Reconnecting in 8 s")

        await running.enter("typed offline")
        await running.enter("and this")
        await running.sees("typed offline")
        await running.sees("○ queued")
        assert posted_texts(fake) == []

        running.client.reconnect()
        await running.sees_no("Offline")
        await running.until(lambda: posted_texts(fake) == ["typed offline", "and this"])
        await running.sees_no("queued")


async def test_missed_messages_appear_once_reconnected() -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        fake.post("general", "linus", "before")
        await running.sees("before")
        running.client.cut()
        await running.sees("Offline")
        fake.post("general", "linus", "meanwhile")

        running.client.reconnect()

        await running.sees("meanwhile")
        assert running.text().count("before") == 1


async def test_members_are_shown_in_a_wide_terminal_and_on_demand() -> None:
    async with chatting(fake_with()) as running:
        await running.sees("ada (you)")
        await running.press("f8")
        await running.sees_no("ada (you)")
        await running.enter("/members")
        await running.sees("ada (you)")


async def test_at_80_columns_the_members_are_hidden_at_first() -> None:
    async with chatting(fake_with("attic"), size=(80, 24)) as running:
        await running.sees("attic")
        assert "ada (you)" not in running.text()
        await running.press("f8")
        await running.sees("ada (you)")


async def test_at_60_columns_the_rooms_are_a_drawer() -> None:
    async with chatting(fake_with("attic"), size=(60, 20)) as running:
        assert "attic" not in running.text()
        await running.press("f7")
        await running.sees("attic")
        await running.press("down", "enter")
        await running.sees("Message attic")
        await running.sees_no("general")


async def test_without_the_room_list_the_title_counts_unread_elsewhere() -> None:
    fake = fake_with("attic")
    async with chatting(fake, size=(60, 20)) as running:
        fake.post("attic", "linus", "psst, @ada")
        await running.sees("@1  1 of 2 online")


async def test_resizing_keeps_everything_working() -> None:
    fake = long_fake()
    async with chatting(fake) as running:
        for size in ((60, 20), (200, 50), (80, 24), (20, 5), (120, 36)):
            await running.pilot.resize_terminal(*size)
            await running.pilot.pause()
        await running.sees("line 300 of many")


@pytest.mark.parametrize(
    ("theme", "colors"),
    [
        ("trialogue-dark", "truecolor"),
        ("trialogue-light", "truecolor"),
        ("ansi-dark", "standard"),
        ("ansi-light", "standard"),
    ],
)
async def test_in_every_theme_a_mention_can_be_read_and_stands_out(theme: str, colors: str) -> None:
    fake = fake_with()
    async with chatting(fake, Settings("test.example", "ada", theme=theme)) as running:
        fake.post("general", "linus", "hey @ada")
        await running.sees("hey @ada")

        drawn = list(inks(running.app, colors))
        looks = {ink.text: (ink.color, ink.background) for ink in drawn}
        assert running.app.theme == theme
        assert illegible(drawn) == []
        assert looks["@ada"] != looks["hey"]


async def test_without_colors_the_chat_can_be_read_in_shades_of_gray(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fake = fake_with()
    async with chatting(fake) as running:
        fake.post("general", "linus", "hey @ada, see https://example.org")
        await running.sees("hey @ada")

        drawn = list(inks(running.app, "no colors"))
        assert illegible(drawn) == []
        assert {len(set(part)) for ink in drawn for part in (ink.color, ink.background)} == {1}


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_is_harmless_wherever_it_shows(text: str) -> None:
    fake = fake_with()
    fake.room(text, "k7qm", "ada").topic = text
    async with chatting(fake) as running:
        fake.rooms["general"].members[text] = text
        fake.post("general", text, text)
        fake.post("general", "linus", f"hey @ada {text}")
        fake.broadcast("general", m.Entered("general", text))
        fake.broadcast("general", m.Left("general", text))
        fake.broadcast("general", m.Notice(text))
        await running.press("f6")
        await running.sees("Message ")
        await running.press("f5")
        running.client.cut(text)
        await running.sees("Offline")
        running.client.reconnect()
        await running.sees_no("Offline")
        await running.press("ctrl+k")
        await running.sees("Go to a room")
        await running.press("escape")
        fake.refusals.append(m.Error("forbidden", text, 1))
        await running.enter("hi")
        await running.sees("not sent")

        assert isinstance(running.app.screen, ChatScreen)
        for bad in "\x1b\x07\u202e\u2066":
            assert bad not in running.text()


async def test_pages_of_changes_are_skipped_to_their_messages() -> None:
    fake = fake_with()
    fake.page_size = 50
    fake.post("general", "linus", "much liked")
    lines = fake.rooms["general"].lines
    lines += [m.Line(n, "linus", "", AT, change="react", of=1) for n in range(2, 170)]
    async with chatting(fake) as running:
        await running.sees("much liked")


async def test_edits_are_shown_and_quoted_messages_are_looked_up() -> None:
    fake = fake_with()
    fake.page_size = 50
    fake.post("general", "linus", "is there soup?")
    for n in range(100):
        fake.post("general", "linus", f"line {n}")
    fake.rooms["general"].lines.append(m.Line(102, "linus", "there is", AT, reply=1))
    async with chatting(fake) as running:
        await running.sees("there is")
        room = running.app.state.rooms["general"]
        await running.until(lambda: room.quoted(1))
        asked = [request.seqs for request in fake.requests if isinstance(request, m.LookUp)]
        assert asked == [[1]]

        fake.broadcast("general", m.Edited("general", 103, 102, "linus", AT, "there is plenty"))
        await running.sees("there is plenty")
