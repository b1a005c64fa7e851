"""/block and /unblock: what they mean, and what is said about the answers."""

import pytest

from chat_shared import messages as m
from chat_tui.commands import parser
from chat_tui.commands.blocking import answer
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
def test_a_line_that_cannot_be_followed_is_sent_nowhere(line: str) -> None:
    assert isinstance(parser.read(line), InputError)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "You have blocked nobody."),
        (["Ben"], "You have blocked one person: Ben."),
        (["Ben", "Cleo"], "You have blocked 2 people: Ben, Cleo."),
    ],
)
def test_who_asks_hears_whom_they_have_blocked(names: list[str], said: str) -> None:
    assert answer(m.Blocked(id=1), m.BlockedList(names, re=1)) == said


def test_who_blocks_hears_what_that_means_and_how_to_take_it_back() -> None:
    assert answer(m.Block("ben", id=1), m.Ok(re=1)) == (
        "ben cannot write to you alone any more, nor you to them. /unblock ben takes it back."
    )
    # No more than that: they may have blocked us as well, and that is not told.
    assert answer(m.Unblock("ben", id=1), m.Ok(re=1)) == "ben is blocked no more."


@pytest.mark.parametrize("reply", [None, m.Error("forbidden", "No."), m.Pong(re=1)])
def test_a_refusal_is_not_said_here(reply: m.Reply | None) -> None:
    assert answer(m.Block("ben", id=1), reply) == ""
    assert answer(m.Ping(id=1), m.Ok(re=1)) == ""
