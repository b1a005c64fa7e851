"""A list in pages goes on where the last page ended, and says when it is complete."""

import pytest

from chat_shared import messages as m
from chat_tui.plain import listing
from support.fake_server import AT

_HIT = m.Hit(7, "kitchen", 1, "ben", "soup", AT)
_ENTRY = m.AuditEntry(7, AT, "ada", "topic")
_BEN = m.Member("ben", online=True)


@pytest.mark.parametrize(
    ("request_", "reply", "rest"),
    [
        (
            m.Search(id=1, words="soup", author="ben"),
            m.Found([_HIT], more=True, re=1),
            m.Search(id=1, words="soup", author="ben", before=7),
        ),
        (m.Mentions(id=1), m.Found([_HIT], more=True, re=1), m.Mentions(id=1, before=7)),
        (
            m.Audit(id=1, room="k"),
            m.AuditPage("k", [_ENTRY], more=True, re=1),
            m.Audit(id=1, room="k", before=7),
        ),
        (
            m.Members(id=1, room="k"),
            m.MemberPage("k", [_BEN], more=True, re=1),
            m.Members(id=1, room="k", after="ben"),
        ),
        (m.Mentions(id=1), m.Found([_HIT], more=False, re=1), None),
        (m.Mentions(id=1), m.Found([], more=True, re=1), None),
        (m.Mentions(id=1), m.Error("too_fast", "That was too fast."), None),
        (m.Mentions(id=1), None, None),
    ],
)
def test_the_next_page_begins_after_the_last_entry(
    request_: m.Request, reply: m.Reply | None, rest: m.Request | None
) -> None:
    assert listing.rest(request_, reply) == rest


@pytest.mark.parametrize(
    ("before", "more", "text"),
    [
        (0, False, "1 message found."),
        (0, True, "1 message found. Type /older for more."),
        (9, True, "1 more message found. Type /older for more."),
        (9, False, "1 more message found. End of list."),
    ],
)
def test_the_line_below_hits_has_their_number_and_says_whether_there_are_more(
    before: int, more: bool, text: str
) -> None:
    request = m.Search(id=1, words="soup", before=before)

    assert listing.found(request, m.Found([_HIT], more=more, re=1)) == text


def test_only_lists_are_lists() -> None:
    assert listing.is_list(m.SessionList([], re=1))
    assert not listing.is_list(m.Ok(re=1))
    assert not listing.is_list(None)
