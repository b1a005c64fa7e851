"""Requests about SSH keys, and logging in by one."""

from chat_server.accounts.ssh_keys import read_key
from chat_server.requests.account import claim
from chat_server.requests.handlers import handles
from chat_server.services import Services
from chat_server.sessions.session import Session, account_of
from chat_shared import messages as m
from chat_shared.errors import Code, Refused


@handles(m.CheckSshKey)
async def check_ssh_key(
    services: Services, session: Session, request: m.CheckSshKey
) -> m.SshKeyChecked:
    if not session.origin.via:
        raise Refused(Code.FORBIDDEN, "Only a proxy can ask this.")
    key = read_key(request.key)
    logs_in = await services.accounts.ssh_keys.logs_in(request.name, key.data)
    return m.SshKeyChecked(re=request.id, logs_in=logs_in)


@handles(m.LoginByKey)
async def log_in_by_key(services: Services, session: Session, request: m.LoginByKey) -> None:
    key = session.origin.public_key  # empty unless a proxy vouches for it
    identity = await services.accounts.ssh_keys.log_in(request.name, key)
    await claim(services, session, identity, request.client)
    await services.catch_up.welcome(session, identity, request.id)


@handles(m.SshKeys)
async def ssh_keys(services: Services, session: Session, request: m.SshKeys) -> m.SshKeyList:
    keys = await services.accounts.ssh_keys.list_keys(account_of(session).id, session.digest)
    return m.SshKeyList(re=request.id, keys=keys)


@handles(m.AddSshKey)
async def add_ssh_key(services: Services, session: Session, request: m.AddSshKey) -> m.Ok:
    key, name = read_key(request.key), account_of(session).name
    account = await services.accounts.check_password(name, request.password, session.address)
    await services.accounts.ssh_keys.add(account, key)
    return m.Ok(re=request.id)


@handles(m.RemoveSshKey)
async def remove_ssh_key(services: Services, session: Session, request: m.RemoveSshKey) -> None:
    account = account_of(session)
    revoked = await services.accounts.ssh_keys.remove(account.id, request.fingerprint)
    session.send(m.Ok(re=request.id))  # before this session may itself be disconnected
    services.registry.disconnect_tokens(revoked, "the SSH key of this session was removed")
