"""The header of a proxy says where a connection comes from, and nothing else passes for one."""

import pytest
from hypothesis import given, strategies as st

from chat_shared.proxy_header import (
    FIXED,
    MAX_REST,
    BadProxyHeaderError,
    Origin,
    length_of_rest,
    read_header,
    write_header,
)

# Laid out by hand from the specification: 192.0.2.7:56324 to 198.51.100.1:443.
BY_HAND = bytes.fromhex("0d0a0d0a000d0a515549540a2111000cc0000207c6336401dc0401bb")

ADDRESSES = st.one_of(st.just(""), st.ip_addresses().map(str))


def read(data: bytes) -> Origin:
    return read_header(data[:FIXED], data[FIXED:])


def test_a_header_laid_out_by_hand_is_read() -> None:
    assert read(BY_HAND) == Origin("192.0.2.7")


@given(ADDRESSES, st.sampled_from(["", "ssh", "web"]), st.binary(max_size=2_000))
def test_what_is_written_is_read(address: str, via: str, public_key: bytes) -> None:
    origin = Origin(address, via, public_key)
    header = write_header(origin)

    assert length_of_rest(header[:FIXED]) == len(header) - FIXED
    assert read(header) == origin


def test_a_proxys_own_connection_comes_from_nowhere_else() -> None:
    assert read(BY_HAND[:12] + b"\x20" + BY_HAND[13:]) == Origin()


def test_extensions_of_others_are_skipped() -> None:
    unique_id = b"\x05\x00\x03abc"
    header = BY_HAND[:14] + bytes([0, 12 + len(unique_id)]) + BY_HAND[16:] + unique_id

    assert read(header) == Origin("192.0.2.7")


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n",  # version 1
        b'{"type":"ping"}\n' * 2,
        BY_HAND[:-1],
        BY_HAND + b"\0",
        BY_HAND[:12] + b"\x31" + BY_HAND[13:],  # another version
        BY_HAND[:13] + b"\x12" + BY_HAND[14:],  # UDP
        BY_HAND[:13] + b"\x21" + BY_HAND[14:],  # too short for IPv6
        BY_HAND[:14] + b"\x00\x0e" + BY_HAND[16:] + b"\x05\x00",
        BY_HAND[:14] + b"\x00\x0f" + BY_HAND[16:] + b"\x05\x00\x09",
    ],
)
def test_anything_else_is_refused(header: bytes) -> None:
    with pytest.raises(BadProxyHeaderError):
        read(header)


def test_a_long_one_is_refused_before_it_is_read() -> None:
    with pytest.raises(BadProxyHeaderError, match="too long"):
        length_of_rest(BY_HAND[:14] + (MAX_REST + 1).to_bytes(2, "big"))
    with pytest.raises(ValueError, match="too long"):
        write_header(Origin("192.0.2.7", "ssh", b"k" * MAX_REST))


@given(st.binary(max_size=60))
def test_no_bytes_do_more_than_be_refused(data: bytes) -> None:
    for attempt in (data, BY_HAND[:FIXED] + data, BY_HAND[:14] + b"\0\x20" + data):
        try:
            read(attempt)
        except BadProxyHeaderError:
            continue
