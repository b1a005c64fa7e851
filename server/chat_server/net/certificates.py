"""What the server proves itself with: a pair made at the first start, or the operator's own.

Knows files and TLS. Does not know a socket, nor who connects.
"""

import os
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Final

import structlog

from chat_server.config import Config, is_host
from chat_server.errors import StartError
from chat_shared.links import JoinLink, fingerprint_of

if TYPE_CHECKING:
    from cryptography import x509

log = structlog.get_logger()

KEY: Final = "tls.key"
CERTIFICATE: Final = "tls.crt"

# Clients remember this very certificate and no authority ever looks at it, so a
# new one is a nuisance to everybody and protects nobody.
_VALID: Final = timedelta(days=3650)
_CLOCKS_DIFFER: Final = timedelta(days=1)


class Credentials:
    """The key and certificate in use. `context` is what a new connection is to be met with."""

    def __init__(self, config: Config) -> None:
        self.host: Final = config.host or _this_machine()
        self._folder = config.data
        self._certificate = config.tls_cert or config.data / CERTIFICATE
        self._key = config.tls_key or config.data / KEY
        self._own = config.tls_cert is not None
        self._context: ssl.SSLContext | None = None

    @property
    def context(self) -> ssl.SSLContext:
        assert self._context is not None  # or `load` was not called
        return self._context

    def load(self) -> None:
        """Take up the files; make them if they are ours to make. Raises StartError."""
        if not self._own:
            self._make_if_missing()
        self._context = _open(self._certificate, self._key)

    def reload(self) -> None:
        """Take up the files again, for connections to come. Bad ones are logged, and the old kept.

        Before `load` there is nothing to do.
        """
        if self._context is None:
            return
        try:
            self._context = _open(self._certificate, self._key)
        except StartError as exc:
            log.error("certificate not replaced", reason=str(exc))
        else:
            log.info("certificate read again", file=str(self._certificate))

    def link(self, port: int) -> JoinLink:
        """Return what people join with.

        With the fingerprint of the certificate that we made; one of the
        operator's own is vouched for by others, and changes every few months.
        """
        fingerprint = "" if self._own else self._fingerprint()
        return JoinLink(self.host, port, fingerprint=fingerprint)

    def _fingerprint(self) -> str:
        return fingerprint_of(ssl.PEM_cert_to_DER_cert(self._certificate.read_text()))

    def _make_if_missing(self) -> None:
        """Make the pair, unless it is there.

        The key is written first and means nothing to anybody until there is a
        certificate; so a key alone is what a crash left, and replaced. A
        certificate alone is known to people, so it is not.
        """
        if self._certificate.exists() and self._key.exists():
            return
        if self._certificate.exists():
            raise StartError(
                f"{self._certificate} has lost its key. Put {self._key} back from a backup; or "
                "remove the certificate: then a new pair is made, and clients warn of the change."
            )
        try:
            _make(self._key, self._certificate, self.host)
        except OSError as exc:
            raise StartError(f"No certificate can be made in {self._folder}: {exc}.") from None
        log.info("certificate made", host=self.host, fingerprint=self._fingerprint())


def _this_machine() -> str:
    name = gethostname()
    return name if is_host(name) else "localhost"


def _open(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return a context that shows `certificate`. Raises StartError.

    TLS 1.3 only: whatever has a Python that runs our client has it, and so has
    every OpenSSL since 2018. No tickets: clients come back with a token of
    ours, and resuming TLS would save them a millisecond.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = 0
    _check_readable(certificate)
    _check_readable(key)
    try:
        # Without a passphrase at hand OpenSSL would ask for one at the terminal.
        context.load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, ValueError):
        raise StartError(
            f"{certificate} and {key} are not a certificate and its key, in PEM and without "
            "a passphrase."
        ) from None
    return context


def _check_readable(path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as exc:
        raise StartError(f"The file {path} cannot be read: {exc.strerror}.") from None


def _make(key_file: Path, certificate_file: Path, host: str) -> None:
    """Write a fresh key and its certificate, for nobody else to read."""
    # Slow to import, and needed once in a server's life.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "trialogue")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + _VALID)
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    _write_private(key_file, key.private_bytes(pem, pkcs8, plain))
    _write_private(certificate_file, certificate.public_bytes(pem))


def _names(host: str) -> "list[x509.GeneralName]":

    names = dict.fromkeys([host, _this_machine(), "localhost"])
    return [_general_name(name) for name in names]


def _general_name(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_private(path: Path, data: bytes) -> None:
    """Write `path` as a whole or not at all, and onto the disk."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
