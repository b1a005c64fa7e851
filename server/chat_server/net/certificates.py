"""The server's key and certificate: a pair made at the first start, or the operator's own.

Knows files and TLS, but no socket and no peer.
"""

import os
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Final

import structlog

from chat_server.config import Config
from chat_server.errors import StartError
from chat_server.net.certificate_pair import Validity, open_pair, validity_of
from chat_shared.addresses import is_host
from chat_shared.links import fingerprint_of

if TYPE_CHECKING:
    from cryptography import x509

log = structlog.get_logger()

KEY: Final = "tls.key"
CERTIFICATE: Final = "tls.crt"

# Clients pin this certificate and no authority is involved, so replacing it
# would warn everybody and protect nobody.
_VALID: Final = timedelta(days=3650)
_CLOCK_SKEW: Final = timedelta(days=1)


class Credentials:
    """The key and certificate in use. `context` is the one for new connections."""

    def __init__(self, config: Config) -> None:
        self.host: Final = config.host or _this_host()
        self.certificate: Final = config.tls_cert or config.data / CERTIFICATE
        self.key: Final = config.tls_key or config.data / KEY
        self._folder = config.data
        self._when_reloaded: list[Callable[[], object]] = []
        self._provided = config.tls_cert is not None
        self._context: ssl.SSLContext | None = None
        self._validity: Validity | None = None  # of the operator's own certificate in use

    @property
    def context(self) -> ssl.SSLContext:
        assert self._context is not None  # `load` was called first
        return self._context

    def when_reloaded(self, call: Callable[[], object]) -> None:
        """Call `call` each time the files have been loaded again."""
        self._when_reloaded.append(call)

    def load(self) -> None:
        """Load the files; create the default pair if it is missing. Raises StartError."""
        if not self._provided:
            self._create_if_missing()
        self._context = open_pair(self.certificate, self.key)
        if self._provided:  # ours is valid for as long as anybody uses it, and reading it is slow
            self._validity = validity_of(self.certificate)
            if not self._validity.is_now:
                dates = str(self._validity)
                log.warning("certificate not valid now", file=str(self.certificate), dates=dates)

    def reload(self) -> None:
        """Load the files again for new connections.

        Keeps the old ones, and logs why, if the new ones cannot be used. Does nothing
        before `load`.
        """
        if self._context is None:
            return
        try:
            self._reload()
        except StartError as exc:
            log.error("certificate not reloaded", reason=str(exc))
        else:
            log.info("certificate reloaded", file=str(self.certificate))
            for call in self._when_reloaded:
                call()

    def _reload(self) -> None:
        context = open_pair(self.certificate, self.key)
        if self._validity is not None:
            validity = validity_of(self.certificate)
            if self._validity.is_now and not validity.is_now:
                raise StartError(f"{self.certificate} is {validity}, but the one in use is valid.")
            self._validity = validity
        self._context = context

    @property
    def fingerprint(self) -> str:
        """The fingerprint of a certificate made here, for links.

        Empty for the operator's own: it is signed by an authority and changes every few months.
        """
        return "" if self._provided else self._fingerprint()

    def _fingerprint(self) -> str:
        return fingerprint_of(ssl.PEM_cert_to_DER_cert(self.certificate.read_text()))

    def _create_if_missing(self) -> None:
        """Create the pair unless it exists.

        The key is written first, and nobody can know it before its certificate
        exists: a key alone was left by a crash and is replaced. A certificate
        alone may be pinned by clients, so it is not.
        """
        if self.certificate.exists() and self.key.exists():
            return
        if self.certificate.exists():
            raise StartError(
                f"The key of {self.certificate} is missing. Restore {self.key} from a backup, or "
                "delete the certificate to get a new pair: clients will warn about the change."
            )
        try:
            _create(self.key, self.certificate, self.host)
        except OSError as exc:
            raise StartError(
                f"Cannot create a certificate in {self._folder}: {exc.strerror}. "
                "Check that this user can write there."
            ) from None
        log.info("certificate created", host=self.host, fingerprint=self._fingerprint())


def _this_host() -> str:
    name = gethostname()
    return name if is_host(name) else "localhost"


def _create(key_file: Path, certificate_file: Path, host: str) -> None:
    """Write a new key and its certificate, readable only by their owner."""
    # Imported here: slow, and needed once in a server's life.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "trialogue")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
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
    names = dict.fromkeys([host, _this_host(), "localhost"])
    return [_general_name(name) for name in names]


def _general_name(name: str) -> "x509.GeneralName":
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_private(path: Path, data: bytes) -> None:
    """Write `path` atomically, and flush it to disk."""
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
