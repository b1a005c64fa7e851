"""What an owner does to a room, and what its members see."""

import pytest

from chat_shared import messages as m
from support.fake_server import FakeServer
from support.tui_chat import HOSTILE, Client, chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


def kitchen(owner: str = "ada") -> FakeServer:
    fake = fake_with("kitchen")
    fake.rooms["kitchen"].owner = owner
    return fake


async def ask(running: Client, line: str) -> None:
    await open_room(running, "kitchen")
    await running.enter(line)


async def test_the_topic_is_set_and_seen_above_the_log() -> None:
    async with chatting(kitchen()) as running:
        await ask(running, "/topic Soup and bread")

        await running.sees("Topic set.")
        await running.sees("ada set the topic: Soup and bread")
        assert "Soup and bread" in running.row(0)


async def test_a_mute_is_seen_in_the_log_with_its_end_and_reason() -> None:
    fake = kitchen()
    async with chatting(fake) as running:
        await ask(running, "/mute linus 7d Not so loud.")

        await running.sees("ada muted linus until ")
        await running.sees("Not so loud.")
        (request,) = [request for request in fake.requests if isinstance(request, m.Mute)]
        assert (request.room, request.reason) == ("kitchen", "Not so loud.")


async def test_a_kick_is_shown_once() -> None:
    async with chatting(kitchen()) as running:
        await ask(running, "/kick linus Enough.")

        await running.sees("Kicked linus.")
        assert running.text().count("Enough.") == 1


async def test_a_refusal_is_shown() -> None:
    async with chatting(kitchen("linus")) as running:
        await ask(running, "/ban linus")

        await running.sees("Only the room's owner can do that.")


@pytest.mark.parametrize("line", ["/reset-password", "/hand-over ada", "/delete-room"])
async def test_only_the_owner_gets_the_dialogs_of_owners(line: str) -> None:
    async with chatting(kitchen("linus")) as running:
        await ask(running, line)

        await running.sees("Only the room's owner, linus, can do that.")


async def test_without_an_owner_nobody_gets_them() -> None:
    async with chatting(kitchen("")) as running:
        await ask(running, "/delete-room")

        await running.sees("This room has no owner, so nobody can do that.")


async def test_a_password_reset_asks_first_and_shows_the_password_once() -> None:
    fake = kitchen()
    async with chatting(fake) as running:
        await ask(running, "/reset-password")
        await running.sees("The old one stops working")
        await running.press("y")
        await running.sees("kitchen has a new password")
        await running.pilot.click("#join")

        await running.until(lambda: running.app.clipboard == "/join kitchen p5wd-8nkr-2c7m")


async def test_a_room_is_handed_over_after_asking() -> None:
    fake = kitchen()
    async with chatting(fake) as running:
        await ask(running, "/hand-over linus")
        await running.sees("Make linus the owner of kitchen?")
        await running.press("y")

        await running.sees("linus is now the owner.")
        assert fake.rooms["kitchen"].owner == "linus"


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_audit_entries_are_harmless_in_the_log(text: str) -> None:
    fake = fake_with()
    async with chatting(fake) as running:
        entry = m.AuditEntry(1, "2026-11-22T09:30:00.000Z", text, "ban", text, "", text)
        fake.broadcast("general", m.Audited("general", entry))

        await running.sees(" banned ")
        assert not set(running.text()) & set("\x1b\x07\u202e\u2066")
