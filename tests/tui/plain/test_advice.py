"""What cannot be done without a screen, or alone in a room, says what can."""

import pytest

from chat_shared import messages as m
from support.fake_server import FakeServer
from support.plain_console import seat

pytestmark = pytest.mark.asyncio


def _fake() -> FakeServer:
    fake = FakeServer()
    fake.account("ada")
    fake.room("kitchen", "k7qm-2vxh-9rtd", "ada")
    return fake


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("/select", "use /reply, /edit, /delete or /react"),
        ("/unread", "/go ROOM prints the unread messages"),
        ("/notify off", "needs the full screen"),
    ],
)
async def test_what_needs_a_screen_says_what_does_the_same_here(line: str, advice: str) -> None:
    async with seat(_fake(), "ada", line) as at:
        await at.console.until(advice)


@pytest.mark.parametrize(("answer", "leaves"), [("y", True), ("", False)])
async def test_the_only_member_may_leave_a_room_without_an_owner(answer: str, leaves: bool) -> None:
    fake = _fake()
    fake.rooms["kitchen"].owner = "ada"
    async with seat(fake, "ada", "/go kitchen", "/exit", answer) as at:
        await at.end()
        assert any(isinstance(request, m.Exit) for request in fake.requests) == leaves
