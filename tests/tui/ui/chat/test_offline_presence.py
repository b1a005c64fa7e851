import pytest

from chat_shared import messages as m
from support.tui_chat import chatting, fake_with

pytestmark = pytest.mark.asyncio

DIRECT = "@1-2"


async def test_while_offline_nobody_is_shown_as_online() -> None:
    fake = fake_with()
    fake.room(DIRECT, "", "ada", "linus")
    async with chatting(fake) as running:
        await running.sees("1 of 2 online")
        fake.broadcast("general", m.Presence("general", [m.Member("linus", True)]))
        await running.sees("2 of 2 online")
        await running.sees("● linus")

        running.client.cut()
        await running.sees("2 members")
        await running.sees_no("● linus")
        await running.sees_no("● ada (you)")
        await running.press("f6")
        await running.sees("@ linus")
        assert "online" not in running.row(0)

        running.client.reconnect()
        await running.press("f5")
        await running.sees("1 of 2 online")
