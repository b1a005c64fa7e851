"""Two connected ends decode each other's messages, however the bytes are split."""

from typing import TypeAlias

import pytest
from hypothesis import given, strategies as st

from chat_shared import messages as m
from chat_shared.connection import Connection, Role, State
from chat_shared.errors import (
    BadFrame,
    Code,
    LocalProtocolError,
    Refused,
    RemoteProtocolError,
)
from chat_shared.limits import MAX_FRAME

from .strategies import EVENTS, MESSAGES, REPLIES, REQUESTS, built, cut, type_of

_HELLO = m.Hello(1, "Kitchen table", "0.1.0", "open")
_WELCOME = m.Welcome("Ada", "token", [], re=1)
_BYE = m.Bye("Until tomorrow.")
_PING = m.Ping(id=1)

_Types: TypeAlias = set[type[m.Message]]

# Written down a second time, from PROTOCOL.md and not from the table that is tested.
_LOG_IN: _Types = {m.Register, m.RegisterGuest, m.Login, m.LoginByKey, m.Resume, m.OpenHook}
_REQUESTS: _Types = {*REQUESTS}
_ANSWERS: _Types = {*REPLIES, *EVENTS}
_LEGAL: dict[Role, dict[State, _Types]] = {
    Role.CLIENT: {
        State.OPENING: set(),
        State.GREETED: {*_LOG_IN, m.CheckSshKey, m.Ping},
        State.LOGGED_IN: _REQUESTS - _LOG_IN - {m.CheckSshKey},
        State.CLOSED: set(),
    },
    Role.SERVER: {
        State.OPENING: {m.Hello, m.Error, m.Bye},
        State.GREETED: {m.Welcome, m.HookOpened, m.SshKeyChecked, m.Pong, m.Error, m.Bye},
        State.LOGGED_IN: _ANSWERS - {m.Hello, m.Welcome, m.HookOpened, m.SshKeyChecked},
        State.CLOSED: set(),
    },
}
_MOVES: dict[type[m.Message], State] = {
    m.Hello: State.GREETED,
    m.Welcome: State.LOGGED_IN,
    m.HookOpened: State.LOGGED_IN,
    m.Bye: State.CLOSED,
}
_WAY: dict[State, list[m.Message]] = {
    State.OPENING: [],
    State.GREETED: [_HELLO],
    State.LOGGED_IN: [_HELLO, _WELCOME],
    State.CLOSED: [_BYE],
}
_SAMPLES: dict[type[m.Message], m.Message] = {
    m.Register: m.Register("ada", "correct horse", id=1),
    m.RegisterGuest: m.RegisterGuest("mia", "k7qm-2vxh-9rtd", id=1),
    m.Login: m.Login("ada", "correct horse", id=1),
    m.Resume: m.Resume("token", {}, id=1),
    m.Post: m.Post("general", "Hi", "n", id=1),
    m.Create: m.Create("kitchen", id=1),
    m.Join: m.Join("kitchen", id=1),
    m.Exit: m.Exit("kitchen", id=1),
    m.History: m.History("kitchen", id=1),
    m.Members: m.Members("kitchen", id=1),
    m.Ping: _PING,
    m.Logout: m.Logout(id=1),
    m.Sessions: m.Sessions(id=1),
    m.Revoke: m.Revoke("1f0a77c3b2", id=1),
    m.LoginByKey: m.LoginByKey("ada", id=1),
    m.CheckSshKey: m.CheckSshKey("ada", "ssh-ed25519 AAAA", id=1),
    m.SshKeys: m.SshKeys(id=1),
    m.AddSshKey: m.AddSshKey("ssh-ed25519 AAAA", "secret", id=1),
    m.RemoveSshKey: m.RemoveSshKey("SHA256:47DEQpj8HBSa", id=1),
    m.Preferences: m.Preferences(id=1),
    m.SetPreferences: m.SetPreferences({"theme": "dark"}, id=1),
    m.PreferenceList: m.PreferenceList({}, re=1),
    m.PreferencesChanged: m.PreferencesChanged({"theme": "dark"}),
    m.Password: m.Password("correct horse", "wrong hearse", id=1),
    m.DeleteAccount: m.DeleteAccount("correct horse", id=1),
    m.Keep: m.Keep("correct horse", id=1),
    m.Welcome: _WELCOME,
    m.Accepted: m.Accepted("general", 1, "", re=1),
    m.Created: m.Created("kitchen", "k7qm-2vxh-9rtd", re=1),
    m.Joined: m.Joined("kitchen", "", "", 0, [], re=1),
    m.Ok: m.Ok(re=1),
    m.Page: m.Page("kitchen", [], more=False, re=1),
    m.MemberPage: m.MemberPage("kitchen", [], re=1),
    m.SessionList: m.SessionList([], re=1),
    m.SshKeyList: m.SshKeyList([], re=1),
    m.SshKeyChecked: m.SshKeyChecked(True, re=1),
    m.BlockedList: m.BlockedList([], re=1),
    m.Pong: m.Pong(re=1),
    m.Error: m.Error("internal", "Sorry."),
    m.Hello: _HELLO,
    m.Posted: m.Posted("general", 1, "Ada", "Hi", ""),
    m.Entered: m.Entered("general", "Ada"),
    m.Left: m.Left("general", "Ada"),
    m.IsMuted: m.IsMuted("general"),
    m.Gap: m.Gap("general", 1, 9),
    m.Restored: m.Restored("general", 9, 4),
    m.Notice: m.Notice("Soup is ready."),
    m.Away: m.Away("Soup.", id=1),
    m.Edit: m.Edit("kitchen", 1, "Hi", "n", id=1),
    m.Delete: m.Delete("kitchen", 1, "n", id=1),
    m.React: m.React("kitchen", 1, "🍲", "n", id=1),
    m.Direct: m.Direct("Ben", id=1),
    m.Block: m.Block("Ben", id=1),
    m.Unblock: m.Unblock("Ben", id=1),
    m.Blocked: m.Blocked(id=1),
    m.LookUp: m.LookUp("kitchen", [1], id=1),
    m.Search: m.Search("soup", id=1),
    m.Mentions: m.Mentions(id=1),
    m.Read: m.Read("kitchen", 1, id=1),
    m.Watch: m.Watch("kitchen", id=1),
    m.Typing: m.Typing("kitchen", id=1),
    m.Topic: m.Topic("kitchen", "Soup", id=1),
    m.NewPassword: m.NewPassword("kitchen", id=1),
    m.Invite: m.Invite("kitchen", id=1),
    m.InviteGuests: m.InviteGuests("kitchen", id=1),
    m.Invitations: m.Invitations("kitchen", id=1),
    m.RevokeInvitation: m.RevokeInvitation("kitchen", 1, id=1),
    m.CreateHook: m.CreateHook("kitchen", "builds", id=1),
    m.Hooks: m.Hooks("kitchen", id=1),
    m.RemoveHook: m.RemoveHook("kitchen", 1, id=1),
    m.OpenHook: m.OpenHook("code", id=1),
    m.HookCreated: m.HookCreated("kitchen", 1, "builds (hook)", "code", re=1),
    m.HookList: m.HookList("kitchen", [], re=1),
    m.HookOpened: m.HookOpened("kitchen", "builds (hook)", re=1),
    m.Kick: m.Kick("kitchen", "Ben", id=1),
    m.Ban: m.Ban("kitchen", "Ben", id=1),
    m.Unban: m.Unban("kitchen", "Ben", id=1),
    m.Mute: m.Mute("kitchen", "Ben", id=1),
    m.Unmute: m.Unmute("kitchen", "Ben", id=1),
    m.MuteOf: m.MuteOf("kitchen", "Ben", id=1),
    m.HandOver: m.HandOver("kitchen", "Ben", id=1),
    m.DeleteRoom: m.DeleteRoom("kitchen", id=1),
    m.Audit: m.Audit("kitchen", id=1),
    m.Upload: m.Upload("kitchen", "soup.txt", 4, "0" * 64, id=1),
    m.SendChunk: m.SendChunk(1, 0, b"soup", id=1),
    m.CancelUpload: m.CancelUpload(1, id=1),
    m.Download: m.Download(1, 0, id=1),
    m.UploadState: m.UploadState(1, 0, re=1),
    m.FileChunk: m.FileChunk(1, 0, b"soup", re=1),
    m.Lines: m.Lines("kitchen", [], re=1),
    m.Found: m.Found([], more=False, re=1),
    m.MuteInfo: m.MuteInfo("kitchen", "Ben", False, re=1),
    m.RoomPassword: m.RoomPassword("kitchen", "k7qm-2vxh-9rtd", re=1),
    m.RoomInvite: m.RoomInvite("kitchen", "k7qm-2vxh-9rtd", "", re=1),
    m.InvitationList: m.InvitationList("kitchen", [], re=1),
    m.AuditPage: m.AuditPage("kitchen", [], more=False, re=1),
    m.Edited: m.Edited("kitchen", 2, 1, "Ada", "", "Hi"),
    m.Deleted: m.Deleted("kitchen", 2, 1, "Ada", ""),
    m.Reacted: m.Reacted("kitchen", 2, 1, "Ada", "", "🍲"),
    m.Changed: m.Changed("kitchen", "Soup", "Ada"),
    m.Audited: m.Audited("kitchen", m.AuditEntry(1, "", "Ada", "topic")),
    m.ReadTo: m.ReadTo("kitchen", 1),
    m.Presence: m.Presence("kitchen", []),
    m.IsTyping: m.IsTyping("kitchen", "Ben"),
    m.Bye: _BYE,
}

