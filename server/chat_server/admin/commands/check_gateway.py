"""The part of `chat-server check` about the gateway: its host key, and whether it answers."""

import base64
import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chat_server.addresses import TcpAddress
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.config import Config
from chat_server.data_folder import ADMIN_SOCKET, SSH_HOST_KEY

_ANSWER_WITHIN: Final = 5.0  # seconds, on a machine that is busy
_BANNER: Final = b"SSH-2.0-"  # RFC 4253, section 4.2
_EVERYWHERE: Final = {"::": "::1", "0.0.0.0": "127.0.0.1"}  # noqa: S104 - where to connect instead


def check_gateway(config: Config) -> Iterator[Finding]:
    """Yield the findings about the gateway, if there are addresses for one."""
    if config.gateway_addresses:
        yield from _check_key(config.data / SSH_HOST_KEY)
    for address in config.gateway_addresses:
        if address.scheme == "ssh" and address.port:
            yield _check_address(address, config.data)


def _check_key(path: Path) -> Iterator[Finding]:
    # Imported here: slow, and only a server with a gateway needs it.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_ssh_private_key,
    )

    subject = "host key"
    if not path.exists():
        yield Finding(Verdict.WARN, subject, "does not exist yet; the first start creates it")
        return
    try:
        key = load_ssh_private_key(path.read_bytes(), password=None)
    except OSError as exc:
        yield Finding(Verdict.FAIL, subject, f"cannot read {path}: {exc.strerror}.")
        return
    except ValueError:
        yield Finding(Verdict.FAIL, subject, f"{path} is no private key. Restore it from a backup.")
        return
    if not isinstance(key, Ed25519PrivateKey):
        yield Finding(Verdict.FAIL, subject, f"{path} is no Ed25519 key. Restore it from a backup.")
        return
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1]
    digest = base64.b64encode(hashlib.sha256(base64.b64decode(public)).digest()).decode()
    yield Finding(Verdict.OK, subject, f"{path} is SHA256:{digest.rstrip('=')}")


def _check_address(address: TcpAddress, data: Path) -> Finding:
    subject = "gateway"
    try:
        banner = _banner(_EVERYWHERE.get(address.host, address.host), address.port)
    except OSError as exc:
        if not _runs(data):
            return Finding(Verdict.OK, subject, "is not running")
        reason = exc.strerror or "no answer"
        return Finding(Verdict.FAIL, subject, f"{address}: {reason}. See the server's log.")
    if not banner.startswith(_BANNER):
        return Finding(Verdict.FAIL, subject, f"another program answers on {address}. End it.")
    return Finding(Verdict.OK, subject, f"answers on {address}")


def _banner(host: str, port: int) -> bytes:
    """Return how the program on this port greets. Raises OSError."""
    with socket.create_connection((host, port), _ANSWER_WITHIN) as connection:
        received = b""
        while len(received) < len(_BANNER) and (data := connection.recv(256)):
            received += data
        return received


def _runs(data: Path) -> bool:
    """Return whether a server runs on the folder `data`."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(data / ADMIN_SOCKET)) == 0
