"""SSH keys of accounts over the protocol: who may add and remove them, and what they log in."""

from collections.abc import AsyncGenerator

import pytest
import trio

from chat_server.config import Config
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_SSH_KEYS
from chat_shared.proxy_header import Origin, write_header
from chat_shared.ssh_keys import SshKey
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer, greeted
from support.running_server import WIDE, RunningServer, running_server
from support.ssh_keys import key

KEY, OTHER = key(1, "ada@laptop"), key(2)
ID = 1  # of the first account
TRUSTING = Config(limits=WIDE, trust_proxy=("127.0.0.1",))


class Proxied:
    """A server that believes a proxy, and the connections that this proxy forwards."""

    def __init__(self, server: RunningServer, address: str) -> None:
        self.server = server
        self._address = address
        self._peers: list[Peer] = []

    async def connect(self, key: SshKey | None = None, via: str = "ssh") -> Peer:
        """Return a peer that holds `key`."""
        host, _, port = self._address.removeprefix("tcp://").rpartition(":")
        stream = await trio.open_tcp_stream(host, int(port))
        held = key.data if key is not None else b""
        await stream.send_all(write_header(Origin("203.0.113.9", via, held)))
        self._peers.append(peer := await greeted(stream))
        return peer

    async def aclose(self) -> None:
        for peer in self._peers:
            await peer.aclose()

    async def log_in(self, key: SshKey, name: str = "ada") -> Peer:
        peer = await self.connect(key)
        welcome = await peer.grant(m.LoginByKey(name, "ssh", id=1), m.Welcome)
        peer.token = welcome.token
        return peer

    async def code(self, key: SshKey | None, name: str = "ada") -> Code:
        """Return why `key` does not log in."""
        return await (await self.connect(key)).code(m.LoginByKey(name, id=1))

    async def checked(self, name: str, key: SshKey) -> bool:
        peer = await self.connect()
        request = m.CheckSshKey(name, str(key), id=1)
        return (await peer.grant(request, m.SshKeyChecked)).logs_in


@pytest.fixture
async def proxied(storage: InlineStorage) -> AsyncGenerator[Proxied]:
    async with running_server(storage, TRUSTING) as server:
        proxied = Proxied(server, await server.listen())
        yield proxied
        await proxied.aclose()


async def _add(peer: Peer, key: SshKey) -> None:
    await peer.grant(m.AddSshKey(str(key), PASSWORD, id=peer.number()), m.Ok)


async def _keys(peer: Peer) -> list[m.SshKeyInfo]:
    return (await peer.grant(m.SshKeys(id=peer.number()), m.SshKeyList)).keys


async def _ada(server: RunningServer) -> Peer:
    peer = await server.connect()
    await peer.register("Ada")
    return peer


async def test_a_key_logs_in_to_its_account_and_the_session_is_one_like_any_other(
    proxied: Proxied,
) -> None:
    ada = await _ada(proxied.server)
    await _add(ada, KEY)
    ssh = await proxied.log_in(KEY, "ADA")

    [info] = await _keys(ssh)
    assert (info.fingerprint, info.kind) == (KEY.fingerprint, "ssh-ed25519")
    assert (info.comment, info.current) == ("ada@laptop", True)
    assert info.used >= info.added
    assert [key.current for key in await _keys(ada)] == [False]
    again = await proxied.server.connect()  # by the token, whatever key that connection has
    assert (await again.resume(ssh.token)).account == "Ada"
    await ada.grant(m.Revoke(id=ada.number()), m.Ok)
    await ssh.expect(m.Bye)
    await again.expect(m.Bye)


async def test_only_the_password_adds_a_key_and_wrong_ones_are_counted(
    server: RunningServer,
) -> None:
    ada = await _ada(server)

    codes = [await ada.code(m.AddSshKey(str(KEY), f"wrong {n}", id=ada.number())) for n in range(6)]

    assert codes == [Code.WRONG_CREDENTIALS] * 5 + [Code.TOO_FAST]
    assert await _keys(ada) == []


async def test_what_is_no_key_is_refused_before_the_password_is_looked_at(
    server: RunningServer,
) -> None:
    ada = await _ada(server)

    refusal = await ada.refusal(m.AddSshKey("-----BEGIN RSA PRIVATE KEY-----", "wrong", id=5))

    assert refusal.code == Code.BAD_REQUEST
    assert "private key" in refusal.message


