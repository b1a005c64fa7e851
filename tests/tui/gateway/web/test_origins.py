"""Whose address counts, and which pages may connect."""

from ipaddress import ip_network

import pytest

from chat_tui.gateway.web.origins import Origins, UnknownPersonError

BEHIND_PROXIES = Origins([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),  # a stranger who claims to be a proxy
        ("::ffff:192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("2001:db8::1:2", [], "2001:db8::/64"),
        ("10.0.0.5", ["198.51.100.7"], "198.51.100.7"),
        ("::ffff:10.0.0.5", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.5", ["2001:db8::1:2"], "2001:db8::/64"),
        ("10.0.0.5", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),  # the first is a claim
        ("10.0.0.5", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        ("10.0.0.5", ["198.51.100.7, 10.0.0.9"], "198.51.100.7"),
        ("fd00::1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.5", ["198.51.100.7, unknown"], "10.0.0.5"),
        ("10.0.0.5", [], "10.0.0.5"),
        (None, ["198.51.100.7"], "198.51.100.7"),
    ],
)
def test_the_address_is_that_of_the_person(
    peer: str | None, forwarded: list[str], address: str
) -> None:
    assert BEHIND_PROXIES.address(peer, forwarded) == address


@pytest.mark.parametrize("forwarded", [[], [""], ["unix"], ["10.0.0.9"]])
def test_on_a_unix_socket_a_proxy_must_say_whom_it_forwards(forwarded: list[str]) -> None:
    with pytest.raises(UnknownPersonError, match="X-Forwarded-For"):
        BEHIND_PROXIES.address(None, forwarded)


@pytest.mark.parametrize(
    ("url", "origin", "host", "is_secure", "allowed"),
    [
        ("https://chat.example.org/", "https://chat.example.org", "proxied", False, True),
        ("https://Chat.example.org:443/talk/", "https://chat.example.org", "x", False, True),
        ("https://chat.example.org/", "https://chat.example.org:8443", "x", False, False),
        ("", "https://host:7680", "host:7680", True, True),
        ("", "http://host:7680", "host:7680", True, False),
        ("", "http://evil.example", "evil.example", False, False),  # DNS rebinding
        ("", "", "", False, False),
        ("", "https://evil.example", "host:7680", True, False),
        ("https://chat.example.org/", "https://10.0.0.2:7680", "10.0.0.2:7680", True, True),
    ],
)
def test_only_our_own_pages_may_connect(
    url: str, origin: str, host: str, is_secure: bool, allowed: bool
) -> None:
    assert Origins(url=url).allow(origin, host, is_secure=is_secure) is allowed
