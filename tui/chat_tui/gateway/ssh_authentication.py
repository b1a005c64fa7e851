"""How people authenticate over SSH.

Nobody needs a key: everybody is let in to the log-in form, where the chat's own passwords count.
"""

import asyncssh

from chat_tui.gateway.places import NoPlaceError, Places


class Authentication(asyncssh.SSHServer):
    """The beginning of a connection, until its person is authenticated. It always succeeds."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.connection: asyncssh.SSHServerConnection | None = None
        self._in_handshake = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn
        try:
            self.places.begin_handshake()
        except NoPlaceError as exc:
            conn.disconnect(asyncssh.DISC_TOO_MANY_CONNECTIONS, str(exc))
        else:
            self._in_handshake = True

    def begin_auth(self, username: str) -> bool:
        return False  # no password, no key: the log-in form asks

    def auth_completed(self) -> None:
        self._end_handshake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_handshake()

    def _end_handshake(self) -> None:
        if self._in_handshake:
            self._in_handshake = False
            self.places.end_handshake()
