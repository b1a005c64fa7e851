"""A guest makes the account one like any other, with a password."""

from chat_server.admin.operations import Administration
from chat_shared import messages as m
from chat_shared.errors import Code
from support.clock import Clock
from support.guests import come, configured, with_guest
from support.inline_storage import InlineStorage
from support.peer import PASSWORD
from support.running_server import RunningServer

HOUR = 3_600


async def test_a_guest_keeps_the_account_with_its_name_history_and_room(
    server: RunningServer, clock: Clock
) -> None:
    ada, mia, _ = await with_guest(server)
    await mia.post("Hello", "kitchen")
    await ada.ping()
    ada.unread.clear()

    await mia.grant(m.Keep(PASSWORD, id=1), m.Ok)

    assert await mia.expect(m.Entered) == m.Entered("general", "guest-Mia")
    assert await ada.expect(m.Entered) == m.Entered("general", "guest-Mia")
    assert (await ada.expect(m.Audited)).entry.action == "keep"
    page = await ada.grant(m.History("kitchen", id=1), m.Page)
    assert [(line.author, line.guest) for line in page.messages] == [("guest-Mia", False)]
    await mia.create("Cellar")
    await ada.grant(m.Direct("guest-Mia", id=2), m.Joined)
    clock.pass_by(48 * HOUR)
    server.services.guests.look()
    await mia.ping()
    again = await server.connect()
    welcome = await again.grant(m.Login("guest-mia", PASSWORD, id=1), m.Welcome)
    assert [room.room for room in welcome.rooms[:2]] == ["general", "Kitchen"]
    assert welcome.guest_until == ""


async def test_a_weak_password_keeps_nothing_and_nobody_keeps_twice(
    server: RunningServer,
) -> None:
    ada, mia, _ = await with_guest(server)

    assert await mia.code(m.Keep("short", id=1)) is Code.WEAK_PASSWORD
    assert await mia.code(m.Create("cellar", id=2)) is Code.FORBIDDEN
    await mia.grant(m.Keep(PASSWORD, id=3), m.Ok)
    assert await mia.code(m.Keep(PASSWORD, id=4)) is Code.FORBIDDEN
    assert await ada.code(m.Keep(PASSWORD, id=5)) is Code.FORBIDDEN


async def test_who_is_removed_while_keeping_the_account_is_not_told_that_it_is_kept(
    server: RunningServer, storage: InlineStorage
) -> None:
    _, mia, _ = await with_guest(server)
    guest = await storage.read(lambda store: store.account("guest-mia"))
    assert guest is not None
    assert await storage.write(lambda store: store.remove_guest(guest.id, guest.guest_until))

    refusal = await mia.refusal(m.Keep(PASSWORD, id=1))

    assert refusal.message == "You are not a guest any more."


async def test_where_people_are_invited_a_guest_needs_an_invitation_to_keep_it(
    storage: InlineStorage,
) -> None:
    async with configured(storage, "invite") as server:
        ada, mia, code = await with_guest(server)
        await ada.create("Cellar")
        invitation = (await ada.grant(m.Invite("cellar", id=1), m.RoomInvite)).code

        for wrong in "", code, "k7qm-2vxh-9rtd":
            refused = m.Keep(PASSWORD, wrong, id=mia.number())
            assert await mia.code(refused) is Code.REGISTRATION_CLOSED
        await mia.grant(m.Keep(PASSWORD, invitation, id=2), m.Ok)

        entered = [await mia.expect(m.Entered) for _ in range(2)]
        assert [event.room for event in entered] == ["general", "Cellar"]
        ben, _ = await come(server, "Ben", code)
        refused = m.Keep(PASSWORD, invitation, id=1)
        assert await ben.code(refused) is Code.REGISTRATION_CLOSED


async def test_where_nobody_registers_no_guest_stays(storage: InlineStorage) -> None:
    async with configured(storage, "closed") as server:
        _, mia, _ = await with_guest(server)

        assert await mia.code(m.Keep(PASSWORD, id=1)) is Code.REGISTRATION_CLOSED


async def test_the_operators_notice_reaches_guests(server: RunningServer) -> None:
    _, mia, _ = await with_guest(server)
    Administration(server.services, server.storage, Clock()).send_notice("Restart at noon.")

    assert await mia.expect(m.Notice) == m.Notice("Restart at noon.")
