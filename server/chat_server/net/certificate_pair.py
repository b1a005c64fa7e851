"""A certificate and its key, read from files: whether they fit, and how long they are valid."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chat_server.errors import StartError


@dataclass(frozen=True, slots=True)
class Validity:
    """When a certificate is valid."""

    begin: datetime
    end: datetime

    @property
    def is_now(self) -> bool:
        return self.begin <= datetime.now(UTC) < self.end

    def __str__(self) -> str:
        return f"valid from {self.begin:%F} to {self.end:%F}"


def open_pair(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return a context that presents `certificate`. Raises StartError, which says what is wrong.

    TLS 1.3 only: every Python that runs our client has it, as has every
    OpenSSL since 2018. No session tickets: clients resume with our own token,
    and resuming TLS would save them a millisecond.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = 0
    # Some builds of Python 3.11 set this (OpenSSL 3 has it): a cut connection would look closed.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
    in_chain, in_key = _read(certificate), _read(key)
    try:
        # Without this OpenSSL would ask for a passphrase at the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError):
        problem = _key_problem(in_key, key) or _chain_problem(in_chain, in_key, certificate)
        raise StartError(
            problem or f"{certificate} and {key} are not a matching certificate and key."
        ) from None
    return context


def validity_of(certificate: Path) -> Validity:
    """Return when the first certificate of a file is valid, which is the server's own.

    Raises StartError.
    """
    from cryptography import x509

    try:
        own = x509.load_pem_x509_certificate(_read(certificate))
    except ValueError:
        raise StartError(_no_certificate(certificate)) from None
    return Validity(own.not_valid_before_utc, own.not_valid_after_utc)


def _key_problem(data: bytes, file: Path) -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        load_pem_private_key(data, None)
    except TypeError:
        return f"The key {file} has a passphrase. Remove it: nobody is there to type it."
    except (ValueError, UnsupportedAlgorithm):
        return f"{file} is not a private key in PEM."
    return ""


def _chain_problem(in_chain: bytes, in_key: bytes, file: Path) -> str:
    """Return what is wrong with a chain, for a key that can be read."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        chain = x509.load_pem_x509_certificates(in_chain)
    except ValueError:
        return _no_certificate(file)
    own = load_pem_private_key(in_key, None).public_key()
    if any(certificate.public_key() == own for certificate in chain[1:]):
        return f"The server's own certificate must be the first in {file}, before the authorities'."
    return ""


def _no_certificate(file: Path) -> str:
    return f"{file} is not a certificate in PEM."


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise StartError(f"Cannot read {path}: {exc.strerror}.") from None
