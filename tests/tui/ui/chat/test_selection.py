import pytest

from chat_shared import messages as m
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.widgets.hint import Hint
from support.fake_server import FakeServer
from support.tui_chat import chatting, fake_with, open_room

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("line", ["/reply 3 Yes!", "/edit 3 No.", "/delete 3", "/react 3 tada"])
async def test_a_command_by_number_says_how_to_select_and_stays(line: str) -> None:
    async with chatting(fake_with()) as running:
        await running.enter(line)

        await running.sees("Select the message first (Ctrl+L, or a click).")
        assert running.typed == line


def various() -> FakeServer:
    """Return a server with messages for each of which other keys do something."""
    fake = fake_with()
    picture = m.File(1, "soup.png", 3, type="image/png")
    for author, text, reply, files in (
        ("linus", "tea?", 0, ()),
        ("linus", "https://example.org/", 1, ()),
        ("linus", "", 0, (m.File(2, "soup.pdf", 3),)),
        ("linus", "", 0, (picture,)),
        ("ada", "yes", 0, ()),
    ):
        fake.post("general", author, text, reply=reply, files=files)
    return fake


ALWAYS = {"copy", "reply", "react", "mark unread", "back"}


@pytest.mark.parametrize(
    ("seq", "more"),
    [
        (1, set()),
        (2, {"open link", "go to original"}),
        (3, {"open", "save file"}),
        (4, {"open", "save file", "show picture"}),
        (5, {"edit", "delete"}),
    ],
)
async def test_the_hint_names_the_keys_that_do_something(seq: int, more: set[str]) -> None:
    async with chatting(various()) as running:
        await running.sees("yes")
        running.app.screen.query_one(MessageLog).pick(("seq", seq))
        await running.sees("back")

        hint = " · ".join(running.app.screen.query_one(Hint).sentence.splitlines())
        moves, *keys = hint.split(" · ")
        assert moves.endswith("move")
        assert {words.partition(" ")[2] for words in keys} == ALWAYS | more


async def test_an_owner_is_offered_to_delete_what_others_wrote() -> None:
    fake = fake_with("kitchen")
    fake.rooms["kitchen"].owner = "ada"
    fake.post("kitchen", "linus", "tea?")
    async with chatting(fake) as running:
        await open_room(running, "kitchen")
        await running.sees("tea?")
        await running.press("ctrl+l")

        await running.sees("delete")
