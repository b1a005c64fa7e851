"""What happened is said in whole lines, and nothing that others wrote acts."""

from datetime import UTC, datetime, timedelta

import pytest

from chat_shared import messages as m
from chat_shared.text import has_controls
from chat_tui.commands.durations import rfc3339
from chat_tui.model.room import Room
from chat_tui.plain import sentences
from support.fake_server import AT

_HOSTILE = "\x1b[2J\x1b]0;x\x07\u202e"


def _line(text: str, **more: object) -> m.Line:
    return m.Line(1, "ben", text, AT, **more)  # type: ignore[arg-type]


def test_why_the_line_is_away_is_a_sentence_however_the_server_says_it() -> None:
    lost = "The server is shutting down. Trying to come back; what you type is kept."

    assert sentences.connection_lost("the server is shutting down") == lost
    assert sentences.connection_lost("The server is shutting down.") == lost


def test_a_message_is_its_time_its_author_and_its_text() -> None:
    assert sentences.said(_line("soup?")).endswith(" ben: soup?")


def test_the_rows_of_a_message_cannot_look_like_other_messages() -> None:
    assert sentences.said(_line("one\n09:30 ada: two")).splitlines()[1] == "    09:30 ada: two"


def test_what_was_done_to_a_message_is_said_with_it() -> None:
    reactions = (m.Reaction("🍲", 2, ["ada", "cleo"]),)

    assert sentences.said(_line("soup", edited=AT)).endswith("soup (edited)")
    assert sentences.said(_line("soup", reply=7)).endswith("ben (answering): soup")
    assert sentences.said(_line("soup", reactions=reactions)).endswith("soup [🍲 2]")
    assert sentences.said(_line("", deleted=True)).endswith("ben deleted a message.")


def test_who_ended_that_one_is_in_a_room_is_said_and_why() -> None:
    assert sentences.gone("kitchen", "", "") == "You are not in kitchen any more."
    ended = "You are not in kitchen any more: ben ended that."
    assert sentences.gone("kitchen", "ben", "") == ended
    assert sentences.gone("kitchen", "ben", "Not so loud.") == f"{ended} Not so loud."


def test_rooms_are_listed_with_what_waits_in_them() -> None:
    rooms = [Room("general"), Room("kitchen", last_seq=3, read_seq=1, mentions=1)]

    assert next(iter(sentences.room_list(rooms, "general"))) == "general, open"
    assert "1 call you" in list(sentences.room_list(rooms, "general"))[1]


@pytest.mark.parametrize(
    ("request_", "reply", "said"),
    [
        (m.Create(id=1, room="k"), m.Created("k", "k7qm-2vxh-9rtd", re=1), "/join k k7qm"),
        (m.NewPassword(id=1, room="k"), m.RoomPassword("k", "p5wd-8nkr", re=1), "/join k p5wd"),
        (m.Invite(id=1, room="k"), m.RoomInvite("k", "x0vb-61tq", AT, re=1), "once: /join k x0vb"),
        (m.Sessions(id=1), m.SessionList([m.SessionInfo("1f", AT, AT, True)], re=1), "this one"),
        (m.Search(id=1, words="s"), m.Found([], more=False, re=1), "0 found."),
        (m.Audit(id=1, room="k"), m.AuditPage("k", [], more=False, re=1), "Nothing was done"),
        (m.Exit(id=1, room="k"), m.Error("not_a_member", "You are not in this room."), "You are"),
        (m.Exit(id=1, room="k"), None, "out of reach"),
    ],
)
def test_every_answer_that_holds_something_is_said(
    request_: m.Request, reply: m.Reply | None, said: str
) -> None:
    assert said in "\n".join(sentences.answered(request_, reply))


