import pytest

from chat_shared import messages as m
from support.fake_server import AT
from support.tui_chat import chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


async def test_moderation_lines_are_there_after_a_restart_and_a_reconnect() -> None:
    fake = fake_with("attic")
    fake.post("attic", "linus", "before")
    fake.extras.audits["attic"] = [m.AuditEntry(1, AT, "linus", "mute", "grace")]
    async with chatting(fake) as running:
        await open_room(running, "attic")
        await running.sees("linus muted grace")

        running.client.cut()
        fake.extras.audits["attic"].append(m.AuditEntry(2, AT, "linus", "unmute", "grace"))
        running.client.reconnect()
        await running.sees("linus unmuted grace")
