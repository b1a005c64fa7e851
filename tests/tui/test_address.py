import pytest

from chat_tui.address import Address, BadAddress, Invitation, read_address, read_invitation


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("example.org", Address("example.org", 7667)),
        (" example.org:1 ", Address("example.org", 1)),
        ("127.0.0.1:65535", Address("127.0.0.1", 65535)),
        ("[::1]:99", Address("::1", 99)),
        ("[::1]", Address("::1", 7667)),
        ("::1", Address("::1", 7667)),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "  ", ":1", "host:", "host:0", "host:65536", "host:99999999", "host:x", "a b", "a/b"],
)
def test_what_is_no_address_gets_a_sentence(text: str) -> None:
    if text == "host:":
        assert read_address(text) == Address("host")
        return
    with pytest.raises(BadAddress, match=r"^(A server is|The port)"):
        read_address(text)


def test_an_arabic_digit_is_no_port() -> None:
    with pytest.raises(BadAddress):
        read_address("host:١٢")


@pytest.mark.parametrize("address", [Address("host"), Address("host", 1), Address("::1", 2)])
def test_what_is_written_is_read_again(address: Address) -> None:
    assert read_address(str(address)) == address


def test_a_link_names_the_room_and_what_opens_it() -> None:
    invitation = read_invitation("chat://example.org:1/kitchen#k7qm-2vxh")

    assert invitation == Invitation(Address("example.org", 1), "kitchen", "k7qm-2vxh")


def test_an_address_is_an_invitation_without_a_room() -> None:
    assert read_invitation("example.org") == Invitation(Address("example.org"))


@pytest.mark.parametrize("text", ["http://example.org", "chat://", "chat://host:99999/"])
def test_a_link_that_cannot_be_followed_gets_a_sentence(text: str) -> None:
    with pytest.raises(BadAddress):
        read_invitation(text)