every_state = pytest.mark.parametrize("state", State, ids=lambda state: state.name)
every_request = pytest.mark.parametrize("cls", REQUESTS, ids=type_of)
every_answer = pytest.mark.parametrize("cls", [*REPLIES, *EVENTS], ids=type_of)


def _pair(state: State) -> tuple[Connection, Connection]:
    """Return a client and a server whose connection is in `state`."""
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    for message in _WAY[state]:
        client.receive(server.send(message))
        assert client.next_message() == message
    assert client.state is server.state is state
    return client, server


def _receive(connection: Connection, chunks: list[bytes]) -> list[m.Message]:
    """Return the messages in `chunks`, each read as soon as it is complete."""
    received = []
    for chunk in chunks:
        connection.receive(chunk)
        while (message := connection.next_message()) is not None:
            received.append(message)
    return received


def _in_order(types: _Types) -> list[type[m.Message]]:
    """Return `types` in an order that is the same in every run, as a set's is not."""
    return [cls for cls in MESSAGES if cls in types]


@st.composite
def sent_by_server(draw: st.DrawFn) -> list[m.Message]:
    """The messages of a server over a whole connection: any legal ones, `bye` included."""

    def some_of(state: State) -> list[m.Message]:
        staying = _LEGAL[Role.SERVER][state] - set(_MOVES)
        return draw(st.lists(st.one_of([built(cls) for cls in _in_order(staying)]), max_size=4))

    return [
        *some_of(State.OPENING),
        draw(built(m.Hello)),
        *some_of(State.GREETED),
        draw(built(m.Welcome)),
        *some_of(State.LOGGED_IN),
        draw(built(m.Bye)),
    ]


