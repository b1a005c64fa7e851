"""What an operator may choose: one frozen dataclass, and what each field must be.

`cli` fills it from flags, the environment and a file, runs the validators that
stand at the fields, and says from where a bad value came.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from cyclopts import Parameter
from cyclopts.validators import Number
from platformdirs import user_data_path

Registration: TypeAlias = Literal["open", "closed"]
Durability: TypeAlias = Literal["power", "process"]
LogFormat: TypeAlias = Literal["pretty", "json"]
LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]

DEFAULT_ADDRESS = "tcp://127.0.0.1:7667"

_TCP = re.compile(r"tcp://(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:/@]+):(?P<port>\d{1,5})")
_UNIX = re.compile(r"unix://(?P<path>/.+)")
_MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class TcpAddress:
    host: str
    port: int  # 0 for one that is free

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"tcp://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class UnixAddress:
    path: Path

    def __str__(self) -> str:
        return f"unix://{self.path}"


def parse_address(text: str) -> TcpAddress | UnixAddress:
    """Return where to listen. Raises ValueError for anything but tcp:// and unix://."""
    if match := _UNIX.fullmatch(text):
        return UnixAddress(Path(match["path"]))
    match = _TCP.fullmatch(text)
    if match is None or int(match["port"]) > _MAX_PORT:
        raise ValueError(
            f"{text!r} is no address to listen at. Write tcp://HOST:PORT or unix:///PATH."
        )
    return TcpAddress(match["host"].strip("[]"), int(match["port"]))


def _check_address(_: object, text: str) -> None:
    parse_address(text)


_Address: TypeAlias = Annotated[str, Parameter(validator=_check_address)]
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
    rooms_per_account: _Count = 100
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

    listen: Annotated[tuple[_Address, ...], Parameter(negative="")] = (DEFAULT_ADDRESS,)
    """Where to listen: tcp://HOST:PORT or unix:///PATH, several if need be; port 0: a free one."""
    data: Path = field(default_factory=lambda: user_data_path("trialogue") / "server")
    """Folder that holds all that must not be lost. Made if it is not there."""
    name: str = "trialogue"
    """What the server calls itself."""
    registration: Registration = "open"
    """Whether people may make accounts for themselves."""
    durability: Durability = "power"
    """What an acknowledged message survives: the loss of power, or of the process only (faster)."""
    grace: _Seconds = 5.0
    """Seconds that those inside have, when the server ends, to receive what is on its way."""
    log_level: LogLevel = "info"
    """What is worth a line on stderr."""
    log_format: LogFormat = "pretty"
    """How log lines look: for people or for programs."""
    until_eof: Annotated[bool, Parameter(negative="")] = False
    """End when standard input does: for a program that starts a server of its own."""
    limits: Limits = field(default_factory=Limits)

    @property
    def addresses(self) -> list[TcpAddress | UnixAddress]:
        """Where to listen, parsed."""
        return [parse_address(text) for text in self.listen]
