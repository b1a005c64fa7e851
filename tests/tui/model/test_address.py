import socket

import pytest
from hypothesis import given, strategies as st

from chat_tui.model.address import (
    AUTHORITY,
    UNENCRYPTED,
    Address,
    BadAddress,
    Invitation,
    Place,
    read_address,
    read_invitation,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("example.org", Address("example.org", 7667)),
        (" example.org:1 ", Address("example.org", 1)),
        ("127.0.0.1:65535", Address("127.0.0.1", 65535)),
        ("[::1]:99", Address("::1", 99)),
        ("[::1]", Address("::1", 7667)),
        ("[fe80::1%lo]:99", Address("fe80::1%lo", 99)),
        ("[fe80::1%25lo]:99", Address("fe80::1%lo", 99)),
        ("[fe80::1%25]", Address("fe80::1%25", 7667)),
        ("::1", Address("::1", 7667)),
        ("tcp://example.org:1", Address("example.org", 1, plain=True)),
        ("tls://example.org", Address("example.org")),
        ("tls://localhost", Address("localhost", tls=True)),
        ("unix:///run/chat.sock", Address(path="/run/chat.sock")),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "  ", ":1", "host:", "host:0", "host:65536", "host:99999999", "host:x", "a b", "a/b"],
)
def test_a_bad_address_gets_a_sentence(text: str) -> None:
    if text == "host:":
        assert read_address(text) == Address("host")
        return
    with pytest.raises(BadAddress, match=r"^(A server address is|The port)"):
        read_address(text)


def test_an_arabic_digit_is_no_port() -> None:
    with pytest.raises(BadAddress):
        read_address("host:١٢")


@pytest.mark.parametrize(
    "address",
    [
        Address("host"),
        Address("host", 1),
        Address("::1", 2),
        Address("::1", plain=True),
        Address("localhost", tls=True),
        Address(path="/a b/chat.sock"),
    ],
)
def test_a_written_address_can_be_parsed(address: Address) -> None:
    assert read_address(str(address)) == address


def test_a_link_names_the_room_and_its_password() -> None:
    invitation = read_invitation("chat://example.org:1/kitchen#k7qm-2vxh")

    assert invitation == Invitation(Address("example.org", 1), "kitchen", "k7qm-2vxh")


def test_an_address_is_an_invitation_without_a_room() -> None:
    assert read_invitation("example.org") == Invitation(Address("example.org"))


@pytest.mark.parametrize("text", ["http://example.org", "chat://", "chat://host:99999/"])
def test_a_bad_link_gets_a_sentence(text: str) -> None:
    with pytest.raises(BadAddress):
        read_invitation(text)


def test_a_link_names_the_servers_fingerprint() -> None:
    invitation = read_invitation("chat://example.org/?fp=SHA256:ABCDEF")

    assert invitation == Invitation(Address("example.org"), fingerprint="SHA256:abcdef")


@pytest.mark.parametrize(
    "text", ["unix://", "unix://relative", "unix:///a\x1b", "tcp://", "tcp://a/b"]
)
def test_a_bad_address_of_another_kind_gets_a_sentence(text: str) -> None:
    with pytest.raises(BadAddress, match=r"\.$|PORT"):
        read_invitation(text)


@pytest.mark.parametrize(
    "text",
    [
        *("example.org", "example.org:1", "[::1]", "[::1]:99", "127.0.0.1"),
        *("tcp://example.org", "tcp://[::1]:99", "tls://localhost", "unix:///run/chat.sock"),
    ],
)
def test_an_address_is_written_as_it_is_typed(text: str) -> None:
    assert str(read_address(text)) == text


@pytest.mark.parametrize(
    ("place", "trust"),
    [
        (Place(Address("example.org"), encrypted=True, fingerprint="SHA256:aa"), "SHA256:aa"),
        (Place(Address("example.org"), encrypted=True), AUTHORITY),
        (Place(Address("example.org")), UNENCRYPTED),
    ],
)
def test_a_server_is_known_by_its_fingerprint_or_an_authority_or_not_at_all(
    place: Place, trust: str
) -> None:
    assert place.trust == trust


def test_a_server_has_one_key_however_its_address_is_written() -> None:
    assert Address("Example.org").key == Address("example.org", plain=True).key
    assert Address("example.org").key == "example.org:7667"
    assert Address("::1", 1).key == Address("0:0::0:1", 1).key == "[::1]:1"
    assert Address(path="/run/chat.sock").key == "unix:///run/chat.sock"


@pytest.mark.parametrize(
    ("host", "canonical"),
    [
        ("Example.ORG.", "example.org"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("255.1", "255.0.0.1"),
        ("256.1", "256.1"),
        ("１２７.0.0.1", "127.0.0.1"),
        ("::FFFF:127.0.0.1", "127.0.0.1"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-kva.example", "xn--bcher-kva.example"),
        ("bücher。example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),
        ("☕.example", "xn--53h.example"),
        ("\ufeffexample.org", "example.org"),
        ("fe80::1%lo", "fe80::1%lo"),
        (".", "."),
        ("\ud800", "\ud800"),
    ],
)
def test_a_host_has_one_spelling(host: str, canonical: str) -> None:
    assert Address(host).network_host == canonical
    assert Address(Address(host).network_host).network_host == canonical


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("localhost", True),
        ("Localhost.", True),
        ("127.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("a.b", False),
    ],
)
def test_loopback_addresses_are_recognized(host: str, is_loopback: bool) -> None:
    assert Address(host).is_loopback is is_loopback


def test_the_link_of_a_tls_server_can_be_parsed() -> None:
    place = Place(Address("::1", 99), encrypted=True, fingerprint="SHA256:aa")

    invitation = read_invitation(place.link_to("küche", "k7qm"))

    assert invitation == Invitation(Address("::1", 99), "küche", "k7qm", "SHA256:aa")
    assert place.is_meant_by(invitation)


def test_a_server_with_a_trusted_certificate_has_no_fingerprint_in_its_link() -> None:
    link = Place(Address("example.org"), encrypted=True).link_to("kitchen", "k7qm")

    assert link == "chat://example.org:7667/kitchen#k7qm"


def test_without_tls_there_is_no_link() -> None:
    assert Place(Address(path="/run/chat.sock")).link_to("kitchen", "k7qm") == ""


def test_a_server_is_recognized_by_its_address_or_its_fingerprint() -> None:
    place = Place(Address("example.org"), encrypted=True, fingerprint="SHA256:aa")

    assert place.is_meant_by(Invitation(Address("EXAMPLE.org")))
    assert place.is_meant_by(Invitation(Address("192.0.2.1"), fingerprint="SHA256:aa"))
    assert not place.is_meant_by(Invitation(Address("192.0.2.1"), fingerprint="SHA256:bb"))
    assert not Place(Address("a")).is_meant_by(Invitation(Address("b")))


_PARTS = st.sampled_from(
    ["0", "00", "1", "127", "255", "256", "0x7f", "0x", "08", "017", "65536", "16777216", "x"]
)
_NUMBERS = st.sampled_from(
    ["4294967295", "4294967296", "0xffffffff", "037777777777", "040000000000"]
)


@given(st.lists(_PARTS | _NUMBERS, min_size=1, max_size=5).map(".".join))
def test_short_ip_addresses_are_those_that_resolvers_take(host: str) -> None:
    try:
        expected = socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        expected = host

    assert Address(host).network_host == expected
