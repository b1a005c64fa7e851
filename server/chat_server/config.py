"""What an operator may choose: one frozen dataclass, and what each field must be.

`cli` fills it from flags, the environment and a file, runs the validators that
stand at the fields, and says from where a bad value came.
"""

import os
import re
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from cyclopts import Parameter
from cyclopts.validators import Number
from platformdirs import user_data_path

from chat_server.errors import SettingsError
from chat_shared.limits import MAX_ROOMS

Registration: TypeAlias = Literal["open", "invite", "closed"]
Durability: TypeAlias = Literal["power", "process"]
LogFormat: TypeAlias = Literal["pretty", "json"]
LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]

EVERYWHERE = "tls://[::]:7667"
_MAX_SOCKET_PATH = 107  # bytes

SOCKET = "chat.sock"  # in the data folder, for those on this machine

_TCP = re.compile(
    r"(?P<scheme>tcp|tls)://(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:/@]+):(?P<port>\d{1,5})"
)
_UNIX = re.compile(r"unix://(?P<path>/.+)")
_MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class TcpAddress:
    host: str
    port: int  # 0 for one that is free
    tls: bool = False

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'tls' if self.tls else 'tcp'}://{host}:{self.port}"

    @property
    def is_overheard(self) -> bool:
        """Whether what is said here crosses a network as it is."""
        return not self.tls and not _is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class UnixAddress:
    path: Path

    def __str__(self) -> str:
        return f"unix://{self.path}"


def fits(socket: Path) -> bool:
    """Say whether the path of a Unix socket is short enough for the kernel (unix(7))."""
    return len(os.fsencode(socket)) <= _MAX_SOCKET_PATH


def parse_address(text: str) -> TcpAddress | UnixAddress:
    """Return where to listen. Raises ValueError for anything but tls://, tcp:// and unix://."""
    if match := _UNIX.fullmatch(text):
        return UnixAddress(Path(match["path"]))
    match = _TCP.fullmatch(text)
    if match is None or int(match["port"]) > _MAX_PORT:
        raise ValueError(
            f"{text!r} is no address to listen at. Write tls://HOST:PORT, "
            "tcp://HOST:PORT or unix:///PATH."
        )
    return TcpAddress(match["host"].strip("[]"), int(match["port"]), match["scheme"] == "tls")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def default_data() -> Path:
    """Return the data folder of this user."""
    return user_data_path("trialogue") / "server"


_KEEP = re.compile(r"(?P<count>[1-9][0-9]{0,4})(?P<unit>[hdw])")
_UNITS = {"h": 3_600_000, "d": 86_400_000, "w": 7 * 86_400_000}  # milliseconds
FOREVER = "forever"


def parse_keep(text: str) -> int:
    """Return for how many milliseconds messages are kept; 0 for ever. Raises ValueError."""
    if text == FOREVER:
        return 0
    match = _KEEP.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no time to keep messages. Write 12h, 90d, 52w or forever.")
    return int(match["count"]) * _UNITS[match["unit"]]


def show_keep(keep: int | None) -> str:
    """Return `keep` as it is written; None is what says nothing of its own."""
    if keep is None:
        return "default"
    if keep == 0:
        return FOREVER
    unit = next(unit for unit in "dh" if keep % _UNITS[unit] == 0)
    return f"{keep // _UNITS[unit]}{unit}"


def _check_keep(_: object, text: str) -> None:
    parse_keep(text)


def _check_metrics(_: object, text: str | None) -> None:
    """Figures go out in plain text to whoever asks: on this machine only."""
    address = parse_address(text) if text else None
    if address and not (isinstance(address, TcpAddress) and _is_private(address)):
        raise ValueError(f"{text!r} is no address for metrics. Write tcp://127.0.0.1:PORT.")


def _is_private(address: TcpAddress) -> bool:
    return not address.tls and _is_loopback(address.host)


def _check_address(_: object, text: str) -> None:
    parse_address(text)


_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,251}[A-Za-z0-9])?|::[0-9a-fA-F:.]*")


def is_host(text: str) -> bool:
    """Say whether `text` can stand in a link and in a certificate: a name in ASCII, an address."""
    return _HOST.fullmatch(text) is not None


