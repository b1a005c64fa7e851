"""The keys on a selected message: requests, handing on, and sentences for refusals."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.geometry import Offset

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.model.draft import Quote
from chat_tui.ui.log.message_log import MessageLog
from chat_tui.ui.log.rows import MessageRow, RowKey
from support.fake_server import AT, FakeServer
from support.tui_chat import Client, chatting, fake_with
from support.tui_pilot import burst

pytestmark = pytest.mark.asyncio


def talk() -> FakeServer:
    fake = fake_with()
    fake.post("general", "linus", "first, see https://example.org/x")
    fake.post("general", "ada", "second **of** mine")
    return fake


def log_of(running: Client) -> MessageLog:
    (log,) = (log for screen in running.app.screen_stack for log in screen.query(MessageLog))
    return log


def change(running: Client, seq: int, **fields: object) -> None:
    """Change a message as if the server had."""
    key: RowKey = ("seq", seq)
    model = log_of(running).model
    row = model[model.index(key)]
    assert isinstance(row, MessageRow)
    model.replace(key, replace(row, **fields))  # type: ignore[arg-type]


async def pick(running: Client, seq: int) -> None:
    await running.sees("second of mine")
    assert log_of(running).pick(("seq", seq))


@pytest.mark.parametrize("key", ["ctrl+l", "alt+m"])
async def test_a_key_selects_the_last_message_and_the_hint_shows_the_keys(key: str) -> None:
    async with chatting(talk()) as running:
        await running.sees("second of mine")
        await running.write("draft")
        await running.press(key)
        await running.sees("y copy")
        await running.press("escape")
        await running.sees_no("y copy")

        await running.write("s")
        assert running.typed == "drafts"


async def test_keys_in_one_burst_with_the_selecting_key_act_on_the_message() -> None:
    async with chatting(talk()) as running:
        await running.sees("second of mine")
        burst(running.app, "ctrl+l", "k", "r")

        await running.sees("↳ linus: first")
        assert not running.typed


async def test_the_hint_of_the_previous_key_is_cleared_by_a_reply() -> None:
    async with chatting(talk()) as running:
        await pick(running, 2)
        await running.press("o")
        await running.sees("No link in this message.")
        await running.press("r")

        await running.sees("Esc: cancel reply")
        await running.sees_no("No link in this message.")


async def test_only_messages_by_others_become_unread() -> None:
    async with chatting(talk()) as running:
        await pick(running, 2)
        await running.press("u")

        await running.sees("Nothing to mark as unread: only your own messages follow.")


async def test_people_who_reacted_to_the_selected_message_are_named() -> None:
    async with chatting(talk()) as running:
        await running.sees("second of mine")
        change(running, 2, reactions=(m.Reaction("+", 3, ["cleo", "ben"]),))
        await pick(running, 2)
        await running.sees("+ cleo, ben, 1 more")
        change(running, 2, reactions=(m.Reaction("+", 4, ["cleo", "ben", "dora"]),))
        await running.sees("+ cleo, ben, dora, 1 more")
        await running.press("k")

        await running.sees_no("+ cleo, ben")
        await running.sees("y copy")


async def test_a_command_selects_as_well() -> None:
    async with chatting(talk()) as running:
        await running.sees("second of mine")
        await running.enter("/select")

        await running.sees("y copy")


async def test_other_letters_are_typed() -> None:
    async with chatting(talk()) as running:
        await pick(running, 2)
        await running.press("h", "e", "y")

        assert running.typed == "hey"
        assert log_of(running).picked is None


async def test_in_another_room_nothing_is_selected() -> None:
    fake = fake_with("kitchen")
    for room in ("general", "kitchen"):
        fake.post(room, "linus", f"first in {room}")
    async with chatting(fake) as running:
        await running.sees("first in general")
        assert log_of(running).pick(("seq", 1))
        await running.press("f6")
        await running.sees("first in kitchen")

        assert log_of(running).picked is None
        await running.write("yes")
        assert running.typed == "yes"


async def test_in_an_empty_room_there_is_nothing_to_select() -> None:
    async with chatting(fake_with()) as running:
        await running.press("ctrl+l")

        await running.sees("No messages here yet.")


async def test_copying_takes_the_text_without_its_markup() -> None:
    async with chatting(talk()) as running:
        await pick(running, 2)
        await running.press("y")

        await running.sees("Text copied.")
        assert running.app.clipboard == "second of mine"


async def test_the_one_link_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "")
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")
    async with chatting(talk()) as running:
        await pick(running, 1)
        await running.press("o")

        await running.sees("No browser here. Link copied: https://example.org/x")
        assert running.app.clipboard == "https://example.org/x"


async def test_of_several_links_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "")
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")
    fake = talk()
    fake.post("general", "linus", "[one](https://a.example) https://b.example/[/]")
    async with chatting(fake) as running:
        await pick(running, 3)
        await running.press("o")
        await running.sees("Open which link?")
        await running.sees("Enter: open · Esc: cancel")
        await running.press("down", "enter")

        await running.sees("Link copied: https://b.example/")


async def test_a_click_on_a_link_opens_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER", "")
    monkeypatch.setenv("SSH_CONNECTION", "1 2 3 4")
    async with chatting(talk()) as running:
        await running.sees("https://example.org/x")
        lines = running.text().split("\n")
        y = next(n for n, line in enumerate(lines) if "https://" in line)
        await running.pilot.click(offset=Offset(lines[y].index("https://") + 5, y))

        await running.sees("Link copied: https://example.org/x")


@pytest.mark.parametrize("button", [2, 3])
async def test_the_other_buttons_of_the_mouse_do_nothing(button: int) -> None:
    fake = fake_with()
    fake.post("general", "linus", "see https://example.org/x")
    async with chatting(fake) as running:
        await running.sees("https://example.org/x")
        lines = running.text().split("\n")
        y = next(n for n, line in enumerate(lines) if "https://" in line)
        at = Offset(lines[y].index("https://") + 5, y)
        await running.pilot.click(offset=at, button=button)

        assert "Link" not in running.text()
        assert running.composer.has_focus


async def test_without_a_link_nothing_is_opened() -> None:
    async with chatting(talk()) as running:
        await pick(running, 2)
        await running.press("o")

        await running.sees("No link in this message.")


async def test_deleting_asks_for_confirmation_and_shows_a_refusal() -> None:
    fake = talk()
    async with chatting(fake) as running:
        await pick(running, 2)
        fake.silent = True
        await running.press("d")
        await running.sees("Delete your message?")
        await running.press("y")
        await running.until(lambda: isinstance(fake.requests[-1], m.Delete))

        request = fake.requests[-1]
        assert isinstance(request, m.Delete)
        assert (request.room, request.of) == ("general", 2)
        sentence = "There is no such message."
        fake.sessions[0].send(m.Error(Code.NO_SUCH_MESSAGE, sentence, request.id))
        await running.sees(sentence)


async def test_only_the_owner_deletes_messages_by_others() -> None:
    fake = talk()
    async with chatting(fake) as running:
        await pick(running, 1)
        await running.press("d")
        await running.sees("You can only delete your own messages")

        running.app.state.rooms["general"].owner = "Ada"
        await running.press("d")
        await running.sees("Delete the message by linus?")
        await running.press("n")
        assert not any(isinstance(request, m.Delete) for request in fake.requests)


async def test_a_reaction_is_added_by_name() -> None:
    fake = talk()
    async with chatting(fake) as running:
        await pick(running, 1)
        fake.silent = True
        await running.press("plus")
        await running.sees("Add or remove a reaction")
        await running.enter("tad")
        await running.until(lambda: isinstance(fake.requests[-1], m.React))

        request = fake.requests[-1]
        assert isinstance(request, m.React)
        assert (request.of, request.emoji, request.off) == (1, "🎉", False)
        assert request.nonce


async def test_the_same_reaction_again_removes_ours() -> None:
    fake = talk()
    async with chatting(fake) as running:
        await pick(running, 1)
        fake.broadcast("general", m.Reacted("general", 3, 1, "ada", AT, "🎉"))
        await running.sees("🎉 1")
        fake.silent = True
        await running.press("plus")
        await running.sees("Add or remove a reaction")
        await running.enter("tada")
        await running.until(lambda: isinstance(fake.requests[-1], m.React))

        request = fake.requests[-1]
        assert isinstance(request, m.React)
        assert request.off


async def test_a_click_on_a_reaction_adds_and_removes_ours() -> None:
    fake = talk()
    async with chatting(fake) as running:
        await running.sees("second of mine")
        fake.silent = True
        fake.broadcast("general", m.Reacted("general", 3, 1, "linus", AT, "🎉"))
        for off, shown in ((False, "🎉 1"), (True, "🎉 2")):
            await running.sees(shown)
            lines = running.text().split("\n")
            y = next(n for n, line in enumerate(lines) if shown in line)
            await running.pilot.click(offset=Offset(lines[y].index(shown), y))
            await running.until(lambda: isinstance(fake.requests[-1], m.React))
            request = fake.requests.pop()
            assert isinstance(request, m.React)
            assert (request.of, request.emoji, request.off) == (1, "🎉", off)
            fake.broadcast("general", m.Reacted("general", 4, 1, "ada", AT, "🎉"))


async def test_without_a_connection_the_hint_says_so() -> None:
    fake = talk()
    async with chatting(fake) as running:
        await pick(running, 2)
        running.client.cut()
        await running.press("d")
        await running.sees("Delete your message?")
        await running.press("y")

        await running.sees("You're offline.")


async def test_deleted_and_unsent_messages_cannot_be_changed() -> None:
    async with chatting(talk()) as running:
        await pick(running, 2)
        change(running, 2, text="", deleted=True)
        for key in ("r", "d", "e", "plus", "u"):
            await running.press(key, "left")  # nothing but a key that is no letter
            await running.sees("This message was deleted.")
        await running.press("y")
        await running.sees("Nothing to copy.")
        change(running, 2, key=("nonce", "x"), deleted=False)
        await running.press("r")
        await running.sees("not been sent yet")


async def test_replies_and_edits_begin_in_the_composer() -> None:
    async with chatting(talk()) as running:
        received: list[object] = []
        setattr(running.composer, "begin_reply", received.append)  # noqa: B010
        setattr(running.composer, "begin_edit", lambda *args: received.append(args))  # noqa: B010
        await pick(running, 2)
        await running.press("r", "left", "e", "up", "r", "left")

        assert received == [
            Quote(2, "ada", "second **of** mine"),
            (2, "second **of** mine"),
            Quote(1, "linus", "first, see https://example.org/x"),
        ]


async def test_only_our_own_messages_can_be_edited() -> None:
    async with chatting(talk()) as running:
        await pick(running, 1)
        await running.press("e")

        await running.sees("You can only edit your own messages")


async def test_enter_goes_to_the_message_replied_to() -> None:
    fake = talk()
    for n in range(100):
        fake.post("general", "linus", f"line {n}")
    fake.post("general", "linus", "so it is")
    async with chatting(fake) as running:
        await running.sees("so it is")
        change(running, 103, quote=Quote(2, "ada", "second"))
        assert log_of(running).pick(("seq", 103))
        await running.press("enter")
        await running.sees("second of mine")
        picked = log_of(running).picked
        assert picked is not None
        assert picked.text == "second **of** mine"

        await running.press("enter")
        await running.sees("isn't a reply")
