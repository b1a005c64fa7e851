"""The confirmation of a granted request."""

import pytest

from chat_shared import messages as m
from chat_tui.commands.guests_text import CAN_RETURN
from chat_tui.commands.replies import confirmation


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        (m.Topic(id=1, room="kitchen", topic="Soup"), "Topic set."),
        (m.Topic(id=1, room="kitchen", topic=""), "Topic cleared."),
        (
            m.Kick(id=1, room="kitchen", name="ben"),
            "Kicked ben. They can rejoin with the password.",
        ),
        (
            m.Kick(id=1, room="kitchen", name="guest-mia"),
            f"Kicked guest-mia. {CAN_RETURN}",
        ),
        (m.Ban(id=1, room="kitchen", name="ben"), "Banned ben. Undo with /unban ben."),
        (
            m.Unban(id=1, room="kitchen", name="ben"),
            "Unbanned ben. They can rejoin with the password or an invitation.",
        ),
        (m.Mute(id=1, room="kitchen", name="ben"), "Muted ben. Undo with /unmute ben."),
        (m.Unmute(id=1, room="kitchen", name="ben"), "Unmuted ben."),
        (m.HandOver(id=1, room="kitchen", name="ben"), "ben is now the owner."),
        (m.DeleteRoom(id=1, room="kitchen"), "Deleted kitchen and all its messages."),
        (
            m.Block("ben", id=1),
            "Blocked ben. You can't send each other direct messages. Undo with /unblock ben.",
        ),
        (m.Unblock("ben", id=1), "Unblocked ben."),
        (m.Away(id=1, text="Back at five."), "You're away: Back at five."),
        (m.Away(id=1, text=""), "You're no longer away."),
        (
            m.Password(id=1, old="a", new="b"),
            "Password changed. Your other devices are logged out, and SSH keys removed.",
        ),
        (
            m.AddSshKey(id=1, key="ssh-ed25519 AAAA", password="a"),
            "Added. From now on, ssh logs you in by this key.",
        ),
        (m.RemoveSshKey(id=1, fingerprint="SHA256:a"), "Removed. It no longer logs you in."),
        (m.Revoke(id=1, session="phone"), "Logged out that device."),
        (m.Revoke(id=1), ""),
        (m.Ping(id=1), ""),
    ],
)
def test_a_granted_request_is_confirmed(request_: m.Request, sentence: str) -> None:
    assert confirmation(request_, m.Ok(re=1)) == sentence


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], "You haven't blocked anyone."),
        (["Ben"], "You have blocked 1 person: Ben."),
        (["Ben", "Cleo"], "You have blocked 2 people: Ben, Cleo."),
    ],
)
def test_blocked_people_are_listed(names: list[str], sentence: str) -> None:
    assert confirmation(m.Blocked(id=1), m.BlockedList(names, re=1)) == sentence


@pytest.mark.parametrize("reply", [None, m.Error("forbidden", "No."), m.Pong(re=1)])
def test_a_refused_request_is_not_confirmed(reply: m.Reply | None) -> None:
    assert confirmation(m.Block("ben", id=1), reply) == ""