def _check_host(_: object, text: str | None) -> None:
    if text is not None and not is_host(text):
        raise ValueError(f"{text!r} is no name of a machine. Write chat.example.org or 192.0.2.1.")


_Address: TypeAlias = Annotated[str, Parameter(validator=_check_address)]
_Keep: TypeAlias = Annotated[str, Parameter(validator=_check_keep)]
_Count: TypeAlias = Annotated[int, Parameter(validator=Number(gte=1))]
_Rate: TypeAlias = Annotated[float, Parameter(validator=Number(gt=0))]
_Seconds: TypeAlias = Annotated[float, Parameter(validator=Number(gte=0))]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of the house one guest may have. The defaults are right for most."""

    connections: _Count = 10_000
    """Connections at the same time, in all."""
    connections_per_address: _Count = 100
    """Connections at the same time from one address: a class behind one router fits."""
    sessions_per_account: _Count = 20
    """Devices that an account may be logged in on; the oldest gives way."""
    rooms_per_account: Annotated[int, Parameter(validator=Number(gte=1, lte=MAX_ROOMS))] = 100
    """Rooms that an account may be in, besides the general one."""
    posts: _Count = 10
    """Messages that a session may send at once."""
    posts_per_second: _Rate = 2.0
    """Messages a second that a session may send in the long run."""
    requests: _Count = 100
    """Other requests that a session may make at once."""
    requests_per_second: _Rate = 20.0
    """Other requests a second that a session may make in the long run."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """A self-hosted chat for people who live in terminals."""

    listen: Annotated[tuple[_Address, ...], Parameter(negative="")] = ()
    """Where to listen: tls://HOST:PORT, tcp://HOST:PORT or unix:///PATH, several if need be.

    Port 0 is a free one. Without any: tls://[::]:7667 and chat.sock in the data folder.
    """
    host: Annotated[str | None, Parameter(validator=_check_host)] = None
    """Name or address that people reach the server by, for join links. Default: this machine's."""
    tls_cert: Path | None = None
    """Certificate of your own (PEM, with its chain), read again on SIGHUP; needs --tls-key."""
    tls_key: Path | None = None
    """The key to --tls-cert (PEM, without a passphrase)."""
    insecure: Annotated[bool, Parameter(negative="")] = False
    """Allow tcp:// where others on the network can read along, passwords too."""
    data: Path = field(default_factory=default_data)
    """Folder that holds all that must not be lost. Made if it is not there."""
    name: str = "trialogue"
    """What the server calls itself."""
    registration: Registration = "open"
    """Whether people may make accounts for themselves."""
    durability: Durability = "power"
    """What an acknowledged message survives: the loss of power, or of the process only (faster)."""
    keep: _Keep = FOREVER
    """How long messages stay: 12h, 90d, 52w or forever. The operator may set it per room."""
    metrics: Annotated[str | None, Parameter(validator=_check_metrics)] = None
    """Where Prometheus may ask, as tcp://127.0.0.1:9667; needs `pip install trialogue[metrics]`."""
    grace: _Seconds = 5.0
    """Seconds that those inside have, when the server ends, to receive what is on its way."""
    log_level: LogLevel = "info"
    """What is worth a line on stderr."""
    log_format: LogFormat = "pretty"
    """How log lines look: for people or for programs."""
    until_eof: Annotated[bool, Parameter(negative="")] = False
    """End when standard input does: for a program that starts a server of its own."""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise SettingsError("A certificate and its key go together: --tls-cert and --tls-key.")
        for address in self.addresses:
            if isinstance(address, TcpAddress) and address.is_overheard and not self.insecure:
                raise SettingsError(
                    f"At {address} anybody on the way could read along, passwords too. "
                    f"Write {replace(address, tls=True)}, or allow it with --insecure."
                )

    @property
    def addresses(self) -> list[TcpAddress | UnixAddress]:
        """Where to listen, parsed."""
        if self.listen:
            return [parse_address(text) for text in self.listen]
        socket = self.data.absolute() / SOCKET
        return [parse_address(EVERYWHERE), *([UnixAddress(socket)] if fits(socket) else [])]