async def test_an_account_has_few_keys_and_each_once(server: RunningServer) -> None:
    ada = await _ada(server)
    for number in range(MAX_SSH_KEYS):
        await _add(ada, key(number))

    for one in (key(0), key(MAX_SSH_KEYS)):
        request = m.AddSshKey(str(one), PASSWORD, id=ada.number())
        assert await ada.code(request) == Code.FORBIDDEN
    assert len(await _keys(ada)) == MAX_SSH_KEYS


async def test_a_removed_key_logs_in_no_more_and_its_sessions_end(proxied: Proxied) -> None:
    ada = await _ada(proxied.server)
    for one in (KEY, OTHER):
        await _add(ada, one)
    ssh, other = await proxied.log_in(KEY), await proxied.log_in(OTHER)

    await ada.grant(m.RemoveSshKey(KEY.fingerprint, id=ada.number()), m.Ok)

    assert "removed" in (await ssh.expect(m.Bye)).reason
    assert await proxied.code(KEY) == Code.WRONG_CREDENTIALS
    refused = await proxied.server.connect()
    assert await refused.code(m.Resume(ssh.token, {}, id=1)) == Code.BAD_TOKEN
    for peer in (ada, other):
        await peer.ping()
    for fingerprint in (KEY.fingerprint, "SHA256:nonsense", ""):
        request = m.RemoveSshKey(fingerprint, id=ada.number())
        assert await ada.code(request) == Code.FORBIDDEN


async def test_a_session_may_remove_the_key_that_it_began_by(proxied: Proxied) -> None:
    ada = await _ada(proxied.server)
    await _add(ada, KEY)
    ssh = await proxied.log_in(KEY)

    await ssh.grant(m.RemoveSshKey(KEY.fingerprint, id=ssh.number()), m.Ok)
    await ssh.expect(m.Bye)


async def test_a_new_password_leaves_no_other_way_in(proxied: Proxied) -> None:
    ada = await _ada(proxied.server)
    for one in (KEY, OTHER):
        await _add(ada, one)
    ssh, other = await proxied.log_in(KEY), await proxied.log_in(OTHER)

    await ssh.grant(m.Password(PASSWORD, "saves nine of them", id=ssh.number()), m.Ok)

    for peer in (ada, other):
        await peer.expect(m.Bye)
    assert await proxied.code(OTHER) == Code.WRONG_CREDENTIALS
    assert [key.current for key in await _keys(ssh)] == [True]
    await proxied.log_in(KEY)


async def test_a_header_is_believed_from_a_proxy_only(storage: InlineStorage) -> None:
    async with running_server(storage) as server:  # which trusts none
        stranger, ada = Proxied(server, await server.listen()), await _ada(server)
        await _add(ada, KEY)

        peer = await stranger.connect(KEY)
        refusal, bye = await peer.receive_all()
        assert isinstance(refusal, m.Error)
        assert bye == m.Bye("protocol error")
        assert server.services.registry.disconnects["protocol error"] == 1
        assert [key.used for key in await _keys(ada)] == [""]
        plain = await server.connect()
        assert await plain.code(m.LoginByKey("ada", id=1)) == Code.WRONG_CREDENTIALS
        assert await plain.code(m.CheckSshKey("ada", str(KEY), id=2)) == Code.FORBIDDEN
        await stranger.aclose()


async def test_nobody_learns_which_names_have_keys(proxied: Proxied) -> None:
    ada = await _ada(proxied.server)
    await (await proxied.server.connect()).register("ben")
    await _add(ada, KEY)

    names = ("ada", "ben", "nobody", "no\x00name", "x" * 5_000)
    assert [await proxied.checked(name, OTHER) for name in names] == [False] * 5
    assert {await proxied.code(OTHER, name) for name in names} == {Code.WRONG_CREDENTIALS}
    assert {await proxied.code(None, name) for name in names} == {Code.WRONG_CREDENTIALS}
    assert await proxied.checked("ADA", KEY)
    await proxied.server.storage.write(lambda store: store.set_locked(ID, 1))
    assert not await proxied.checked("ada", KEY)
    assert await proxied.code(KEY) == Code.WRONG_CREDENTIALS
