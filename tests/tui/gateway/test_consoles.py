"""What plain mode reads in the gateway, whose people may leave at any time."""

import pytest

from chat_tui.gateway.consoles import LinesConsole
from chat_tui.gateway.frames import Size
from chat_tui.gateway.terminal import Terminal

pytestmark = pytest.mark.asyncio


async def test_what_was_typed_before_a_person_left_is_not_read() -> None:
    console = LinesConsole(Terminal(Size(80, 24)))
    console.typed(b"one\ntwo\n")
    assert await console.read("> ") == "one"

    console.quit()

    assert await console.read("> ") is None
