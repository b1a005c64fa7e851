"""A block is encoded once, however many receive it."""

from collections.abc import Sequence

from chat_server.sessions.blocks import Block
from chat_shared import messages as m


class CountingEncoder:
    """Encodes, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, messages: Sequence[m.Message]) -> bytes:
        self.calls += 1
        return m.encode_all(messages)


_EVENTS: list[m.Event] = [m.Entered("general", "Ada"), m.Left("general", "Ben")]


def test_a_block_is_its_events_in_order() -> None:
    assert Block(_EVENTS).encoded(m.encode_all) == b"".join(m.encode(event) for event in _EVENTS)


def test_all_sessions_of_a_protocol_share_one_encoding() -> None:
    encode = CountingEncoder()
    block = Block(_EVENTS)

    first, second = block.encoded(encode), block.encoded(encode)

    assert first is second
    assert encode.calls == 1


def test_another_protocol_costs_one_more_encoding() -> None:
    native, other = CountingEncoder(), CountingEncoder()
    block = Block(_EVENTS)
    for encode in (native, other, native, other):
        block.encoded(encode)

    assert (native.calls, other.calls) == (1, 1)


def test_a_block_without_recipients_is_never_encoded() -> None:
    assert Block(_EVENTS).events is _EVENTS
