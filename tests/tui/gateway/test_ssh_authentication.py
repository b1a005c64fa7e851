"""Who is asked for what over SSH: keys of the account log in, and nobody is turned away."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from asyncssh.packet import String

from chat_shared import messages as m
from chat_shared.connection import Connection, Role
from chat_shared.ssh_keys import SshKey, parse_key
from chat_tui.gateway import key_checks, ssh_authentication as module
from chat_tui.gateway.key_checks import KeyChecks
from chat_tui.gateway.places import Places
from chat_tui.gateway.ssh_authentication import MAX_OFFERED, SIGNATURES, Authentication
from support.ssh_keys import line_of

pytestmark = pytest.mark.asyncio


class Server:
    """A chat server, as far as it is asked about keys."""

    def __init__(self) -> None:
        self.known: set[tuple[str, str]] = set()  # names, and fingerprints of their keys
        self.asked: list[tuple[str, str]] = []
        self.connections = 0
        self.is_silent = False
        self.serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self.serving.add(serving)
        self.connections += 1
        connection = Connection(Role.SERVER)
        header = await reader.readexactly(16)
        await reader.readexactly(int.from_bytes(header[-2:]))
        if not self.is_silent:
            writer.write(connection.send(m.Hello(1, "test", "0", "open")))
        while data := await reader.read(4096):
            connection.receive(data)
            while (request := connection.next_message()) is not None:
                writer.write(connection.send(self._checked(request)))
        writer.close()
        await writer.wait_closed()

    def _checked(self, request: m.Message) -> m.SshKeyChecked:
        assert isinstance(request, m.CheckSshKey)
        question = request.name, parse_key(request.key).fingerprint
        self.asked.append(question)
        return m.SshKeyChecked(question in self.known, re=request.id)


class Gate:
    """The SSH server, without anything behind it, and who has authenticated."""

    def __init__(self, folder: Path) -> None:
        self.server = Server()
        self.latest: Authentication | None = None
        self.port = 0
        self._folder = folder

    def factory(self) -> Authentication:
        self.latest = Authentication(Places(), self._folder / "proxy.sock")
        return self.latest

    @property
    def proven(self) -> SshKey | None:
        assert self.latest is not None
        return self.latest.proven

    @property
    def offered(self) -> list[SshKey]:
        assert self.latest is not None
        return self.latest.offered

    async def connect(self, *keys: Any, name: str = "ada", **options: Any) -> None:
        """Connect as `name` with these keys and authenticate somehow."""
        async with asyncssh.connect(
            "127.0.0.1", self.port, username=name, known_hosts=None, config=None, agent_path=None,
            client_keys=list(keys) or None, client_factory=Person, **options,
        ):  # fmt: skip
            pass


class Person(asyncssh.SSHClient):
    """A person who answers questions, as OpenSSH's client does; there are none."""

    def kbdint_auth_requested(self) -> str:
        return ""


@asynccontextmanager
async def gate_in(folder: Path) -> AsyncGenerator[Gate]:
    gate = Gate(folder)
    listener = await asyncio.start_unix_server(gate.server.serve, folder / "proxy.sock")
    sock = socket.create_server(("127.0.0.1", 0))
    gate.port = sock.getsockname()[1]
    acceptor = await asyncssh.listen(
        sock=sock, server_factory=gate.factory, signature_algs=SIGNATURES,
        server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
    )  # fmt: skip
    try:
        yield gate
    finally:
        acceptor.close()
        listener.close()
        if gate.server.serving:
            await asyncio.wait(gate.server.serving)


def new_key(kind: str = "ssh-ed25519", **options: Any) -> tuple[asyncssh.SSHKey, SshKey]:
    """Return a new private key, and its public half."""
    key = asyncssh.generate_private_key(kind, **options)
    return key, parse_key(key.export_public_key().decode())


async def test_a_key_of_the_account_is_proven_and_the_others_are_offered(tmp_path: Path) -> None:
    (other, _), (own, public) = new_key("ecdsa-sha2-nistp256"), new_key()
    async with gate_in(tmp_path) as gate:
        gate.server.known.add(("ada", public.fingerprint))

        await gate.connect(other, own)

        assert gate.proven == public
        assert [key.kind for key in gate.offered] == ["ecdsa-sha2-nistp256"]
        assert gate.server.connections == 1
        assert len(gate.server.asked) == 2  # each once, though OpenSSH offers before it signs


async def test_without_a_key_of_this_account_everybody_passes_unproven(tmp_path: Path) -> None:
    own, public = new_key()
    async with gate_in(tmp_path) as gate:
        gate.server.known.add(("ada", public.fingerprint))

        await gate.connect(own, name="ben")
        assert (gate.proven, gate.offered) == (None, [public])
        await gate.connect(name="ada")
        assert (gate.proven, gate.offered) == (None, [])


