"""What happened is printed in complete lines, and text of other people is harmless."""

from datetime import UTC, datetime, timedelta

import pytest

from chat_shared import messages as m
from chat_shared.text import has_controls
from chat_tui.commands.durations import rfc3339
from chat_tui.model.address import Address, Place
from chat_tui.model.room import Room
from chat_tui.plain import sentences
from support.fake_server import AT

_HOSTILE = "\x1b[2J\x1b]0;x\x07\u202e"


def _line(text: str, **more: object) -> m.Line:
    return m.Line(1, "ben", text, AT, **more)  # type: ignore[arg-type]


def test_the_reason_of_a_lost_connection_is_a_sentence_however_the_server_words_it() -> None:
    lost = (
        "The server is shutting down. Trying to reconnect. "
        "What you type now will be sent if that succeeds."
    )

    assert sentences.connection_lost("the server is shutting down") == lost
    assert sentences.connection_lost("The server is shutting down.") == lost


def test_a_message_is_its_time_its_author_and_its_text() -> None:
    assert sentences.message(_line("soup?")).endswith(" ben: soup?")


def test_the_rows_of_a_message_cannot_look_like_other_messages() -> None:
    assert sentences.message(_line("one\n09:30 ada: two")).splitlines()[1] == "    09:30 ada: two"


def test_edits_reactions_and_deletions_are_shown_with_the_message() -> None:
    reactions = (m.Reaction("🍲", 2, ["ada", "cleo"]),)

    assert sentences.message(_line("soup", edited=AT)).endswith("soup (edited)")
    assert sentences.message(_line("soup", reply=7)).endswith("ben (reply): soup")
    assert sentences.message(_line("soup", reactions=reactions)).endswith("soup [🍲 2]")
    assert sentences.message(_line("", deleted=True)).endswith("ben: (message deleted)")


def test_a_removal_from_a_room_says_who_did_it_and_why() -> None:
    kick = m.Left("kitchen", "ada", "ben", "Not so loud.", "kick")

    assert sentences.removed("kitchen", None, "ada") == "You're no longer in kitchen."
    removed = sentences.removed("kitchen", kick, "ada")
    assert removed == 'ben kicked you from kitchen: "Not so loud."'
    own = m.Left("kitchen", "ada", "ada", action="delete_room")
    assert sentences.removed("kitchen", own, "ada") == "You're no longer in kitchen."


def test_rooms_are_listed_with_their_unread_messages_and_mentions() -> None:
    rooms = [Room("general"), Room("kitchen", last_seq=3, read_seq=1, mentions=1)]

    assert next(iter(sentences.room_list(rooms, "general"))) == "general, current room"
    assert "1 mention" in list(sentences.room_list(rooms, "general"))[1]


@pytest.mark.parametrize(
    ("request_", "reply", "text"),
    [
        (m.Create(id=1, room="k"), m.Created("k", "k7qm-2vxh-9rtd", re=1), "/join k k7qm"),
        (m.NewPassword(id=1, room="k"), m.RoomPassword("k", "p5wd-8nkr", re=1), "/join k p5wd"),
        (
            m.Invitations(id=1, room="k"),
            m.InvitationList("k", [m.InvitationInfo(7, "ben", AT, AT)], re=1),
            "1. By ben, created ",
        ),
        (
            m.Invitations(id=1, room="k"),
            m.InvitationList("k", [], re=1),
            "No unused invitations.",
        ),
        (m.Sessions(id=1), m.SessionList([m.SessionInfo("1f", AT, AT, True)], re=1), "this device"),
        (m.Search(id=1, words="s"), m.Found([], more=False, re=1), "No messages found."),
        (m.Audit(id=1, room="k"), m.AuditPage("k", [], more=False, re=1), "No moderation actions"),
        (m.Exit(id=1, room="k"), m.Error("not_a_member", "You're not in this room."), "You're not"),
        (m.Exit(id=1, room="k"), None, "You're offline."),
    ],
)
def test_every_reply_with_content_is_printed(
    request_: m.Request, reply: m.Reply | None, text: str
) -> None:
    assert text in "\n".join(sentences.replied(request_, reply))


def test_members_are_listed_with_their_presence() -> None:
    members = [
        m.Member("ada", online=True),
        m.Member("ben", online=False, away="Soup.", seen=AT),
        m.Member("cleo", online=False, seen=rfc3339(datetime.now(UTC) - timedelta(hours=2))),
    ]
    reply = m.MemberPage("k", members, re=1)

    assert list(sentences.replied(m.Members(id=1, room="k"), reply)) == [
        "ada, online",
        "ben, offline, away: Soup.",
        "cleo, offline, last seen 2 h ago",
        "End of list.",
    ]


def test_what_an_owner_did_is_a_sentence() -> None:
    entry = m.AuditEntry(1, AT, "ada", "mute", "ben", AT, "Not so loud.")

    assert sentences.audited(entry).startswith("ada muted ben until ")
    assert sentences.audited(entry).endswith(': "Not so loud."')
    page = m.AuditPage("k", [entry], more=True, re=1)
    listed, end = sentences.replied(m.Audit(id=1, room="k"), page)
    assert listed.endswith(sentences.audited(entry))
    assert end == "Type /older for more."


