"""The client's end of TLS, which compares fingerprints and trusts no authority."""

import ssl
from pathlib import Path
from typing import TypeAlias

import trio

from chat_server.config import Config
from chat_server.net.certificates import Credentials
from chat_shared.links import fingerprint_of

Encrypted: TypeAlias = trio.SSLStream[trio.abc.Stream]


def own_credentials(folder: Path, host: str = "chat.example.org") -> Credentials:
    """Return a pair created in `folder`, which is created too."""
    folder.mkdir(exist_ok=True)
    credentials = Credentials(Config(data=folder, host=host))
    credentials.load()
    return credentials


def client_context(newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    """Return a context without an authority: the fingerprint is compared instead."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = newest
    return context


async def encrypted(stream: trio.abc.Stream, context: ssl.SSLContext | None = None) -> Encrypted:
    """Return TLS over `stream`, after the handshake."""
    over: Encrypted = trio.SSLStream(stream, context or client_context())
    await over.do_handshake()
    return over


def shook_hands(client: ssl.SSLObject | ssl.SSLSocket) -> bool:
    """Do a step of a handshake by hand; return whether it was the last one."""
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def shown(stream: Encrypted) -> str:
    """Return the fingerprint of the certificate that the server presented."""
    certificate = stream.getpeercert(binary_form=True)
    return fingerprint_of(certificate)
