"""Preferences over the protocol: the same on all devices of an account, and bounded."""

import pytest
import trio
from hypothesis import given, strategies as st
from trio.testing import MockClock

from chat_server.accounts.preferences import MAX_SAVED, SAVED_EVERY
from chat_server.store.threads import Storage
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from chat_shared.limits import MAX_FRAME, MAX_ID, MAX_PREFERENCE_NAME, MAX_PREFERENCES
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage


@pytest.fixture
async def devices(server: RunningServer) -> tuple[Peer, Peer]:
    """Two devices of Ada."""
    return await server.log_in("Ada"), await server.log_in("Ada")


def _setting(peer: Peer, **values: str) -> m.SetPreferences:
    return m.SetPreferences(values, id=peer.number())


async def _set(peer: Peer, **values: str) -> None:
    await peer.grant(_setting(peer, **values), m.Ok)


async def _values(peer: Peer) -> dict[str, str]:
    reply = await peer.grant(m.Preferences(id=peer.number()), m.PreferenceList)
    return reply.values


async def test_what_one_device_sets_another_has_and_the_rest_stays(
    devices: tuple[Peer, Peer],
) -> None:
    laptop, phone = devices
    await _set(laptop, theme="light", draft="Hi")
    await _set(phone, draft="")

    assert await _values(laptop) == await _values(phone) == {"theme": "light"}


async def test_the_other_devices_are_told_and_nobody_else(
    server: RunningServer, devices: tuple[Peer, Peer]
) -> None:
    laptop, phone = devices
    ben = await server.log_in("Ben")
    await ben.ping()
    ben.unread.clear()

    await _set(laptop, draft="Hi")

    assert (await phone.expect(m.PreferencesChanged)).values == {"draft": "Hi"}
    await ben.expect_nothing_more()
    await laptop.ping()
    assert not any(isinstance(message, m.PreferencesChanged) for message in laptop.unread)
    assert await _values(ben) == {}


async def test_each_device_is_answered_and_told_in_the_order_of_the_disk(
    disk_storage: Storage,
) -> None:
    async with running_server(disk_storage) as server:
        peers = {"laptop": await server.log_in("Ada"), "phone": await server.log_in("Ada")}
        for _ in range(MAX_SAVED // 2):
            for name, peer in peers.items():
                await peer.send(m.SetPreferences({"draft": name}, id=1))
            orders = {name: [await _next(peer), await _next(peer)] for name, peer in peers.items()}

            last = (await _values(peers["laptop"]))["draft"]
            assert orders.pop(last) == [m.PreferencesChanged, m.Ok]
            assert [*orders.values()] == [[m.Ok, m.PreferencesChanged]]


async def _next(peer: Peer) -> type[m.Message]:
    """Return which of the two messages about preferences comes next."""
    while not isinstance(message := await peer.receive(), m.Ok | m.PreferencesChanged):
        pass
    return type(message)


async def test_too_much_is_refused_and_changes_nothing(devices: tuple[Peer, Peer]) -> None:
    laptop, phone = devices
    largest = "x" * (MAX_PREFERENCES - len('{"draft":""}'))
    await _set(laptop, draft=largest)
    await phone.expect(m.PreferencesChanged)

    assert await laptop.code(_setting(laptop, draft=largest[1:], theme="dark")) == Code.TOO_LONG

    assert await _values(phone) == {"draft": largest}
    await phone.expect_nothing_more()


def test_the_largest_preferences_fit_a_frame_both_ways() -> None:
    values = {"n" * MAX_PREFERENCE_NAME: "\n" * ((MAX_PREFERENCES - 70) // 2)}

    assert len(m.encode(m.SetPreferences(values, id=MAX_ID))) <= MAX_FRAME
    assert len(m.encode(m.PreferenceList(values, re=MAX_ID))) <= MAX_FRAME


@pytest.mark.parametrize(
    "values",
    ['{"":"x"}', f'{{"{"n" * (MAX_PREFERENCE_NAME + 1)}":"x"}}', '{"a":1}', '{"a":null}', "[]"],
    ids=["no name", "a long name", "a number", "null", "a list"],
)
async def test_what_is_no_preference_is_refused(devices: tuple[Peer, Peer], values: str) -> None:
    laptop, _ = devices
    frame = f'{{"type":"set_preferences","id":7,"values":{values}}}\n'
    await laptop.send_bytes(frame.encode())

    reply = await laptop.reply_to(7)

    assert isinstance(reply, m.Error)
    assert reply.code == Code.BAD_REQUEST
    assert await _values(laptop) == {}


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=3))
def test_any_values_are_read_or_refused_in_one_sentence(values: dict[str, str]) -> None:
    frame = m.encode(m.SetPreferences(values, id=1))
    is_valid = all(
        0 < len(name) <= MAX_PREFERENCE_NAME and isinstance(value, str)
        for name, value in values.items()
    )
    if is_valid:
        assert m.decode_request(frame[:-1]) == m.SetPreferences(values, id=1)
    else:
        with pytest.raises(Refused, match=r"\$.values"):
            m.decode_request(frame[:-1])


async def test_nobody_saves_more_often_than_people_pause(
    server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, again = await server.log_in("Ada"), await server.log_in("Ada")
    for number in range(MAX_SAVED):
        await _set(ada, draft=f"{number}")

    refusal = await again.refusal(_setting(again, draft="x"))
    assert (refusal.code, refusal.retry_after) == (Code.TOO_FAST, SAVED_EVERY)
    await trio.sleep(SAVED_EVERY)
    await _set(again, draft="y")
    assert await ada.code(_setting(ada, draft="z")) == Code.TOO_FAST


async def test_on_a_full_disk_they_are_refused_and_stay_as_they_are(
    faults: FaultyStorage, ada: Peer
) -> None:
    await _set(ada, draft="Hi")

    with faults.nearly_full_disk():
        assert await ada.code(_setting(ada, draft="Hi again", theme="dark")) == Code.INTERNAL

    assert await _values(ada) == {"draft": "Hi"}
    await _set(ada, draft="Hi again")


async def test_they_go_with_the_account(server: RunningServer) -> None:
    ada = await server.connect()
    await ada.register("Ada")
    await _set(ada, draft="Hi")
    assert await server.storage.read(lambda store: store.preferences(1)) == {"draft": "Hi"}

    await ada.grant(m.DeleteAccount(PASSWORD, id=ada.number()), m.Ok)

    assert await server.storage.read(lambda store: store.preferences(1)) == {}
