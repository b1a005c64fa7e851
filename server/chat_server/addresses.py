"""The addresses that a server listens on, as an operator writes them."""

import os
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal, TypeAlias, cast

Scheme: TypeAlias = Literal["tcp", "tls", "ssh"]

ADVICE: Final = "Use tls://HOST:PORT, tcp://HOST:PORT, unix:///PATH or ssh://HOST:PORT."

_MAX_SOCKET_PATH: Final = 107  # bytes

_TCP: Final = re.compile(
    r"(?P<scheme>tcp|tls|ssh)://(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:/@]+):(?P<port>\d{1,5})"
)
_UNIX: Final = re.compile(r"unix://(?P<path>/.+)")
_MAX_PORT: Final = 65_535


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
        return self.scheme == "ssh"

    @property
    def is_exposed(self) -> bool:
        """Whether traffic to this address crosses a network unencrypted."""
        return self.scheme == "tcp" and not is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class UnixAddress:
    path: Path

    def __str__(self) -> str:
        return f"unix://{self.path}"


def parse_address(text: str) -> TcpAddress | UnixAddress:
    """Return the address in `text`. Raises ValueError, with advice, if there is none."""
    if match := _UNIX.fullmatch(text):
        return UnixAddress(Path(match["path"]))
    match = _TCP.fullmatch(text)
    if match is None or int(match["port"]) > _MAX_PORT:
        raise ValueError(ADVICE)
    scheme = cast("Scheme", match["scheme"])
    return TcpAddress(match["host"].strip("[]"), int(match["port"]), scheme)


def is_loopback(host: str) -> bool:
    """Return whether `host` names this machine and no other."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def socket_path_fits(socket: Path) -> bool:
    """Return whether the path of a Unix socket is short enough for the kernel (unix(7))."""
    return len(os.fsencode(socket)) <= _MAX_SOCKET_PATH
