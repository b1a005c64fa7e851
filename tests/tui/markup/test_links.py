"""Which addresses are links, and where they lead."""

import time
from urllib.parse import urlsplit

import pytest
from hypothesis import given, strategies as st

from chat_tui.markup.links import target, without_trailing


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://example.org/a?b=c#d", "example.org"),
        ("http://localhost:8000/", "localhost"),
        ("HTTPS://Example.ORG", "example.org"),
        ("http://[::1]:80/x", "::1"),
        ("http://127.0.0.1", "127.0.0.1"),
        ("mailto:ada@example.org", "ada@example.org"),
        ("mailto:ada@example.org?subject=hi", "ada@example.org"),
    ],
)
def test_three_schemes_are_links(address: str, host: str) -> None:
    found = target(address)

    assert found is not None
    assert found.host == host


@pytest.mark.parametrize(
    "address",
    [
        *("javascript:alert(1)", "file:///etc/passwd", "ftp://example.org", "data:text/html,x"),
        *("ssh://host", "x-apple://y", "//example.org", "example.org", "", "http://", "https:///x"),
        *("mailto:", "mailto:ada", "mailto:a@b@c", "http://[::1", "http://a b/", "http://..x"),
    ],
)
def test_everything_else_is_no_link(address: str) -> None:
    assert target(address) is None


def test_the_shown_host_is_the_one_that_is_contacted() -> None:
    found = target("https://bank.example@evil.example/bank.example")

    assert found is not None
    assert found.host == "evil.example"


def test_an_international_host_is_shown_in_its_ascii_form() -> None:
    found = target("https://аррӏе.com/übersicht")

    assert found is not None
    assert found.host == "xn--80ak6aa92e.com"
    assert found.url == "https://xn--80ak6aa92e.com/%C3%BCbersicht"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://faß.example/p", "xn--fa-hia.example"),
        ("https://İx.example/p", "xn--ix-rub.example"),
        ("https://BÜCHER.example:80/p", "xn--bcher-kva.example"),
        ("https://ｂücher.example/p", "xn--bcher-kva.example"),
        ("https://ada@σς.example/p", "xn--3xab.example"),
    ],
)
def test_the_link_opens_the_host_that_is_shown_and_that_a_browser_reads(
    address: str, host: str
) -> None:
    found = target(address)

    assert found is not None
    assert found.host == urlsplit(found.url).hostname == host


def test_encoded_characters_stay_unchanged() -> None:
    address = "https://example.org/a%20b(c)?d=[e]&f=~"
    found = target(address)

    assert found is not None
    assert found.url == address


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://a.b/c.", "https://a.b/c"),
        ("https://a.b/c),", "https://a.b/c"),
        ("https://a.b/c_(d)", "https://a.b/c_(d)"),
        ("https://a.b/c_(d)).", "https://a.b/c_(d)"),
        ("https://a.b/**", "https://a.b/"),
        ("https://a.b/?", "https://a.b/"),
        ("https://a.b/c）", "https://a.b/c"),
        ("https://a.b/c（d）", "https://a.b/c（d）"),
        ("https://a.b/c؟", "https://a.b/c"),
        ("https://a.b/c।", "https://a.b/c"),
        ("…", ""),
    ],
)
def test_the_punctuation_of_the_sentence_is_not_the_links(written: str, meant: str) -> None:
    assert without_trailing(written) == meant


def test_brackets_that_were_opened_before_the_link_are_not_its_own() -> None:
    assert without_trailing("https://a.b/x_(y)))).") == "https://a.b/x_(y)"


def test_a_long_tail_takes_no_time() -> None:
    started = time.thread_time()
    without_trailing("https://a.b/" + ")" * 100_000)

    assert time.thread_time() - started < 1


@given(st.text(max_size=80))
def test_no_text_raises(rest: str) -> None:
    for scheme in ("http://", "https://", "mailto:", ""):
        found = target(scheme + rest)
        assert found is None or found.url.isascii()
        assert found is None or found.url.isprintable()