def test_the_line_below_older_messages_says_whether_there_are_more() -> None:
    assert sentences.older_written(20, more=True) == "20 older messages. Type /older for more."
    assert (
        sentences.older_written(3, more=False)
        == "3 older messages. This is the beginning of the room."
    )
    assert sentences.older_written(0, more=True).startswith("No older messages on this page,")


def test_a_hit_in_a_direct_message_names_the_other_participant() -> None:
    hit = m.Hit(1, "@3-17", 1, "ben", "soup", AT)
    found = m.Found([hit], more=False, re=1)

    lines = list(sentences.replied(m.Mentions(id=1), found, {"@3-17": "ben"}.__getitem__))

    assert lines[0].endswith(" ben ben: soup")


def test_setting_and_clearing_the_away_message_are_confirmed() -> None:
    assert list(sentences.replied(m.Away(id=1, text="Soup."), m.Ok(re=1))) == ["You're away: Soup."]
    assert list(sentences.replied(m.Away(id=1), m.Ok(re=1))) == ["You're no longer away."]


def test_changes_to_the_account_are_confirmed() -> None:
    changed = sentences.replied(m.Password(id=1, old="correct horse", new="battery"), m.Ok(re=1))

    assert list(changed) == [
        "Password changed. Your other devices are logged out, and SSH keys removed."
    ]
    revoked = sentences.replied(m.Revoke(id=1, session="1f"), m.Ok(re=1))
    assert list(revoked) == ["Logged out that device."]
    assert list(sentences.replied(m.Revoke(id=1), m.Ok(re=1))) == []


def test_blocked_people_are_listed_in_a_sentence() -> None:
    reply = m.BlockedList(["Ben"], re=1)

    assert list(sentences.replied(m.Blocked(id=1), reply)) == ["You have blocked 1 person: Ben."]


def test_text_of_other_people_is_harmless() -> None:
    hit = m.Hit(1, _HOSTILE, 1, _HOSTILE, _HOSTILE, AT)
    everything = [
        sentences.message(m.Line(1, _HOSTILE, _HOSTILE, _HOSTILE)),
        sentences.connection_lost(_HOSTILE),
        sentences.removed(
            _HOSTILE, m.Left(_HOSTILE, "ada", _HOSTILE, _HOSTILE, _HOSTILE, _HOSTILE), "ada"
        ),
        sentences.not_sent(_HOSTILE, _HOSTILE),
        sentences.joined(_HOSTILE),
        *sentences.replied(
            m.Members(id=1, room="k"),
            m.MemberPage("k", [m.Member(_HOSTILE, online=False, seen=_HOSTILE)], re=1),
        ),
        sentences.left(_HOSTILE),
        sentences.audited(m.AuditEntry(1, _HOSTILE, _HOSTILE, _HOSTILE, _HOSTILE, "", _HOSTILE)),
        *sentences.replied(m.Mentions(id=1), m.Found([hit], more=False, re=1)),
        *sentences.replied(m.Create(id=1, room="k"), m.Created(_HOSTILE, _HOSTILE, re=1)),
        *sentences.replied(m.Blocked(id=1), m.BlockedList([_HOSTILE], re=1)),
        *sentences.room_list([Room(_HOSTILE)], ""),
    ]

    assert not any(has_controls(line) or "\u202e" in line for line in everything)


def test_what_an_event_tells_as_well_is_not_printed_twice() -> None:
    kicked = sentences.replied(m.Kick(id=1, room="k", name="ben"), m.Ok(re=1))

    assert list(kicked) == []


def test_numbers_agree() -> None:
    assert sentences.unread_above(1).startswith("1 earlier unread message.")
    assert sentences.unread_above(2_000).startswith("2,000 earlier unread messages.")


def test_the_files_of_a_message_are_named_with_the_numbers_that_save_them() -> None:
    files = m.File(70, "report.pdf", 1_234_567), m.File(71, "a\x1b.png", 9)
    numbers = {70: 3, 71: 4}

    def number(file: m.File) -> int:
        return numbers[file.file]

    written = sentences.message(_line("Here.", files=files), number=number)
    assert written.endswith(" ben: Here. [file 3: report.pdf, 1.2 MB] [file 4: a␛.png, 9 bytes]")
    assert sentences.message(_line("", files=files[:1])).endswith(
        " ben: [file: report.pdf, 1.2 MB]"
    )


def test_a_found_message_names_its_files() -> None:
    hit = m.Hit(1, "kitchen", 1, "ben", "", AT, files=(m.File(70, "report.pdf", 9),))
    found = m.Found([hit], more=False, re=1)

    first, *_ = sentences.replied(m.Search(id=1, words="report"), found)
    assert first.endswith(" kitchen ben: [file: report.pdf, 9 bytes]")


def test_what_is_unsent_is_one_message_or_several() -> None:
    assert "It will be sent" in sentences.unsent(1, kept=True)
    assert "They will be sent" in sentences.unsent(2, kept=True)


@pytest.mark.parametrize("web", ["", "https://chat.example.org:7680/"])
def test_an_invitation_names_a_browser_only_where_the_server_has_pages(web: str) -> None:
    invite = m.RoomInvite(
        "kitchen", "k7qm-2vxh-9rtd", AT, registers=True, host="chat.example.org", web=web, re=1
    )
    lines = list(sentences.invited(invite, Place(Address())))

    assert any(line.startswith(f"In a browser: {web}") for line in lines) is bool(web)
