"""A changed password comes with a new token: the one from before may have been copied."""

from chat_server.accounts.identity import token_digest
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MIN_TOKEN
from support.inline_storage import InlineStorage
from support.peer import PASSWORD
from support.running_server import RunningServer

NEW = "battery staple correct"


async def code_of_resume(server: RunningServer, token: str) -> Code:
    return await (await server.connect()).code(m.Resume(token, {}, id=1))


async def test_a_copy_of_the_own_token_stops_working_too(server: RunningServer) -> None:
    ada = await server.registered("ada")
    thief = await server.connect()
    await thief.resume(ada.token)

    changed = await ada.grant(m.Password(PASSWORD, NEW, id=1), m.Ok)

    assert await thief.expect(m.Bye) == m.Bye("the password was changed on another device")
    assert await code_of_resume(server, ada.token) == Code.BAD_TOKEN
    assert len(changed.token) == MIN_TOKEN
    listed = await ada.grant(m.Sessions(id=2), m.SessionList)
    assert [session.current for session in listed.sessions] == [True]


async def test_a_client_can_bring_the_new_token_which_it_has_stored(server: RunningServer) -> None:
    ada = await server.registered("ada")
    brought = "n" * MIN_TOKEN

    changed = await ada.grant(m.Password(PASSWORD, NEW, brought, id=1), m.Ok)

    assert changed.token == brought
    await (await server.connect()).resume(brought)
    await ada.ping()


async def test_a_token_that_is_short_or_in_use_is_refused_and_nothing_changes(
    server: RunningServer,
) -> None:
    ada = await server.registered("ada")
    ben = await server.registered("ben")
    for token in "n" * (MIN_TOKEN - 1), ada.token, ben.token:
        change = m.Password(PASSWORD, NEW, token, id=1)
        assert await ada.code(change) == Code.BAD_REQUEST

    for peer in ada, ben:
        await (await server.connect()).resume(peer.token)
    await server.logged_in("ada")


async def test_a_device_that_is_logged_out_meanwhile_gets_no_new_token(
    server: RunningServer, storage: InlineStorage
) -> None:
    ada = await server.registered("ada")
    await storage.write(lambda store: store.revoke_token(token_digest(ada.token)))

    assert await ada.code(m.Password(PASSWORD, NEW, id=1)) == Code.BAD_TOKEN
    await server.logged_in("ada")
