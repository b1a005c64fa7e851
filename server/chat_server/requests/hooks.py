"""Requests of owners about hooks, and of the gateway on behalf of programs that have one."""

from chat_server.clock import rfc3339
from chat_server.requests.handlers import handles
from chat_server.services import Services
from chat_server.sessions.session import Session, account_of
from chat_server.store.api import HookRecord
from chat_shared import messages as m


@handles(m.CreateHook)
async def create(services: Services, session: Session, request: m.CreateHook) -> m.HookCreated:
    room = services.rooms.joined(account_of(session), request.room)
    hook, code = await services.hooks.create(account_of(session), room, request.name)
    return m.HookCreated(
        re=request.id,
        room=room.name,
        hook=hook.id,
        name=hook.name,
        code=code,
        web=services.public.web,
    )


@handles(m.Hooks)
async def hooks(services: Services, session: Session, request: m.Hooks) -> m.HookList:
    room = services.rooms.joined(account_of(session), request.room)
    found = await services.hooks.list_hooks(room)
    return m.HookList(re=request.id, room=room.name, hooks=[*map(_info, found)])


@handles(m.RemoveHook)
async def remove(services: Services, session: Session, request: m.RemoveHook) -> m.Ok:
    room = services.rooms.joined(account_of(session), request.room)
    await services.hooks.remove(account_of(session), room, request.hook)
    return m.Ok(re=request.id)


@handles(m.OpenHook)
async def open_hook(services: Services, session: Session, request: m.OpenHook) -> m.HookOpened:
    room, hook = await services.hooks.open(session, request.code)
    return m.HookOpened(re=request.id, room=room.name, name=hook.name)


def _info(record: HookRecord) -> m.HookInfo:
    used = rfc3339(record.used) if record.used else ""
    return m.HookInfo(record.id, record.name, record.by, rfc3339(record.created), used)