@st.composite
def asked_while(draw: st.DrawFn, state: State) -> list[m.Message]:
    """Any requests that are legal in `state`, any number of them."""
    legal = [built(cls) for cls in _in_order(_LEGAL[Role.CLIENT][state])]
    return draw(st.lists(st.one_of(legal), max_size=6))


def test_there_is_a_sample_of_every_message() -> None:
    assert set(_SAMPLES) == set(MESSAGES)


@given(sent=sent_by_server(), data=st.data())
def test_a_client_receives_what_a_server_sent_however_it_was_split(
    sent: list[m.Message], data: st.DataObject
) -> None:
    client, server = Connection(Role.CLIENT), Connection(Role.SERVER)
    stream = b"".join(map(server.send, sent))

    assert _receive(client, data.draw(cut(stream))) == sent
    assert client.state is server.state is State.CLOSED


@pytest.mark.parametrize("state", [State.GREETED, State.LOGGED_IN], ids=lambda state: state.name)
@given(data=st.data())
def test_a_server_receives_what_a_client_sent_however_it_was_split(
    state: State, data: st.DataObject
) -> None:
    client, server = _pair(state)
    asked = data.draw(asked_while(state))
    stream = b"".join(map(client.send, asked))

    assert _receive(server, data.draw(cut(stream))) == asked
    assert client.state is server.state is state


