"""The part of `chat-server check` about the gateway: its host key, and whether it answers."""

import base64
import hashlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chat_server.addresses import TcpAddress
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.config import Config
from chat_server.data_folder import ADMIN_SOCKET, SSH_HOST_KEY

_ANSWER_WITHIN: Final = 5.0  # seconds, on a machine that is busy
# What a page is asked for with, and what tells our answers from others: for SSH, what it begins
# with (RFC 4253, section 4.2); for browsers, a header.
_REQUEST: Final = b"HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_SIGNS: Final = {"ssh": b"SSH-2.0-", "https": b"Server: Trialogue", "http": b"Server: Trialogue"}
_LONGEST: Final = 8 * 1024  # bytes of an answer
_EVERYWHERE: Final = {"::": "::1", "0.0.0.0": "127.0.0.1"}  # noqa: S104 - where to connect instead


def check_gateway(config: Config) -> Iterator[Finding]:
    """Yield the findings about the gateway, if there are addresses for one."""
    if any(address.scheme == "ssh" for address in config.gateway_addresses):
        yield from _check_key(config.data / SSH_HOST_KEY)
    for address in config.gateway_addresses:
        if isinstance(address, TcpAddress) and address.port:
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
        is_ours = _answers(address)
    except OSError as exc:
        if not _runs(data):
            return Finding(Verdict.OK, subject, "is not running")
        reason = exc.strerror or "no answer"
        return Finding(Verdict.FAIL, subject, f"{address}: {reason}. See the server's log.")
    if not is_ours:
        return Finding(Verdict.FAIL, subject, f"another program answers on {address}. End it.")
    return Finding(Verdict.OK, subject, f"answers on {address}")


def _answers(address: TcpAddress) -> bool:
    """Return whether what answers is a gateway. Raises OSError."""
    host, sign = _EVERYWHERE.get(address.host, address.host), _SIGNS[address.scheme]
    received = b""
    with _connected(host, address) as connection:
        if address.scheme != "ssh":
            connection.sendall(_REQUEST)
        while len(received) < _LONGEST and sign not in received:
            if not (data := connection.recv(256)):
                break
            received += data
    return sign in received


def _connected(host: str, address: TcpAddress) -> socket.socket:
    """Return a connection, with TLS if that is spoken; whose certificate is of no interest here."""
    connection = socket.create_connection((host, address.port), _ANSWER_WITHIN)
    if address.scheme != "https":
        return connection
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection)


def _runs(data: Path) -> bool:
    """Return whether a server runs on the folder `data`."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(data / ADMIN_SOCKET)) == 0
