"""What a member posted before the end of a membership is published before it, the rest never."""

import pytest
from trio.testing import wait_all_tasks_blocked

from chat_server.rooms import moderation
from chat_shared import messages as m
from chat_shared.errors import Code
from support.kitchen import kitchen, kitchen_of
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer
from support.store_faults import FaultyStorage

_ENDS = [m.Kick("kitchen", "Ben", id=99), m.Ban("kitchen", "Ben", id=99)]


async def _begin(peer: Peer, *requests: m.Request) -> None:
    await peer.send(*requests)
    await wait_all_tasks_blocked()


def _seen(peer: Peer) -> list[str]:
    """Return what `peer` has received about Ben: the texts he posted, and that he left."""
    return [
        event.text if isinstance(event, m.Posted) else "left"
        for event in peer.unread
        if isinstance(event, m.Posted | m.Left) and event.room == "Kitchen"
    ]


@pytest.mark.parametrize("end", _ENDS, ids=["kick", "ban"])
async def test_posts_come_before_left_or_are_refused(
    faults: FaultyStorage, faulty_server: RunningServer, end: m.Request
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    during = ben.draft("during", "kitchen")
    with faults.commits_held() as gate:
        await _begin(ben, ben.draft("before", "kitchen"))
        await _begin(ada, end)
        await _begin(ben, during)
        gate.open_once()  # what was posted before is stored
        await wait_all_tasks_blocked()
    assert isinstance(await ada.reply_to(99), m.Ok)
    refused = await ben.reply_to(during.id)

    assert isinstance(refused, m.Error)
    assert refused.code == Code.NOT_A_MEMBER
    await ada.ping()
    assert _seen(ada) == ["before", "left"]


async def test_edits_and_reactions_too_come_before_left_or_are_refused(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    await ben.post("mine", "kitchen")
    edit = m.Edit("kitchen", 1, "during", "n", id=ben.number())
    with faults.queries_held() as queries:
        with faults.commits_held():
            await _begin(ada, _ENDS[0])
            queries.open_once()  # who Ben is
            await wait_all_tasks_blocked()
            await _begin(ben, edit)  # is allowed, as it seems until the kick is stored
        await wait_all_tasks_blocked()
    assert isinstance(await ada.reply_to(99), m.Ok)
    refused = await ben.reply_to(edit.id)

    assert isinstance(refused, m.Error)
    assert refused.code == Code.NOT_A_MEMBER
    await ada.ping()
    assert not [event for event in ada.unread if isinstance(event, m.Edited)]


async def test_posts_of_a_muted_member_come_before_the_mute_or_are_refused(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    during = ben.draft("during", "kitchen")
    with faults.commits_held() as gate:
        await _begin(ben, ben.draft("before", "kitchen"))
        await _begin(ada, m.Mute("kitchen", "Ben", id=99))
        await _begin(ben, during)
        gate.open_once()
        await wait_all_tasks_blocked()
    await ada.reply_to(99)
    refused = await ben.reply_to(during.id)

    assert isinstance(refused, m.Error)
    assert refused.code == Code.MUTED
    await ada.ping()
    events = [type(e) for e in ada.unread if isinstance(e, m.Posted | m.Audited)]
    assert events == [m.Posted, m.Audited]


async def test_a_removal_that_fails_lets_the_posts_through(
    faults: FaultyStorage, faulty_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation, "MAX_SANCTIONS", 0)
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    during = ben.draft("during", "kitchen")
    with faults.commits_held() as gate:
        await _begin(ben, ben.draft("before", "kitchen"))
        await _begin(ada, m.Mute("kitchen", "Ben", id=99))
        await _begin(ben, during)
        gate.open_once()
        await wait_all_tasks_blocked()
    assert isinstance(await ada.reply_to(99), m.Error)

    assert isinstance(await ben.reply_to(during.id), m.Accepted)
    assert not kitchen_of(faulty_server).leaving


@pytest.mark.parametrize("how", ["exit", "delete"])
async def test_posts_of_another_device_come_before_left_or_are_refused(
    faults: FaultyStorage, faulty_server: RunningServer, how: str
) -> None:
    _, (ada, ben) = await kitchen(faulty_server, "Ben")
    hashed = await faulty_server.services.accounts._passwords.hash(PASSWORD, "here")
    await faults.write(lambda store: store.set_password(2, hashed))
    phone = await faulty_server.log_in("Ben")
    end = m.Exit("kitchen", id=99) if how == "exit" else m.DeleteAccount(PASSWORD, id=99)
    during = ben.draft("during", "kitchen")
    with faults.commits_held() as gate:
        await _begin(ben, ben.draft("before", "kitchen"))
        await _begin(phone, end)
        await _begin(ben, during)
        gate.open_once()
        await wait_all_tasks_blocked()
    assert isinstance(await phone.reply_to(99), m.Ok)

    while "left" not in _seen(ada):
        await ada.ping()
    await ada.ping()
    assert _seen(ada) == ["before", "left"]


async def test_a_room_made_while_its_maker_deletes_the_account_is_not_made(
    faults: FaultyStorage, faulty_server: RunningServer
) -> None:
    ada = await faulty_server.log_in("Ada")
    account = faulty_server.services.registry.find(1)
    assert account is not None
    await faults.write(lambda store: store.remove_account(1, 5))

    assert await ada.code(m.Create("kitchen", id=1)) is Code.FORBIDDEN
    assert faulty_server.services.rooms.find("kitchen") is None
    assert len(await faults.read(lambda store: store.rooms())) == 1