def test_both_ends_decode_each_other_byte_by_byte() -> None:
    pong, posted, notice = _SAMPLES[m.Pong], _SAMPLES[m.Posted], m.Notice("Töpfe 🍲")
    sent = [_HELLO, pong, _WELCOME, posted, notice, _BYE]
    stream = m.encode_all(sent)
    asked: list[m.Message] = [m.Post("general", "Töpfe 🍲", "n", id=2), _PING]
    requests = m.encode_all(asked)

    for at in range(len(stream) + 1):
        assert _receive(Connection(Role.CLIENT), [stream[:at], stream[at:]]) == sent
    for at in range(len(requests) + 1):
        assert _receive(_pair(State.LOGGED_IN)[1], [requests[:at], requests[at:]]) == asked
    assert _receive(Connection(Role.CLIENT), [bytes([byte]) for byte in stream]) == sent
    assert _receive(_pair(State.LOGGED_IN)[1], [bytes([byte]) for byte in requests]) == asked


@every_state
@every_request
def test_a_client_sends_legal_messages_and_no_others(cls: type[m.Request], state: State) -> None:
    client, _ = _pair(state)
    request = _SAMPLES[cls]

    if cls in _LEGAL[Role.CLIENT][state]:
        assert client.send(request) == m.encode(request)
    else:
        with pytest.raises(LocalProtocolError, match=f"a client.*{state.name}.*{type_of(cls)}"):
            client.send(request)
    assert client.state is state


@every_state
@every_answer
def test_a_server_sends_legal_messages_and_no_others(
    cls: type[m.Reply | m.Event], state: State
) -> None:
    _, server = _pair(state)
    answer = _SAMPLES[cls]

    if cls in _LEGAL[Role.SERVER][state]:
        assert server.send(answer) == m.encode(answer)
        assert server.state is _MOVES.get(cls, state)
    else:
        with pytest.raises(LocalProtocolError, match=f"a server.*{state.name}.*{type_of(cls)}"):
            server.send(answer)
        assert server.state is state


@every_state
def test_neither_end_sends_messages_of_the_other(state: State) -> None:
    client, server = _pair(state)
    for cls in REQUESTS:
        with pytest.raises(LocalProtocolError):
            server.send(_SAMPLES[cls])
    for answer in (*REPLIES, *EVENTS):
        with pytest.raises(LocalProtocolError):
            client.send(_SAMPLES[answer])


@pytest.mark.parametrize("state", list(State)[:-1], ids=lambda state: state.name)
@every_request
def test_a_server_refuses_a_request_at_the_wrong_time_and_goes_on(
    cls: type[m.Request], state: State
) -> None:
    _, server = _pair(state)
    server.receive(m.encode(_SAMPLES[cls]))

    if cls in _LEGAL[Role.CLIENT][state]:
        assert server.next_message() == _SAMPLES[cls]
    else:
        with pytest.raises(Refused) as caught:
            server.next_message()
        in_already = state is State.LOGGED_IN
        assert caught.value.code is (Code.ALREADY_LOGGED_IN if in_already else Code.NOT_LOGGED_IN)
        assert caught.value.re == 1
    assert server.state is state
    assert server.next_message() is None


@pytest.mark.parametrize("state", list(State)[:-1], ids=lambda state: state.name)
@every_answer
def test_a_client_disconnects_from_a_server_that_answers_at_the_wrong_time(
    cls: type[m.Reply | m.Event], state: State
) -> None:
    client, _ = _pair(state)
    client.receive(m.encode(_SAMPLES[cls]))

    if cls in _LEGAL[Role.SERVER][state]:
        assert client.next_message() == _SAMPLES[cls]
        assert client.state is _MOVES.get(cls, state)
    else:
        with pytest.raises(RemoteProtocolError, match=f"{type_of(cls)} while {state.name}"):
            client.next_message()
        assert client.state is state
        client.receive(m.encode(_BYE))
        assert client.next_message() is None


