import pytest
from textual import events

from chat_tui.commands import parser
from chat_tui.commands.completion import Known
from chat_tui.ui.messages import (
    CompletionChanged,
    EditLastRequested,
    ExitRequested,
    InputRejected,
    NewestRequested,
    PasteOffered,
)
from chat_tui.ui.widgets.composer import MANY_LINES
from support.tui_composer import Submitted, composing
from support.tui_pilot import until, write

pytestmark = pytest.mark.asyncio


async def test_enter_submits_the_parsed_line_and_empties_the_composer() -> None:
    async with composing() as (composer, host, pilot):
        await write(pilot, "hello")
        await pilot.press("enter")

        await until(pilot, lambda: host.of(Submitted))
        assert host.of(Submitted)[0].meaning == parser.SendMessage("hello")
        assert composer.text == ""


async def test_an_empty_line_is_not_submitted() -> None:
    async with composing() as (_, host, pilot):
        await pilot.press("enter", "space", "ctrl+j", "enter")

        assert host.of(Submitted) == []


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter", "alt+enter"])
async def test_a_new_line_begins_without_sending(key: str) -> None:
    async with composing() as (composer, host, pilot):
        await pilot.press("a", key, "b")

        assert composer.text == "a\nb"
        assert host.of(Submitted) == []


async def test_the_composer_grows_to_eight_rows_and_no_further() -> None:
    async with composing() as (composer, _, pilot):
        heights = []
        for _ in range(10):
            heights.append(composer.size.height)
            await pilot.press("x", "ctrl+j")

        assert heights[0] == 1
        assert composer.size.height == 8


async def test_indentation_inside_a_message_is_kept() -> None:
    async with composing() as (_, host, pilot):
        host.post_message(events.Paste("def f():\n    return 1\n"))
        await pilot.press("enter")

        await until(pilot, lambda: host.of(Submitted))
        assert host.of(Submitted)[0].meaning == parser.SendMessage("def f():\n    return 1")


@pytest.mark.parametrize("line", ["/jion a b", " /join a b", "x" * 8_001])
async def test_a_line_that_cannot_be_sent_stays(line: str) -> None:
    async with composing() as (composer, host, pilot):
        host.post_message(events.Paste(line))
        await pilot.press("enter")

        await until(pilot, lambda: host.of(InputRejected))
        assert composer.text == line


async def test_the_password_of_a_room_is_drawn_as_dots() -> None:
    async with composing() as (composer, host, pilot):
        await write(pilot, "/join kitchen k7qm-2vxh")

        assert composer.text == "/join kitchen k7qm-2vxh"
        assert "/join kitchen •••••••••" in host.text()
        assert "k7qm" not in host.text()


async def test_the_password_is_masked_on_the_second_row_too() -> None:
    async with composing() as (_, host, pilot):
        await pilot.press(*"/join", "space", *"room", "ctrl+j", *"k7qm")

        assert "k7qm" not in host.text()
        assert "••••" in host.text()


async def test_a_line_with_a_password_is_not_remembered() -> None:
    async with composing() as (composer, _, pilot):
        await write(pilot, "/join kitchen k7qm")
        await pilot.press("enter")
        await write(pilot, "kept")
        await pilot.press("enter", "ctrl+up", "ctrl+up")

        assert composer.text == "kept"


@pytest.mark.parametrize("key", ["alt+k", "alt+1", "super+x"])
async def test_keys_with_alt_type_nothing(key: str) -> None:
    async with composing() as (composer, _, pilot):
        composer.post_message(events.Key(key, key[-1]))
        await pilot.press("x")

        assert composer.text == "x"


async def test_pasted_text_is_made_harmless() -> None:
    async with composing() as (composer, host, pilot):
        host.post_message(events.Paste("a\x1b[2J\r\nb\u202e\x00"))

        await until(pilot, lambda: composer.text)
        assert composer.text == "a␛[2J\nb\ufffd␀"


async def test_many_pasted_lines_are_offered_first() -> None:
    async with composing() as (composer, host, pilot):
        text = "\n".join("x" * MANY_LINES + "y")
        host.post_message(events.Paste(text))

        await until(pilot, lambda: host.of(PasteOffered))
        assert composer.text == ""
        composer.insert_paste(host.of(PasteOffered)[0].text)
        assert composer.text == text


async def test_in_an_empty_composer_keys_act_on_the_room() -> None:
    async with composing() as (_, host, pilot):
        await pilot.press("up", "ctrl+w", "end")

        await until(pilot, lambda: host.of(NewestRequested))
        assert len(host.of(EditLastRequested)) == 1
        assert len(host.of(ExitRequested)) == 1


async def test_in_a_composer_with_text_the_same_keys_edit() -> None:
    async with composing() as (composer, host, pilot):
        await write(pilot, "two words")
        await pilot.press("up", "home", "end", "ctrl+w")

        assert composer.text == "two "
        assert not any(
            host.of(kind) for kind in (EditLastRequested, NewestRequested, ExitRequested)
        )


