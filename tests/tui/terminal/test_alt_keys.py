import pytest
from textual import events
from textual._xterm_parser import XTermParser

from chat_tui.terminal.alt_keys import patch_keys


@pytest.mark.parametrize(
    ("sent", "key"),
    [("\x1b\r", "alt+enter"), ("\x1b1", "alt+1"), ("\r", "enter"), ("\n", "ctrl+j"), ("1", "1")],
)
def test_what_an_old_terminal_sends_is_the_key_that_was_pressed(sent: str, key: str) -> None:
    patch_keys()
    patch_keys()
    parser = XTermParser()

    heard = list(parser.feed(sent))
    while not heard:  # the parser waits a moment for the rest of a longer sequence
        heard = list(parser.tick())

    assert [event.key for event in heard if isinstance(event, events.Key)] == [key]
