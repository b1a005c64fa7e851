"""A list that comes in pages is read on from where it ended, and says where it does."""

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
def test_the_rest_of_a_list_begins_behind_what_was_listed(
    request_: m.Request, reply: m.Reply | None, rest: m.Request | None
) -> None:
    assert listing.rest(request_, reply) == rest


@pytest.mark.parametrize(
    ("before", "more", "said"),
    [
        (0, False, "1 found."),
        (0, True, "1 found, and there are more. /older for more."),
        (9, True, "1 more found. /older for more."),
        (9, False, "1 more found. That is all."),
    ],
)
def test_below_hits_stands_their_number_and_whether_there_are_more(
    before: int, more: bool, said: str
) -> None:
    request = m.Search(id=1, words="soup", before=before)

    assert listing.found(request, m.Found([_HIT], more=more, re=1)) == said


def test_only_lists_are_lists() -> None:
    assert listing.is_list(m.SessionList([], re=1))
    assert not listing.is_list(m.Ok(re=1))
    assert not listing.is_list(None)
