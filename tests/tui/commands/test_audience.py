"""What is offered to guests is what the protocol lets them do."""

from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from chat_shared import messages as m
from chat_tui.commands import parser
from chat_tui.commands.audience import Audience
from chat_tui.commands.keys import KEYS

# What an action ends in, where its command is no request: in a dialog, say.
_REQUESTS: Final[Mapping[str, type[m.Request]]] = {
    "room.create": m.Create,
    "room.join": m.Join,
    "room.exit": m.Exit,
    "room.new_password": m.NewPassword,
    "room.hand_over": m.HandOver,
    "room.delete": m.DeleteRoom,
    "room.invitations": m.Invitations,
    "room.hooks": m.Hooks,
    "account.sessions": m.Sessions,
    "account.ssh_keys": m.SshKeys,
    "account.logout": m.Logout,
    "account.password": m.Password,
    "account.keep": m.Keep,
    "account.delete": m.DeleteAccount,
    "away": m.Away,
    "search": m.Search,
    "members.toggle": m.Members,
    "log.page_up": m.History,
    "message.upload": m.Upload,
}
# What the client does by itself.
_LOCAL: Final = {
    *("help", "quit", "notify", "log.unread", "log.pick", "room.go", "rooms.toggle"),
    "files.cancel",
}
# What owners do, as the client sees to. No guest is one.
_OF_OWNERS: Final = "room.export"


def _requests_of(command: parser.Command) -> Iterator[type[m.Request]]:
    """Yield what `command` may ask the server for, whatever stands behind it."""
    is_of_guests = command.audience is Audience.GUESTS
    for arguments in ("", "kitchen", "ada hello", "all", "guests", "kitchen k7qm-2vxh-9rtd"):
        match parser.read(f"/{command.name} {arguments}".rstrip(), guest=is_of_guests):
            case parser.SendRequest(request):
                yield type(request)
            case parser.SendDirectMessage():
                yield m.Direct
            case parser.RunAction(action) if action == _OF_OWNERS:
                yield m.NewPassword  # which is for owners too
            case parser.RunAction(action) if action not in _LOCAL:
                yield _REQUESTS[action]


@pytest.mark.parametrize("command", parser.COMMANDS, ids=lambda command: command.name)
def test_a_command_is_for_guests_if_the_server_carries_it_out(command: parser.Command) -> None:
    by_guests = {request.by_guests for request in _requests_of(command)} or {True}

    assert by_guests == {command.audience.includes(guest=True)}


def test_a_key_is_for_guests_if_the_server_carries_it_out() -> None:
    for key in KEYS:
        by_guests = _REQUESTS[key.id].by_guests if key.id in _REQUESTS else True
        assert key.audience.includes(guest=True) == by_guests, key.id


def test_only_guests_keep_an_account() -> None:
    assert [command.name for command in parser.COMMANDS if command.audience is Audience.GUESTS] == [
        "keep"
    ]
    assert "keep" not in [command.name for command in parser.offered(guest=False)]
    assert "create" not in [command.name for command in parser.offered(guest=True)]


def test_what_is_not_for_us_says_so_wherever_we_ask() -> None:
    sentence = "Guests can't do that. /keep makes this account yours."

    assert parser.read("/create attic", guest=True) == parser.InputError(sentence)
    assert parser.explain("create", guest=True) == sentence
    assert list(parser.hints("/create", guest=True)) == []
    assert parser.explain("keep").startswith("You're no guest")
    assert isinstance(parser.read("/create attic"), parser.SendRequest)
