"""The other addresses of a server, as options, `hello` and links have them."""

import pytest
from hypothesis import example, given

from chat_shared.addresses import Node, parse_node

from .strategies import anything


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("chat2.example.org:7667", Node("chat2.example.org", 7667)),
        ("10.0.0.6:1", Node("10.0.0.6", 1)),
        ("[2001:db8::6]:65535", Node("2001:db8::6", 65_535)),
        ("[64:ff9b::]:7667", Node("64:ff9b::", 7667)),
    ],
)
def test_a_node_is_a_host_and_a_port(text: str, node: Node) -> None:
    assert parse_node(text) == node
    assert str(node) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "chat2", "chat2:", ":7667", "chat2:0", "chat2:07667", "chat2:65536", "chat2:7667\n"),
        *("::1:7667", "[::1]", "[10.0.0.6]:7667", "[fe80::1%lo]:7667", "tls://chat2:7667"),
        *("ada@chat2:7667", "chat2:7667/room", "ch\u00e4t2:7667", "-chat2:7667", f"{'h' * 254}:1"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"^Use HOST:PORT, such as chat2\.example\.org:7667\.$"):
        parse_node(text)


@given(anything | anything.map("{}:7667".format) | anything.map("[{}]:7667".format))
@example("[::ffff:10.0.0.6]:7667")
def test_any_text_is_a_node_that_is_written_as_it_is_read_or_is_refused(text: str) -> None:
    try:
        node = parse_node(text)
    except ValueError:
        return

    assert parse_node(str(node)) == node
    assert str(node).isascii()
