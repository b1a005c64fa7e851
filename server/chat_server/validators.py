"""What each setting may be. A validator raises ValueError with what to use instead."""

import math
from dataclasses import dataclass
from ipaddress import ip_network

from chat_server.addresses import (
    TcpAddress,
    check_endpoint,
    check_store_url,
    parse_address,
    parse_bucket,
)
from chat_server.keep import parse_keep
from chat_shared.addresses import is_host, is_loopback, is_web_url, parse_node
from chat_shared.text import clean_line


def check_keep(_: object, text: str) -> None:
    parse_keep(text)


def check_metrics(_: object, text: str | None) -> None:
    """Accept loopback addresses only: metrics are served unencrypted and without a password."""
    if text and not _is_private(text):
        raise ValueError("Use tcp://127.0.0.1:PORT.")


def _is_private(text: str) -> bool:
    try:
        address = parse_address(text)
    except ValueError:
        return False
    return isinstance(address, TcpAddress) and address.scheme == "tcp" and is_loopback(address.host)


def check_address(_: object, text: str) -> None:
    parse_address(text)


def check_store(_: object, text: str | None) -> None:
    if text is not None:
        check_store_url(text)


def check_bucket(_: object, text: str | None) -> None:
    if text is not None:
        parse_bucket(text)


def check_bucket_endpoint(_: object, text: str | None) -> None:
    if text is not None:
        check_endpoint(text)


def check_web_url(_: object, text: str | None) -> None:
    if text is not None and not is_web_url(text):
        raise ValueError("Use https://HOST/, such as https://chat.example.org/.")


def check_network(_: object, text: str) -> None:
    try:
        ip_network(text)
    except ValueError:
        raise ValueError("Use an address or a network, such as 10.0.0.5 or 10.0.0.0/24.") from None


def check_host(_: object, text: str | None) -> None:
    if text is not None and not is_host(text):
        raise ValueError("Use a host name or an address, such as chat.example.org.")


def check_node(_: object, text: str) -> None:
    parse_node(text)


@dataclass(frozen=True, slots=True)
class Range:
    """Accepts numbers between `least` and `most`, both included; `advice` says so in words."""

    advice: str
    least: float
    most: float = math.inf

    def __call__(self, _: object, value: float) -> None:
        if not self.least <= value <= self.most:  # nor NaN
            raise ValueError(self.advice)


# Characters of the server's name, which every session is sent first: one line of a screen.
MAX_SERVER_NAME = 80


def check_name(_: object, text: str | None) -> None:
    if text is None:
        return
    if not text.strip() or len(text) > MAX_SERVER_NAME or clean_line(text) != text:
        raise ValueError(f"Use 1 to {MAX_SERVER_NAME} characters, none of them control characters.")
