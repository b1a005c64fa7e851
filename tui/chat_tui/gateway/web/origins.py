"""Who asks for what: the person (if a proxy forwards them), the page's origin and the path."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from chat_shared.addresses import limit_address

Network: TypeAlias = IPv4Network | IPv6Network

_NOT_FORWARDED: Final = (
    "The web server in front of the chat does not say whom it forwards (X-Forwarded-For)."
)


class UnknownPersonError(Exception):
    """A proxy did not say whom it forwards; the message is a sentence."""


class Origins:
    """Which proxies are believed, and from which pages connections are accepted."""

    def __init__(self, trusted: Sequence[Network] = (), url: str = "") -> None:
        """Trust the proxies in these networks. `url` is where people open the pages."""
        self._trusted = trusted
        self._url, self._page = url, _origin_of(url)
        self.folder: Final = urlsplit(url).path.rstrip("/")  # of the pages, such as /chat

    def allow(self, origin: str, host: str, *, is_secure: bool) -> bool:
        """Return whether a page of ours opens a WebSocket to `host`: any page may try to.

        With TLS, that is one from the host that the request names, since a certificate vouched for
        it. Without, a page of another host could have let its name lead here (DNS rebinding).
        """
        own = f"https://{host}".lower() if is_secure else ""
        return bool(origin) and origin.lower() in (self._page, own)

    def page_for(self, *, is_secure: bool) -> str:
        """Return the address of the only pages that may connect, to compare; empty for any.

        Which host a request names does not tell: a proxy may put in its own.
        """
        return "" if is_secure else self._url

    def path_of(self, path: str) -> str:
        """Return what is asked for in the folder of the pages; empty for the folder itself.

        A web server may pass on the folder, or leave it out.
        """
        is_inside = path == self.folder or path.startswith(f"{self.folder}/")
        return path.removeprefix(self.folder) if is_inside else path

    def address(self, peer: str | None, forwarded: Iterable[str]) -> str:
        """Return the person's address as limits count it.

        `peer` is who connects, None on a Unix socket, where only proxies do; `forwarded` is what
        they sent in X-Forwarded-For. Of several addresses the last counts that is no proxy's: what
        precedes it could have been sent by the person. Raises UnknownPersonError.
        """
        if peer is not None and not self.trusts(peer):
            return limit_address(peer)
        for entry in reversed([entry for line in forwarded for entry in line.split(",")]):
            address = _parsed(entry.strip())
            if address is None:
                break
            if not self._trusts(address):
                return limit_address(str(address))
        if peer is None:
            raise UnknownPersonError(_NOT_FORWARDED)
        return limit_address(peer)

    def trusts(self, host: str) -> bool:
        """Return whether a proxy connects from `host`."""
        address = _parsed(host)
        return address is not None and self._trusts(address)

    def _trusts(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


def _origin_of(url: str) -> str:
    """Return the origin of a page as browsers write it: without the port if it is the usual one."""
    parts = urlsplit(url.lower())
    host = parts.netloc.removesuffix(":443" if parts.scheme == "https" else ":80")
    return f"{parts.scheme}://{host}" if url else ""


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address, as IPv4 if it came through a socket of both kinds; None if it is none."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.version == 6 and address.ipv4_mapped) or address
