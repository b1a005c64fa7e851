"""How people authenticate over SSH: by a key of their account, or else not at all.

Everybody is asked for a key and nobody needs one. A key that logs in to the account of the user
name is proven by its signature, and the client logs in by it. Everybody else passes by
keyboard-interactive authentication, without a question, and gets the log-in form, where the chat's
own passwords count. So there is no "Permission denied".

What SSH cannot hide: a client that offers a public key, without having the private one, learns
whether that key logs in to that account. To accept every key up to its signature would hide it, but
ask everybody for the passphrases of all their keys. Nothing else depends on which keys there are.
"""

import asyncio
from pathlib import Path
from typing import Final

import asyncssh

from chat_shared.addresses import limit_address
from chat_shared.errors import BadSshKey
from chat_shared.ssh_keys import KINDS, SshKey, check_key, kind_of
from chat_tui.gateway.asyncssh_internals import paused
from chat_tui.gateway.key_checks import KeyChecks
from chat_tui.gateway.places import Handshake, Places

# Keys of one connection that the server is asked about: more than an agent usually holds, and
# than OpenSSH's own server would take.
MAX_OFFERED: Final = 10
# Keys that a connection may offer in vain: further ones only cost.
MAX_IN_VAIN: Final = 50

_TOO_MANY: Final = "Too many keys. To offer none: ssh -o PubkeyAuthentication=no"

# Algorithms of signatures: all of the keys' types, but not RSA with SHA-1.
_RSA: Final = (b"rsa-sha2-256", b"rsa-sha2-512")
SIGNATURES: Final = (*(kind for kind in KINDS if kind != "ssh-rsa"), *map(bytes.decode, _RSA))


class Authentication(asyncssh.SSHServer):
    """The beginning of a connection, until its person is authenticated."""

    def __init__(self, places: Places, server: Path) -> None:
        self.places = places
        self.connection: asyncssh.SSHServerConnection | None = None
        self._server = server
        self._handshake: Handshake | None = None
        self._checks: KeyChecks | None = None
        self._answers: dict[tuple[str, bytes], bool] = {}  # by name and key
        self._in_vain = 0
        self._last: tuple[str, SshKey] | None = None  # a name, and the key that logs in to it
        self._passed_without = False  # by keyboard-interactive authentication

    # --- the result

    @property
    def proven(self) -> SshKey | None:
        """The key that logs in to the account of the user name, if a signature has proven it."""
        if self._passed_without or self._last is None or self.connection is None:
            return None
        name, key = self._last
        return key if name == self.connection.get_extra_info("username") else None

    @property
    def offered(self) -> list[SshKey]:
        """The keys that the person seems to have, and that do not log in to this account."""
        others = dict.fromkeys(data for (_, data), logs_in in self._answers.items() if not logs_in)
        return [SshKey(kind_of(data), data) for data in others]

    # --- for asyncssh

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connection = conn
        self._handshake = Handshake(self._address, conn.abort)
        self.places.begin_handshake(self._handshake)
        self._wait_turn(conn)

    def begin_auth(self, username: str) -> bool:
        return True  # without it, no client would offer a key

    def public_key_auth_supported(self) -> bool:
        return True

    async def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Return whether `key` logs in; asyncssh verifies the signature, if there is one.

        asyncssh gives up a request when the next one arrives, so `_last` is that of the request
        which succeeds.
        """
        if key.algorithm == b"ssh-rsa":
            key.all_sig_algorithms = set(_RSA)
        held = SshKey(kind_of(key.public_data), key.public_data)
        logs_in = await self._logs_in(username, held)
        self._last = (username, held) if logs_in else None
        if not logs_in:
            self._count_in_vain()
        return logs_in

    def kbdint_auth_supported(self) -> bool:
        return True

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> bool:
        self._passed_without = True
        return True

    def auth_completed(self) -> None:
        self._end_handshake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_handshake()

    # ---

    @property
    def _address(self) -> str:
        """Return the address of the person, as limits see it."""
        assert self.connection is not None
        return limit_address(self.connection.get_extra_info("peername")[0])

    def _wait_turn(self, conn: asyncssh.SSHServerConnection) -> None:
        """Read nothing from a connection until it may begin its handshake, or close it."""
        wait = self.places.handshake_wait(self._address)
        if wait is None:
            conn.abort()
        elif wait:
            asyncio.get_running_loop().call_later(wait, paused(conn))

    async def _logs_in(self, name: str, key: SshKey) -> bool:
        question = name, key.data
        if question not in self._answers:
            if len(self._answers) >= MAX_OFFERED or not _is_fit(key):
                return False
            self._answers[question] = await self._ask(name, key)
        return self._answers[question]

    async def _ask(self, name: str, key: SshKey) -> bool:
        if self._checks is None:
            self._checks = KeyChecks(self._server, self._address, "ssh")
        return await self._checks.logs_in(name, key)

    def _count_in_vain(self) -> None:
        self._in_vain += 1
        if self._in_vain > MAX_IN_VAIN and self.connection is not None:
            self.connection.disconnect(asyncssh.DISC_NO_MORE_AUTH_METHODS_AVAILABLE, _TOO_MANY)

    def _end_handshake(self) -> None:
        if self._handshake is not None:
            self.places.end_handshake(self._handshake)
        if self._checks is not None:
            self._checks.close()
            self._checks = None


def _is_fit(key: SshKey) -> bool:
    try:
        check_key(key.data)
    except BadSshKey:
        return False
    return True
