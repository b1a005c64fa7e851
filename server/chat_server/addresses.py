"""The addresses that a server listens on, as an operator writes them."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast
from urllib.parse import parse_qsl, urlsplit

from chat_shared.addresses import is_host, is_loopback

Scheme: TypeAlias = Literal["tcp", "tls", "ssh", "https", "http"]
UnixScheme: TypeAlias = Literal["unix", "http"]

ADVICE: Final = (
    "Use tls://HOST:PORT, tcp://HOST:PORT, unix:///PATH, ssh://HOST:PORT or https://HOST:PORT."
)

_MAX_SOCKET_PATH: Final = 107  # bytes

_TCP: Final = re.compile(
    r"(?P<scheme>tcp|tls|ssh|https?)://(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:/@]+):(?P<port>\d{1,5})"
)
# For a socket that a web server forwards requests to, as nginx writes it in `proxy_pass`.
_UNIX: Final = re.compile(r"(unix://|(?P<http>http)://unix:)(?P<path>/.+)")
_MAX_PORT: Final = 65_535

# Parameters of a database's address that are passwords.
_SECRETS: Final = {"password", "sslpassword"}

# What is encrypted instead of each scheme that is not.
_SECURE: Final[Mapping[Scheme, Scheme]] = {"tcp": "tls", "http": "https"}


_STORE_ADVICE: Final = "Use postgresql://USER@HOST/DATABASE, or postgresql:///DATABASE?host=A,B."


def check_store_url(text: str) -> None:
    """Raise ValueError unless `text` is the address of a database."""
    if not text.startswith(("postgresql://", "postgres://")):
        raise ValueError(_STORE_ADVICE)
    try:
        has_password(text)
    except ValueError:
        raise ValueError(_STORE_ADVICE) from None


def has_password(url: str) -> bool:
    """Return whether there is a password in the address of a database. Raises ValueError."""
    parts = urlsplit(url)
    return bool(parts.password) or any(name in _SECRETS for name, _ in parse_qsl(parts.query))


# As services name buckets, and a prefix of characters that need no escapes anywhere.
_BUCKET: Final = re.compile(
    r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>[\w-][\w.-]*(?:/[\w-][\w.-]*)*)/?)?/?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class BucketAddress:
    bucket: str
    prefix: str = ""  # of all keys: empty, or with a slash at its end

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".removesuffix("/")


def parse_bucket(text: str) -> BucketAddress:
    """Return the address of a bucket. Raises ValueError, with advice, if it is none."""
    match = _BUCKET.fullmatch(text)
    if match is None:
        raise ValueError("Use s3://BUCKET or s3://BUCKET/PREFIX.")
    return BucketAddress(match["bucket"], f"{match['prefix']}/" if match["prefix"] else "")


def check_endpoint(text: str) -> None:
    """Raise ValueError unless `text` is the address of a service, with no secret in it."""
    try:
        parts = urlsplit(text)
        valid = parts.scheme in ("https", "http") and is_host(parts.hostname or "")
        valid = valid and text.removesuffix("/") == f"{parts.scheme}://{parts.netloc}"
        if not valid or "@" in parts.netloc or parts.port == 0:
            raise ValueError
    except ValueError:  # also no port, or no IPv6 address
        raise ValueError("Use https://HOST or https://HOST:PORT.") from None


def is_exposed_endpoint(text: str) -> bool:
    """Return whether traffic to this service crosses a network unencrypted."""
    parts = urlsplit(text)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


@dataclass(frozen=True, slots=True)
class TcpAddress:
    host: str
    port: int  # 0 for any free port
    scheme: Scheme = "tcp"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def tls(self) -> bool:
        """Whether clients connect to it with TLS."""
        return self.scheme == "tls"

    @property
    def is_of_gateway(self) -> bool:
        """Whether the gateway accepts the connections, and serves the client itself."""
        return self.scheme in ("ssh", "https", "http")

    @property
    def is_exposed(self) -> bool:
        """Whether traffic to this address crosses a network unencrypted."""
        return self.scheme in _SECURE and not is_loopback(self.host)

    @property
    def secure(self) -> "TcpAddress":
        """The same address with encryption."""
        return replace(self, scheme=_SECURE.get(self.scheme, self.scheme))


@dataclass(frozen=True, slots=True)
class UnixAddress:
    path: Path
    scheme: UnixScheme = "unix"

    def __str__(self) -> str:
        return f"unix://{self.path}" if self.scheme == "unix" else f"http://unix:{self.path}"

    @property
    def is_of_gateway(self) -> bool:
        """Whether the gateway accepts the connections, which a web server forwards."""
        return self.scheme == "http"


Address: TypeAlias = TcpAddress | UnixAddress


def parse_address(text: str) -> Address:
    """Return the address in `text`. Raises ValueError, with advice, if there is none."""
    if match := _UNIX.fullmatch(text):
        return UnixAddress(Path(match["path"]), "http" if match["http"] else "unix")
    match = _TCP.fullmatch(text)
    if match is None or int(match["port"]) > _MAX_PORT:
        raise ValueError(ADVICE)
    scheme = cast("Scheme", match["scheme"])
    return TcpAddress(match["host"].strip("[]"), int(match["port"]), scheme)


def socket_path_fits(socket: Path) -> bool:
    """Return whether the path of a Unix socket is short enough for the kernel (unix(7))."""
    return len(os.fsencode(socket)) <= _MAX_SOCKET_PATH
