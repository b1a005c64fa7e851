import pytest

from chat_shared import messages as m
from support.fake_server import AT
from support.tui_chat import chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


def audited(action: str, until: str = "") -> m.Audited:
    return m.Audited("attic", m.AuditEntry(1, AT, "linus", action, "ada", until))


async def test_a_muted_member_sees_it_before_typing_and_sees_the_end() -> None:
    fake = fake_with("attic")
    async with chatting(fake) as running:
        await open_room(running, "attic")
        fake.broadcast("attic", audited("mute"))
        await running.sees("You're muted in attic. You can read, but not write.")

        fake.broadcast("attic", audited("unmute"))
        await running.sees("You can write in attic again.")
        assert "You're muted" not in running.text()


async def test_it_is_shown_right_after_the_log_in_and_in_that_room_only() -> None:
    fake = fake_with("attic")
    fake.rooms["attic"].mutes["ada"] = "2099-01-01T12:00:00.000Z"
    async with chatting(fake) as running:
        await running.sees("Message general")
        assert "You're muted" not in running.text()
        await open_room(running, "attic")
        await running.sees("You're muted in attic until 2099-01-01")