async def test_ctrl_u_erases_the_typed_line_on_all_its_rows() -> None:
    async with composing() as (composer, _, pilot):
        composer.put("one\n" + "long " * 40)
        await pilot.press("ctrl+u")
        assert composer.text == "one\n"
        await pilot.press("ctrl+u")
        assert composer.text == "one"
        await pilot.press("left", "ctrl+u", "ctrl+z")

        assert composer.text == "one"


async def test_in_many_lines_up_and_down_move_the_cursor() -> None:
    async with composing() as (composer, _, pilot):
        await pilot.press("a", "ctrl+j", "b", "up", "x", "down", "y")

        assert composer.text == "ax\nby"


async def test_keys_come_from_the_settings() -> None:
    async with composing({"message.send": "f9"}) as (_, host, pilot):
        await pilot.press("x", "enter", "y", "f9")

        await until(pilot, lambda: host.of(Submitted))
        assert host.of(Submitted)[0].meaning == parser.SendMessage("x\ny")


async def test_the_name_of_the_room_is_harmless_in_the_placeholder() -> None:
    async with composing() as (composer, host, pilot):
        composer.room = "[/]\x1b[2J"
        await pilot.pause()

        assert "Message [/]␛[2J" in host.text()


async def test_ctrl_up_goes_back_and_ctrl_down_returns_to_the_draft() -> None:
    async with composing() as (composer, _, pilot):
        await write(pilot, "one")
        await pilot.press("enter")
        await write(pilot, "half")
        await pilot.press("ctrl+up")
        assert composer.text == "one"
        await pilot.press("ctrl+down")

        assert composer.text == "half"


async def test_tab_walks_through_the_completions_and_back() -> None:
    async with composing() as (composer, host, pilot):
        composer.known = lambda: Known(["adam", "ada", "ben"])
        await write(pilot, "hi @a")
        await until(pilot, lambda: host.of(CompletionChanged))
        await pilot.press("tab")
        assert composer.text == "hi @ada "
        await pilot.press("tab")
        assert composer.text == "hi @adam "
        await pilot.press("tab", "shift+tab", "!")

        assert composer.text == "hi @adam !"


async def test_a_completion_in_the_middle_leaves_what_follows() -> None:
    async with composing() as (composer, host, pilot):
        composer.known = lambda: Known(["ada"])
        await write(pilot, "@a soup")
        await pilot.press("home", "right", "right", "x", "backspace")
        await until(pilot, lambda: host.of(CompletionChanged))
        await pilot.press("tab")

        assert composer.text == "@ada  soup"


async def test_escape_closes_the_completions_and_changes_nothing() -> None:
    async with composing() as (composer, host, pilot):
        composer.known = lambda: Known(["ada"])
        await write(pilot, "@a")
        await until(pilot, lambda: host.of(CompletionChanged))
        await pilot.press("escape")

        await until(pilot, lambda: host.of(CompletionChanged)[-1].completion is None)
        assert composer.text == "@a"


async def test_escape_with_nothing_to_close_goes_to_the_newest_message() -> None:
    async with composing() as (composer, host, pilot):
        await write(pilot, "kept")
        await pilot.press("escape")

        await until(pilot, lambda: host.of(NewestRequested))
        assert composer.text == "kept"


@pytest.mark.parametrize("character", ["👩\u200d💻", "☀\ufe0f", "🇦🇺", "e\u0301\u0323", "👍🏽"])
async def test_the_cursor_and_backspace_take_a_character_as_a_whole(character: str) -> None:
    async with composing() as (composer, host, pilot):
        host.post_message(events.Paste(f"a{character}b"))
        await until(pilot, lambda: composer.text)
        await pilot.press("left", "left")
        assert composer.cursor_location == (0, 1)
        await pilot.press("right")
        assert composer.cursor_location == (0, 1 + len(character))
        await pilot.press("shift+left")
        assert composer.selected_text == character
        await pilot.press("right", "backspace")
        assert composer.text == "ab"
        host.post_message(events.Paste(character))
        await until(pilot, lambda: composer.text != "ab")
        await pilot.press("left", "delete")
        assert composer.text == "ab"


async def test_going_up_never_ends_inside_of_a_character() -> None:
    async with composing() as (composer, host, pilot):
        host.post_message(events.Paste("🇦🇺🇦🇺\nabc"))
        await until(pilot, lambda: composer.text)
        await pilot.press("up")
        assert composer.cursor_location[1] in (0, 2, 4)


async def test_a_typed_joiner_stays() -> None:
    async with composing() as (composer, host, pilot):
        for character in "👩\u200d💻":
            host.post_message(events.Key("x", character))
        await until(pilot, lambda: composer.text == "👩\u200d💻")