def test_who_is_here_and_who_is_away_is_said() -> None:
    members = [
        m.Member("ada", online=True),
        m.Member("ben", online=False, away="Soup.", seen=AT),
        m.Member("cleo", online=False, seen=rfc3339(datetime.now(UTC) - timedelta(hours=2))),
    ]
    reply = m.MemberPage("k", members, re=1)

    assert list(sentences.answered(m.Members(id=1, room="k"), reply)) == [
        "ada, online",
        "ben, offline, away: Soup.",
        "cleo, offline, last seen 2 h ago",
        "That is all.",
    ]


def test_what_an_owner_did_is_a_sentence() -> None:
    entry = m.AuditEntry(1, AT, "ada", "mute", "ben", AT, "Not so loud.")

    assert sentences.audited(entry).startswith("ada muted ben until ")
    assert sentences.audited(entry).endswith(": Not so loud.")
    page = m.AuditPage("k", [entry], more=True, re=1)
    listed, end = sentences.answered(m.Audit(id=1, room="k"), page)
    assert listed.endswith(sentences.audited(entry))
    assert end == "/older for more."


def test_below_older_messages_stands_whether_there_are_more() -> None:
    assert sentences.older_written(20, more=True) == "That was what stood before. /older for more."
    assert sentences.older_written(3, more=False).endswith("It is the beginning.")
    assert sentences.older_written(0, more=True).startswith("There was nothing but changes")


def test_a_hit_in_a_room_of_two_is_under_the_name_of_the_other() -> None:
    hit = m.Hit(1, "@3-17", 1, "ben", "soup", AT)
    found = m.Found([hit], more=False, re=1)

    lines = list(sentences.answered(m.Mentions(id=1), found, {"@3-17": "ben"}.__getitem__))

    assert lines[0].endswith(" ben ben: soup")


def test_being_away_and_coming_back_are_confirmed() -> None:
    assert list(sentences.answered(m.Away(id=1, text="Soup."), m.Ok(re=1))) == [
        "You are away: Soup."
    ]
    assert list(sentences.answered(m.Away(id=1), m.Ok(re=1))) == ["You are back."]


def test_what_was_done_to_one_s_account_is_confirmed() -> None:
    changed = sentences.answered(m.Password(id=1, old="correct horse", new="battery"), m.Ok(re=1))

    assert list(changed) == ["Your password is changed. All other devices are logged out."]
    assert list(sentences.answered(m.Revoke(id=1, session="1f"), m.Ok(re=1))) == [
        "1f is logged out."
    ]
    assert list(sentences.answered(m.Revoke(id=1), m.Ok(re=1))) == []


def test_whom_one_has_blocked_is_a_sentence() -> None:
    reply = m.BlockedList(["Ben"], re=1)

    assert list(sentences.answered(m.Blocked(id=1), reply)) == ["You have blocked one person: Ben."]


def test_nothing_that_others_wrote_acts() -> None:
    hit = m.Hit(1, _HOSTILE, 1, _HOSTILE, _HOSTILE, AT)
    everything = [
        sentences.said(m.Line(1, _HOSTILE, _HOSTILE, _HOSTILE)),
        sentences.connection_lost(_HOSTILE),
        sentences.gone(_HOSTILE, _HOSTILE, _HOSTILE),
        sentences.not_sent(_HOSTILE, _HOSTILE),
        sentences.entered(_HOSTILE),
        *sentences.answered(
            m.Members(id=1, room="k"),
            m.MemberPage("k", [m.Member(_HOSTILE, online=False, seen=_HOSTILE)], re=1),
        ),
        sentences.left(_HOSTILE),
        sentences.audited(m.AuditEntry(1, _HOSTILE, _HOSTILE, _HOSTILE, _HOSTILE, "", _HOSTILE)),
        *sentences.answered(m.Mentions(id=1), m.Found([hit], more=False, re=1)),
        *sentences.answered(m.Create(id=1, room="k"), m.Created(_HOSTILE, _HOSTILE, re=1)),
        *sentences.answered(m.Blocked(id=1), m.BlockedList([_HOSTILE], re=1)),
        *sentences.room_list([Room(_HOSTILE)], ""),
    ]

    assert not any(has_controls(line) or "\u202e" in line for line in everything)
