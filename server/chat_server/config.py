"""The settings of a server: one frozen dataclass with a validator for each field.

`cli` fills it from flags, the environment and a file, runs the validators, and
reports where a bad value came from.
"""

import math
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from cyclopts import Parameter
from platformdirs import user_data_path

from chat_server import validators
from chat_server.addresses import (
    Address,
    BucketAddress,
    TcpAddress,
    UnixAddress,
    has_password,
    is_exposed_endpoint,
    parse_address,
    parse_bucket,
    socket_path_fits,
)
from chat_server.errors import SettingsError
from chat_server.keep import FOREVER
from chat_server.validators import Range
from chat_shared.addresses import Node, parse_node
from chat_shared.limits import MAX_NODES, MAX_ROOMS

Registration: TypeAlias = Literal["open", "invite", "closed"]
Durability: TypeAlias = Literal["power", "process"]
LogFormat: TypeAlias = Literal["pretty", "json"]
LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]

DEFAULT_ADDRESS = "tls://[::]:7667"

# Sockets in the data folder: for clients on this machine, and for proxies of the same user.
SOCKET = "chat.sock"
PROXY_SOCKET = "proxy.sock"


def default_data() -> Path:
    """Return the default data folder of this user."""
    return user_data_path("trialogue") / "server"


_Name: TypeAlias = Annotated[str, Parameter(validator=validators.check_name)]
_Address: TypeAlias = Annotated[str, Parameter(validator=validators.check_address)]
_Network: TypeAlias = Annotated[str, Parameter(validator=validators.check_network)]
_Node: TypeAlias = Annotated[str, Parameter(validator=validators.check_node)]
_Keep: TypeAlias = Annotated[str, Parameter(validator=validators.check_keep)]
_Count: TypeAlias = Annotated[
    int, Parameter(validator=Range("Use a whole number of at least 1.", 1))
]
_Rooms: TypeAlias = Annotated[
    int, Parameter(validator=Range(f"Use a whole number from 1 to {MAX_ROOMS}.", 1, MAX_ROOMS))
]
_Invitations: TypeAlias = Annotated[
    int, Parameter(validator=Range("Use a whole number from 0 to 100.", 0, 100))
]
_LEAST_BACKLOG = 4 * 1024 * 1024  # bytes: what one slow reader may take
_Backlog: TypeAlias = Annotated[
    int,
    Parameter(validator=Range(f"Use at least {_LEAST_BACKLOG:,} bytes.", _LEAST_BACKLOG)),
]
_Bytes: TypeAlias = Annotated[
    int, Parameter(validator=Range("Use a whole number of bytes, 0 or more.", 0))
]
_MAX_OBJECT = 5_000_000_000  # bytes: what services store by one request
_LEAST_BURST = 1_000_000  # bytes: a window of chunks
_Burst: TypeAlias = Annotated[
    int, Parameter(validator=Range(f"Use at least {_LEAST_BURST:,} bytes.", _LEAST_BURST))
]
_Rate: TypeAlias = Annotated[
    float, Parameter(validator=Range("Use a number above 0.", math.ulp(0.0)))
]
_Seconds: TypeAlias = Annotated[
    float, Parameter(validator=Range("Use a number of seconds, 0 or more.", 0))
]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much of the server one client may use. The defaults suit most servers."""

    connections: _Count = 10_000
    """Limit simultaneous connections in total"""
    connections_per_address: _Count = 100
    """Limit simultaneous connections from one address (enough for a classroom)"""
    sessions_per_account: _Count = 20
    """Limit the devices an account is logged in on; one more logs out the oldest"""
    rooms_per_account: _Rooms = 100
    """Limit the rooms an account can be in, not counting the general room"""
    registrations: _Count = 100
    """Limit the accounts that can be registered from one address at once; then one a minute"""
    invitations: _Invitations = 5
    """Limit the unused invitations a member has; 0: only owners invite, only people with an account
    """
    posts: _Count = 10
    """Limit the messages one account can send in a burst"""
    posts_per_second: _Rate = 2.0
    """Limit the messages per second one account can send on average"""
    requests: _Count = 100
    """Limit the other requests in a burst, per account, and per address before log-in"""
    requests_per_second: _Rate = 20.0
    """Limit the other requests per second on average, per account and per address"""
    backlog_bytes: _Backlog = 268_435_456
    """Limit the memory for what waits to be sent, in all; the slowest readers are disconnected"""
    max_file: _Bytes = 25_000_000
    """Limit the bytes of a file in a message; 0: no files"""
    file_bytes_per_account: _Bytes = 1_000_000_000
    """Limit the bytes of all files of one account"""
    file_bytes: _Bytes = 10_000_000_000
    """Limit the bytes of all files on the server"""
    free_disk: _Bytes = 250_000_000
    """Take no files that would leave less than this many bytes of the disk free"""
    uploads: _Count = 40
    """Limit the uploads of one account that are not sent yet; after a day they are removed"""
    transfers: _Count = 20
    """Limit the files that are uploaded and downloaded at the same time, in all"""
    transfers_per_account: _Count = 4
    """Limit the files that one account uploads and downloads at the same time"""
    transfer_burst: _Burst = 32_000_000
    """Limit the bytes of files that one account can upload and download in a burst"""
    transfer_bytes_per_second: _Rate = 8_000_000.0
    """Limit the bytes of files per second that one account can upload and download on average"""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything an operator can configure."""

    listen: Annotated[tuple[_Address, ...], Parameter(negative="", show_default=False)] = ()
    """Listen on tls://HOST:PORT, tcp://HOST:PORT or unix:///PATH (repeatable; port 0: any port).
    Default: tls://[::]:7667, and chat.sock in the data folder. ssh://HOST:PORT and
    https://HOST:PORT add the client itself for anyone with ssh or a browser; http://HOST:PORT and
    http://unix:/PATH do so behind a web server. They need the extra `trialogue[gateway]`
    """
    host: Annotated[str | None, Parameter(validator=validators.check_host)] = None
    """Use this host name or address in join links. Default: the name of this machine"""
    nodes: Annotated[tuple[_Node, ...], Parameter(negative="", show_default=False)] = ()
    """Tell clients another HOST:PORT where this server, with the same certificate, may be reached
    (repeatable)
    """
    web_url: Annotated[str | None, Parameter(validator=validators.check_web_url)] = None
    """Tell browsers apart from other pages by the address people open, https://chat.example.org/;
    needed behind a web server
    """
    tls_cert: Path | None = None
    """Use your own certificate (PEM, with its chain), reloaded on SIGHUP; needs --tls-key"""
    tls_key: Path | None = None
    """Use this private key for --tls-cert (PEM, without a passphrase)"""
    insecure: Annotated[bool, Parameter(negative="")] = False
    """Allow unencrypted tcp:// on a network, where others can read messages and passwords"""
    trust_proxy: Annotated[tuple[_Network, ...], Parameter(negative="", show_default=False)] = ()
    """Believe proxies at this address or network (10.0.0.5, 10.0.0.0/24) whom they forward;
    each connection must begin with a PROXY v2 header (repeatable). Also opens proxy.sock in
    the data folder
    """
    data: Path = field(default_factory=default_data)
    """Keep everything in this folder; it is created if missing"""
    store: Annotated[str | None, Parameter(validator=validators.check_store)] = None
    """Store accounts, rooms and messages in PostgreSQL, postgresql:///DATABASE?host=A,B, instead of
    the data folder; other servers with the same store stand by. Needs the extra
    `trialogue[postgresql]`
    """
    bucket: Annotated[str | None, Parameter(validator=validators.check_bucket)] = None
    """Keep the content of files in s3://BUCKET/PREFIX instead of the data folder, as servers with
    the same store need it. Credentials are those of boto3: AWS_ACCESS_KEY_ID, ~/.aws or the role
    of the machine. Needs the extra `trialogue[s3]`
    """
    bucket_endpoint: Annotated[
        str | None, Parameter(validator=validators.check_bucket_endpoint)
    ] = None
    """Find the bucket at https://HOST:PORT, a service that speaks S3, instead of AWS"""
    node: Annotated[str | None, Parameter(validator=validators.check_name)] = None
    """Call this server so among those with the same store. Default: the name of this machine"""
    name: _Name = "trialogue"
    """Set the server name that people see"""
    registration: Registration = "open"
    """Choose who can register: anyone, people with an invitation code, or nobody"""
    guest_links: Annotated[bool, Parameter(negative="")] = False
    """Let members make links for guests, who need no account: one room, for a day (/invite guests)
    """
    durability: Durability = "power"
    """Choose what an accepted message survives: a power failure, or only a crash (faster)"""
    keep: _Keep = FOREVER
    """Keep messages for 12h, 90d, 52w or forever; can be set per room with `admin rooms keep`"""
    metrics: Annotated[str | None, Parameter(validator=validators.check_metrics)] = None
    """Serve Prometheus metrics on tcp://127.0.0.1:PORT; needs the extra `trialogue[metrics]`"""
    grace: _Seconds = 5.0
    """Give clients this many seconds on shutdown to receive what is queued for them"""
    log_level: LogLevel = "info"
    """Write log entries at this level and above to stderr"""
    log_format: LogFormat = "pretty"
    """Write log lines as readable text or as JSON"""
    until_eof: Annotated[bool, Parameter(negative="")] = False
    """Stop when standard input ends, for programs that start their own server"""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if len(self.nodes) > MAX_NODES:
            raise SettingsError(f"--nodes can be given at most {MAX_NODES} times.")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise SettingsError("--tls-cert and --tls-key go together: set both or neither.")
        if self.store is not None and has_password(self.store):
            raise SettingsError(
                "--store must not have a password in it, which others on this machine could read. "
                "Put it into ~/.pgpass, or into a file named by PGPASSFILE."
            )
        self._check_bucket()
        for address in self._chosen:
            if isinstance(address, TcpAddress) and address.is_exposed and not self.insecure:
                raise SettingsError(
                    f"{address} is not encrypted: others on the network could read messages and "
                    f"passwords. Use {address.secure}, or allow it with --insecure."
                )
        if self.web_url is None and any(each.scheme == "http" for each in self.gateway_addresses):
            raise SettingsError(
                "http:// needs --web-url, the address that people open, such as "
                "https://chat.example.org/."
            )

    def _check_bucket(self) -> None:
        if self.bucket is None:
            if self.bucket_endpoint is not None:
                raise SettingsError("--bucket-endpoint needs --bucket, s3://BUCKET.")
            return
        if self.limits.max_file > _MAX_OBJECT:
            raise SettingsError(
                f"With --bucket, --limits.max-file can be at most {_MAX_OBJECT:,} bytes."
            )
        endpoint = self.bucket_endpoint
        if endpoint and is_exposed_endpoint(endpoint) and not self.insecure:
            raise SettingsError(
                f"{endpoint} is not encrypted: others on the network could read files. "
                "Use https://, or allow it with --insecure."
            )

    @property
    def keeps_files(self) -> bool:
        """Whether there is a place for files.

        Other servers with the same store could not read what is in a folder of this one.
        """
        return self.store is None or self.bucket is not None

    @property
    def max_file(self) -> int:
        """Bytes of the largest file that this server takes; 0 if it takes none."""
        return self.limits.max_file if self.keeps_files else 0

    @property
    def bucket_address(self) -> BucketAddress | None:
        """Where the content of files is kept, if not in the data folder."""
        return None if self.bucket is None else parse_bucket(self.bucket)

    @property
    def other_nodes(self) -> tuple[Node, ...]:
        """The other addresses of this server."""
        return tuple(map(parse_node, self.nodes))

    @property
    def trusted_networks(self) -> list[IPv4Network | IPv6Network]:
        """The networks of the proxies to believe."""
        return [ip_network(text) for text in self.trust_proxy]

    @property
    def proxy_socket(self) -> Path | None:
        """The socket for proxies on this machine, if there are any."""
        wanted = self.trust_proxy or self.gateway_addresses
        return self.data.absolute() / PROXY_SOCKET if wanted else None

    @property
    def gateway_addresses(self) -> list[Address]:
        """Where the gateway listens."""
        return [address for address in self._chosen if address.is_of_gateway]

    @property
    def addresses(self) -> list[Address]:
        """Where the server itself listens, defaults included."""
        if own := [address for address in self._chosen if not address.is_of_gateway]:
            return own
        socket = self.data.absolute() / SOCKET
        return [
            parse_address(DEFAULT_ADDRESS),
            *([UnixAddress(socket)] if socket_path_fits(socket) else []),
        ]

    @property
    def _chosen(self) -> list[Address]:
        return [parse_address(text) for text in self.listen]
