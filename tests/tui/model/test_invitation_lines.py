"""An invitation as lines to copy, none of which does more in a shell than it seems to."""

import shlex

import pytest
from msgspec.structs import replace

from chat_shared import messages as m
from chat_shared.addresses import Node
from chat_shared.links import JoinLink, parse_link
from chat_tui.model.address import Address, Place
from chat_tui.model.invitation_lines import InvitationLines, lines_of

CODE, PIN, KEY = "k7qm-2vxh-9rtd", f"SHA256:{'a' * 64}", f"SHA256:{'Z' * 42}+"
INVITE = m.RoomInvite(
    "küche", CODE, "2026-11-29T12:00:00.000Z", registers=True,
    host="chat.example.org", port=7667, fingerprint=PIN, ssh_port=2222, ssh_key=KEY, re=1,
)  # fmt: skip
SOCKET = Place(Address(path="/run/proxy.sock"))  # as at the gateway, where nobody knows the host


def test_what_the_server_says_is_enough() -> None:
    lines = lines_of(INVITE, SOCKET)

    assert lines.ssh == "ssh -p 2222 join-k7qm-2vxh-9rtd@chat.example.org"
    assert lines.ssh_key == KEY
    assert lines.ssh_link == lines.qr == "ssh://join-k7qm-2vxh-9rtd@chat.example.org:2222"
    assert lines.join == "/join küche k7qm-2vxh-9rtd"
    assert parse_link(lines.link) == JoinLink(
        "chat.example.org", 7667, "küche", PIN, "", CODE, 2222, KEY
    )
    assert shlex.split(lines.chat_tui) == ["chat-tui", lines.link]
    assert lines.code == CODE


def test_a_link_for_guests_is_one_everywhere() -> None:
    lines = lines_of(replace(INVITE, guests=20, web="https://chat.example.org/"), SOCKET)

    assert lines.ssh == f"ssh -p 2222 guest-{CODE}@chat.example.org"
    assert lines.ssh_link == f"ssh://guest-{CODE}@chat.example.org:2222"
    assert lines.web == lines.qr == f"https://chat.example.org/#guest-{CODE}"
    assert parse_link(lines.link).guest
    assert lines.join == ""


def test_an_address_that_the_inviting_client_uses_itself_is_better() -> None:
    place = Place(Address("chat.example.net", 99), encrypted=True, fingerprint=PIN)
    lines = lines_of(INVITE, place)

    assert lines.ssh.endswith("@chat.example.net")
    assert lines.link.startswith(f"chat://chat.example.net:99/k%C3%BCche?fp={PIN}&ssh=2222:")


@pytest.mark.parametrize("address", [Address("127.0.0.1"), Address("localhost", tls=True)])
def test_but_not_one_that_only_this_computer_has(address: Address) -> None:
    lines = lines_of(INVITE, Place(address, encrypted=True, fingerprint=PIN))

    assert lines.link.startswith("chat://chat.example.org:7667/")


@pytest.mark.parametrize(
    ("place", "alts"),
    [
        (SOCKET, (Node("chat2.example.org", 7667), Node("10.0.0.6", 99))),
        (Place(Address("10.0.0.6", 99), encrypted=True), (Node("chat2.example.org", 7667),)),
    ],
)
def test_where_else_the_server_may_be_is_in_the_link(place: Place, alts: tuple[Node, ...]) -> None:
    others = Node("chat2.example.org", 7667), Node("10.0.0.6", 99)

    lines = lines_of(INVITE, place.known_as(place.address, others))

    assert parse_link(lines.link).alts == alts


def test_there_may_be_no_way_but_the_code() -> None:
    unlisted = replace(INVITE, port=0, ssh_port=0)

    assert lines_of(unlisted, SOCKET) == InvitationLines(CODE, join=f"/join küche {CODE}")
    assert lines_of(unlisted, SOCKET).qr == ""


def test_without_ssh_the_qr_code_has_the_link() -> None:
    lines = lines_of(replace(INVITE, ssh_port=0), SOCKET)

    assert (lines.ssh, lines.ssh_key, lines.qr) == ("", "", lines.link)
    assert "ssh=" not in lines.link


def test_with_pages_for_browsers_the_qr_code_leads_there() -> None:
    lines = lines_of(replace(INVITE, web="https://chat.example.org:7680/"), SOCKET)

    assert lines.web == lines.qr == "https://chat.example.org:7680/#join-k7qm-2vxh-9rtd"


@pytest.mark.parametrize(
    "web",
    [
        "", "http://chat.example.org/", "javascript:alert(1)", "https://a@b/", "https://h/?x=$(id)",
        "https://h/#x", "https://h:0/", "https://h/`id`", "https://h/\x1b[2J", "https://[fe80::1/",
    ],
)  # fmt: skip
def test_other_addresses_of_pages_are_left_out(web: str) -> None:
    lines = lines_of(replace(INVITE, web=web), SOCKET)

    assert (lines.web, lines.qr) == ("", lines.ssh_link)


def test_an_invitation_to_general_names_no_room() -> None:
    lines = lines_of(replace(INVITE, room="general"), SOCKET)

    assert lines.join == ""
    assert parse_link(lines.link).room == ""


def test_the_port_of_ssh_itself_and_ipv6_are_written_as_ssh_takes_them() -> None:
    lines = lines_of(replace(INVITE, host="2001:db8::1", ssh_port=22), SOCKET)

    assert lines.ssh == f"ssh join-{CODE}@2001:db8::1"
    assert lines.ssh_link == f"ssh://join-{CODE}@[2001:db8::1]:22"


_EVIL = ["a;reboot", "$(reboot)", "-oProxyCommand=reboot", "a b", "a\nreboot", "\x1b[2J", "'", ""]


@pytest.mark.parametrize("evil", _EVIL)
def test_a_hostile_server_gets_nothing_into_a_shell(evil: str) -> None:
    lines = lines_of(replace(INVITE, host=evil), SOCKET)
    assert (lines.ssh, lines.link, lines.chat_tui) == ("", "", "")

    lines = lines_of(replace(INVITE, room=evil), SOCKET)
    assert shlex.split(lines.chat_tui) == ["chat-tui", lines.link]

    lines = lines_of(replace(INVITE, ssh_key=evil), SOCKET)
    assert (lines.ssh_key, "ssh=" in lines.link) == ("", False)

    lines = lines_of(replace(INVITE, code=evil), SOCKET)
    assert (lines.ssh, lines.link, lines.join) == ("", "", "")
    assert "\n" not in lines.code


@pytest.mark.parametrize("port", [65_536, 2**53 - 1])
def test_a_port_is_one(port: int) -> None:
    lines = lines_of(replace(INVITE, port=port, ssh_port=port), SOCKET)

    assert (lines.ssh, lines.link) == ("", "")