def test_a_request_sent_ahead_is_checked_in_its_turn() -> None:
    _, server = _pair(State.GREETED)
    server.receive(m.encode_all([_SAMPLES[m.Login], _SAMPLES[m.Post]]))

    assert server.next_message() == _SAMPLES[m.Login]
    server.send(_WELCOME)
    assert server.next_message() == _SAMPLES[m.Post]


def test_a_request_is_refused_and_the_next_one_received() -> None:
    _, server = _pair(State.LOGGED_IN)
    server.receive(b'{"type":"dance","id":3}\n')
    server.receive(m.encode_all([_SAMPLES[m.Login], _PING]))

    with pytest.raises(Refused, match="No such"):
        server.next_message()
    with pytest.raises(Refused, match="already"):
        server.next_message()
    assert server.next_message() == _PING
    assert server.state is State.LOGGED_IN


def test_an_event_of_a_later_version_is_skipped() -> None:
    client, _ = _pair(State.LOGGED_IN)
    notice = m.Notice("Soup is ready.")
    client.receive(b'{"type":"later","x":[1]}\n{"type":"even later"}\n' + m.encode(notice))

    assert client.next_message() == notice
    assert client.next_message() is None


@pytest.mark.parametrize("role", Role, ids=lambda role: role.name)
@pytest.mark.parametrize("bytes_", [b"null\n", b"x" * (MAX_FRAME + 1)])
def test_after_a_bad_frame_nothing_is_received(role: Role, bytes_: bytes) -> None:
    connection = Connection(role)
    legal = m.encode(_HELLO if role is Role.CLIENT else _PING)
    connection.receive(bytes_ + b"\n" + legal)

    with pytest.raises(BadFrame):
        connection.next_message()
    assert connection.next_message() is None
    connection.receive(legal)
    assert connection.next_message() is None


def test_after_a_bad_frame_nothing_is_received_whatever_is_sent() -> None:
    _, server = _pair(State.OPENING)
    server.receive(b"null\n")
    with pytest.raises(BadFrame):
        server.next_message()

    for message in (_HELLO, _WELCOME):
        server.send(message)
        server.receive(m.encode(_PING))
        assert server.next_message() is None


@pytest.mark.parametrize("state", list(State)[:-1], ids=lambda state: state.name)
def test_after_a_bad_frame_a_server_still_sends_error_and_bye(state: State) -> None:
    client, server = _pair(state)
    server.receive(b"null\n")
    with pytest.raises(BadFrame):
        server.next_message()

    why = m.Error(Code.BAD_REQUEST, "A frame is one JSON object in UTF-8.")
    assert _receive(client, [server.send(why), server.send(_BYE)]) == [why, _BYE]
    assert client.state is server.state is State.CLOSED


def test_messages_before_a_bad_frame_are_received() -> None:
    client = Connection(Role.CLIENT)
    client.receive(m.encode(_HELLO) + b"null\n")

    assert client.next_message() == _HELLO
    with pytest.raises(BadFrame):
        client.next_message()


def test_after_bye_nothing_is_received() -> None:
    client, server = _pair(State.LOGGED_IN)
    client.receive(server.send(_BYE) + m.encode(m.Notice("One more thing.")))

    assert client.next_message() == _BYE
    assert client.next_message() is None


def test_the_end_that_sent_bye_receives_nothing_more() -> None:
    _, server = _pair(State.LOGGED_IN)
    server.receive(m.encode(_PING))
    server.send(_BYE)

    assert server.next_message() is None
    server.receive(m.encode(_PING))
    assert server.next_message() is None


def test_a_message_that_is_too_long_is_not_sent_and_changes_nothing() -> None:
    _, server = _pair(State.LOGGED_IN)
    around = len(m.encode(m.Bye("")))

    with pytest.raises(LocalProtocolError, match="bye would be 65,537 bytes long"):
        server.send(m.Bye("x" * (MAX_FRAME - around + 1)))
    assert server.state is State.LOGGED_IN
    assert len(server.send(m.Bye("x" * (MAX_FRAME - around)))) == MAX_FRAME


def test_half_a_character_cannot_be_sent_and_changes_nothing() -> None:
    _, server = _pair(State.LOGGED_IN)

    with pytest.raises(LocalProtocolError, match="bye holds half a character"):
        server.send(m.Bye("\ud83d"))
    assert server.state is State.LOGGED_IN