class Borrowed(asyncssh.SSHKeyPair):
    """Somebody else's public key, with signatures by another private one."""

    def __init__(self, public: asyncssh.SSHKey, signer: asyncssh.SSHKey) -> None:
        algorithm = public.algorithm
        super().__init__(algorithm, algorithm, (algorithm,), (algorithm,), public.public_data, None)
        self._signer = signer

    def get_private_key(self) -> Any:
        return self._signer

    def sign(self, data: bytes) -> bytes:
        return self._signer.sign(data, self._signer.algorithm)


async def test_a_public_key_alone_proves_nothing(tmp_path: Path) -> None:
    (own, public), (thiefs, _) = new_key(), new_key()
    async with gate_in(tmp_path) as gate:
        gate.server.known.add(("ada", public.fingerprint))

        await gate.connect(Borrowed(own.convert_to_public(), thiefs))

        assert gate.server.asked == [("ada", public.fingerprint)]
        assert gate.proven is None


class SecurityToken(asyncssh.SSHKeyPair):
    """A security token, which signs what it is given, and whether it was touched."""

    def __init__(self, public: SshKey, signer: asyncssh.SSHKey, *, is_touched: bool) -> None:
        kind = public.kind.encode()
        super().__init__(kind, kind, (kind,), (kind,), public.data, None)
        self._signer = signer
        self._flags = bytes([is_touched]) + (7).to_bytes(4)  # and how often it has signed

    def get_private_key(self) -> Any:
        return self._signer

    def sign(self, data: bytes) -> bytes:
        signed = sha256(b"ssh:").digest() + self._flags + sha256(data).digest()
        signature = self._signer.sign(signed, b"ssh-ed25519")[-64:]
        return String(self.algorithm) + String(signature) + self._flags


@pytest.mark.parametrize("is_touched", [True, False])
async def test_a_security_token_has_to_be_touched(tmp_path: Path, *, is_touched: bool) -> None:
    inside, own = new_key()
    public = parse_key(line_of("sk-ssh-ed25519@openssh.com", own.data[-32:], b"ssh:"))
    async with gate_in(tmp_path) as gate:
        gate.server.known.add(("ada", public.fingerprint))

        await gate.connect(SecurityToken(public, inside, is_touched=is_touched))

        assert (gate.proven == public) is is_touched


@pytest.mark.parametrize(("algorithm", "is_proven"), [("ssh-rsa", False), ("rsa-sha2-256", True)])
async def test_an_rsa_key_signs_by_sha_2(
    tmp_path: Path, algorithm: str, *, is_proven: bool
) -> None:
    own, public = new_key("ssh-rsa", key_size=2048)
    async with gate_in(tmp_path) as gate:
        gate.server.known.add(("ada", public.fingerprint))

        await gate.connect(own, signature_algs=[algorithm])

        assert (gate.proven == public) is is_proven


async def test_what_is_no_fit_key_is_not_even_asked_about(tmp_path: Path) -> None:
    short = asyncssh.generate_private_key("ssh-rsa", key_size=1024)
    async with gate_in(tmp_path) as gate:
        await gate.connect(short)

        assert gate.server.asked == []
        assert gate.offered == []


async def test_few_keys_of_a_connection_are_asked_about(tmp_path: Path) -> None:
    keys = [new_key() for _ in range(MAX_OFFERED + 2)]
    async with gate_in(tmp_path) as gate:
        gate.server.known.add(("ada", keys[-1][1].fingerprint))

        await gate.connect(*(private for private, _ in keys))

        assert len(gate.server.asked) == len(gate.offered) == MAX_OFFERED
        assert gate.proven is None


async def test_who_offers_keys_in_vain_without_end_is_disconnected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_IN_VAIN", 3)
    async with gate_in(tmp_path) as gate:
        with pytest.raises(asyncssh.DisconnectError, match="Too many keys"):
            await gate.connect(*(new_key()[0] for _ in range(5)))


@pytest.mark.parametrize("state", ["silent", "gone"])
async def test_a_server_that_does_not_answer_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(key_checks, "CHECK_WITHIN", 0.05)
    async with gate_in(tmp_path) as gate:
        gate.server.is_silent = state == "silent"
        if state == "gone":
            (tmp_path / "proxy.sock").unlink()

        await gate.connect(new_key()[0])

        assert gate.proven is None


async def test_a_check_that_was_given_up_does_not_answer_the_next_one(tmp_path: Path) -> None:
    (_, first), (_, second) = new_key(), new_key()
    async with gate_in(tmp_path) as gate:
        gate.server.known = {("ada", first.fingerprint), ("ada", second.fingerprint)}
        checks = KeyChecks(tmp_path / "proxy.sock", "192.0.2.1", "ssh")
        await checks.logs_in("ada", first)
        given_up = asyncio.create_task(checks.logs_in("ben", first))
        await asyncio.sleep(0)  # until it has asked
        given_up.cancel()

        assert await checks.logs_in("ada", second)
        assert await checks.logs_in("ada", first)
        checks.close()
