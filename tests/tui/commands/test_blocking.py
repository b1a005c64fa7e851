"""/block and /unblock."""

import pytest

from chat_shared import messages as m
from chat_tui.commands import parser
from chat_tui.commands.parser import InputError, SendRequest


@pytest.mark.parametrize(
    ("line", "request_"),
    [
        ("/block", m.Blocked(id=1)),
        ("/block ben", m.Block("ben", id=1)),
        ("/BLOCK @Ben ", m.Block("Ben", id=1)),
        ("/unblock @Ben", m.Unblock("Ben", id=1)),
    ],
)
def test_a_line_asks(line: str, request_: m.Request) -> None:
    assert parser.read(line) == SendRequest(request_)


@pytest.mark.parametrize(
    "line", ["/block ben cleo", "/block -", "/unblock", "/unblock ben cleo", f"/block {'x' * 33}"]
)
def test_a_line_that_cannot_be_carried_out_is_an_error(line: str) -> None:
    assert isinstance(parser.read(line), InputError)
