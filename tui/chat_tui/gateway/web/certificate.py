"""The server's certificate, for TLS with browsers."""

import ssl
from pathlib import Path


class Certificate:
    """A certificate and its key in files. `context` is the one for new connections."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Load them. Raises OSError, of which ssl.SSLError is one."""
        self._certificate = certificate
        self._key = key
        self.reload()

    def reload(self) -> None:
        """Load the files again for new connections. Raises OSError, and keeps the old ones."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3  # as all browsers have since 2019
        context.set_alpn_protocols(["http/1.1"])
        # Without a password, OpenSSL would ask for one at the terminal.
        context.load_cert_chain(self._certificate, self._key, password="")
        self.context = context
