"""SSH keys, as the server in memory handles them. All connections are by a key, if there is one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.names import fold
from chat_shared.ssh_keys import parse_key

if TYPE_CHECKING:
    from support.fake_server import FakeSession

AT: Final = "2026-11-22T09:30:00.000Z"


def _list(session: "FakeSession", request: m.SshKeys) -> None:
    session.send(m.SshKeyList(re=request.id, keys=_keys_of(session)))


def _add(session: "FakeSession", request: m.AddSshKey) -> None:
    if session.fake.accounts[fold(session.account)][1] != request.password:
        raise Refused(Code.WRONG_CREDENTIALS, "The password is wrong.")
    _keys_of(session).append(info_of(request.key))
    session.send(m.Ok(re=request.id))


def _remove(session: "FakeSession", request: m.RemoveSshKey) -> None:
    keys = _keys_of(session)
    left = [key for key in keys if key.fingerprint != request.fingerprint]
    if left == keys:
        raise Refused(Code.FORBIDDEN, "You have no such key.")
    keys[:] = left
    session.send(m.Ok(re=request.id))


def info_of(line: str) -> m.SshKeyInfo:
    """Return a public key as the server lists it."""
    key = parse_key(line)
    return m.SshKeyInfo(key.fingerprint, key.kind, key.comment, AT)


def _keys_of(session: "FakeSession") -> list[m.SshKeyInfo]:
    return session.fake.ssh_keys.setdefault(fold(session.account), [])


HANDLERS: Final[dict[type[m.Request], Callable[..., object]]] = {
    m.SshKeys: _list,
    m.AddSshKey: _add,
    m.RemoveSshKey: _remove,
}
