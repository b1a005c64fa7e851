"""Links are formatted and parsed back; malformed ones are refused with the reason."""

from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from chat_shared.addresses import Node
from chat_shared.errors import BadLink
from chat_shared.limits import MAX_NODES
from chat_shared.links import DEFAULT_PORT, JoinLink, fingerprint_of, parse_link

from .strategies import anything

_hosts = st.one_of(
    st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z0-9]{1,10}){0,3}", fullmatch=True),
    st.ip_addresses().map(str),
)
_ports = st.integers(1, 65_535)
_codes = st.from_regex(r"[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}", fullmatch=True)
_keys = st.from_regex(r"SHA256:[A-Za-z0-9+/]{1,43}", fullmatch=True)
_secrets: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.text().map(lambda text: {"password": text}),
    _codes.map(lambda code: {"code": code}),
    _codes.map(lambda code: {"code": code, "guest": True}),
)
_ssh: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}), st.fixed_dictionaries({"ssh_port": _ports, "ssh_key": _keys})
)
_links = st.builds(
    lambda secret, ssh, **fields: JoinLink(**fields, **secret, **ssh),
    _secrets,
    _ssh,
    host=_hosts,
    port=_ports,
    room=st.text(),
    fingerprint=st.just("") | st.text().map("SHA256:".__add__),
    alts=st.lists(st.builds(Node, _hosts, _ports), max_size=MAX_NODES).map(tuple),
)


@given(_links)
def test_a_formatted_link_is_parsed_back(link: JoinLink) -> None:
    assert parse_link(str(link)) == link


@given(_links)
def test_a_link_is_one_word_of_ascii(link: JoinLink) -> None:
    assert str(link).isascii()
    assert str(link).isprintable()
    assert " " not in str(link)


@given(anything | anything.map("chat://".__add__) | anything.map("chat://host/".__add__))
@example("chat://host/r?fp=SHA256:a b&fp=SHA256:c#d#e")
@example("chat://a[::1]b:7/")
def test_any_text_is_a_link_or_is_refused_with_bad_link(text: str) -> None:
    try:
        link = parse_link(text)
    except BadLink:
        return

    assert parse_link(str(link)) == link


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("chat://example.org", JoinLink("example.org")),
        ("chat://example.org/", JoinLink("example.org", DEFAULT_PORT)),
        ("chat://example.org:/", JoinLink("example.org", DEFAULT_PORT)),
        ("  CHAT://Example.ORG:99/Kitchen \n", JoinLink("example.org", 99, "Kitchen")),
        ("chat://[::1]:99/kitchen", JoinLink("::1", 99, "kitchen")),
        ("chat://[::1]", JoinLink("::1")),
        ("chat://[fe80::1%25lo]:99", JoinLink("fe80::1%lo", 99)),
        (
            "chat://h/k%C3%BCche#k7qm-2vxh-9rtd",
            JoinLink("h", room="küche", password="k7qm-2vxh-9rtd"),
        ),
        ("chat://h/r?fp=SHA256:9F:86", JoinLink("h", room="r", fingerprint="SHA256:9F:86")),
        ("chat://h/r?later=1&fp=", JoinLink("h", room="r")),
        ("chat://h/#p", JoinLink("h", password="p")),
        ("chat://h/r#join-K7QM-2vxh-9rtd", JoinLink("h", room="r", code="k7qm-2vxh-9rtd")),
        (
            "chat://h/r#guest-K7QM-2vxh-9rtd",
            JoinLink("h", room="r", code="k7qm-2vxh-9rtd", guest=True),
        ),
        ("chat://h/r#guest-room", JoinLink("h", room="r", password="guest-room")),
        ("chat://h/r#join-us", JoinLink("h", room="r", password="join-us")),
        (
            "chat://h/?fp=SHA256:9f&ssh=2222:SHA256:Zq%2B3/x",
            JoinLink("h", fingerprint="SHA256:9f", ssh_port=2222, ssh_key="SHA256:Zq+3/x"),
        ),
        (
            "chat://h/?alt=h2.example:1&alt=[2001:db8:0::1]:7667&later=1",
            JoinLink("h", alts=(Node("h2.example", 1), Node("2001:db8::1", 7667))),
        ),
    ],
)
def test_a_link_is_parsed(text: str, link: JoinLink) -> None:
    assert parse_link(text) == link


def test_a_link_is_written_for_a_friend_to_paste() -> None:
    link = JoinLink("::1", 99, "Küche/2", "SHA256:9F:86", "k7qm-2vxh-9rtd")

    assert str(link) == "chat://[::1]:99/K%C3%BCche%2F2?fp=SHA256:9F:86#k7qm-2vxh-9rtd"
    assert str(JoinLink("fe80::1%lo")) == "chat://[fe80::1%25lo]:7667/"
    assert str(JoinLink("h")) == "chat://h:7667/"
    pair = JoinLink("h", 1, fingerprint="SHA256:9F", alts=(Node("h2", 2), Node("::1", 3)))
    assert str(pair) == "chat://h:1/?fp=SHA256:9F&alt=h2:2&alt=%5B::1%5D:3"
    invitation = JoinLink("h", 1, "r", "SHA256:9F", "", "k7qm-2vxh-9rtd", 22, "SHA256:Z+q")
    assert str(invitation) == "chat://h:1/r?fp=SHA256:9F&ssh=22:SHA256:Z%2Bq#join-k7qm-2vxh-9rtd"


def test_a_fingerprint_fits_into_a_link() -> None:
    known = fingerprint_of(b"abc")  # FIPS 180-2's own example

    assert known == "SHA256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert parse_link(str(JoinLink("h", fingerprint=known))).fingerprint == known


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "starts with chat://"),
        ("example.org", "starts with chat://"),
        ("http://example.org", "starts with chat://"),
        ("chat:example.org", "needs a server"),
        ("chat:///kitchen", "needs a server"),
        ("chat://:7667/", "needs a server"),
        ("chat://[::1/", "needs a server"),
        ("chat://ho\u2100st/", "needs a server"),
        ("chat://a host/", "needs a server"),
        ("chat://good.example@evil.example/", "needs a server"),
        ("chat://h:0/", "port"),
        ("chat://h:65536/", "port"),
        ("chat://h:x/", "port"),
        ("chat://h:-1/", "port"),
        ("chat://h/r?fp=sha1:00", "fingerprint"),
        ("chat://h/r?ssh=SHA256:Zq3", "ssh="),
        ("chat://h/r?ssh=65536:SHA256:Zq3", "ssh="),
        ("chat://h/r?alt=h2", "alt= in a link is HOST:PORT"),
        ("chat://h/r?alt=h2:1&alt=h3:0", "alt= in a link is HOST:PORT"),
        ("chat://h/r?alt=ada@h2:1", "alt= in a link is HOST:PORT"),
        (f"chat://h/r?{'&'.join(f'alt=h{n}:1' for n in range(6))}", "at most 5 other addresses"),
        ("chat://h/\x1b[2J", "control characters"),
        ("chat://h/\u202er", "control characters"),
        ("chat://h/\ud800", "control characters"),
        ("chat://h/r\nchat://g/r", "one line"),
    ],
)
def test_a_malformed_link_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(BadLink, match=reason):
        parse_link(text)
