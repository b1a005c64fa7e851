"""The hub counts who is here, and lets in no more than there is room for."""

from contextlib import ExitStack

import pytest
import trio

from chat_server.net.outbox import Outbox
from chat_server.sessions.rate_limits import TokenBucket
from chat_server.sessions.registry import Hub
from chat_server.sessions.session import Session
from chat_shared import messages as m
from chat_shared.errors import Code, Refused
from support.streams import ScriptedTransport


@pytest.fixture
def hub() -> Hub:
    return Hub(most=5, most_per_address=2, most_per_account=2)


class Guests:
    """Makes sessions, and admits them to a hub until the test ends."""

    def __init__(self, hub: Hub, nursery: trio.Nursery) -> None:
        self._hub = hub
        self._nursery = nursery
        self.stack = ExitStack()

    def make(self, address: str = "") -> Session:
        session = Session(
            address=address,
            say=m.encode,
            encode=m.encode_all,
            posts=TokenBucket(1, 1, 0),
            requests=TokenBucket(1, 1, 0),
        )
        session.outbox = Outbox(ScriptedTransport(), self._nursery, session.drop)
        return session

    def admit(self, address: str = "") -> Session:
        session = self.make(address)
        self.stack.enter_context(self._hub.admitted(session))
        return session


@pytest.fixture
async def guests(hub: Hub, nursery: trio.Nursery) -> Guests:
    return Guests(hub, nursery)


def _refusal(guests: Guests, address: str = "") -> Refused:
    with pytest.raises(Refused) as caught:
        guests.admit(address)
    return caught.value


async def test_sessions_are_counted_while_they_last(hub: Hub, guests: Guests) -> None:
    guests.admit()
    guests.admit("192.0.2.1")
    assert len(hub) == 2

    guests.stack.close()
    assert len(hub) == 0


async def test_a_full_server_lets_nobody_in_until_somebody_leaves(hub: Hub, guests: Guests) -> None:
    for _ in range(5):
        guests.admit()

    assert _refusal(guests).code is Code.SERVER_FULL
    guests.stack.close()
    guests.admit()


async def test_one_address_cannot_take_all_the_places(guests: Guests) -> None:
    for _ in range(2):
        guests.admit("192.0.2.1")

    refused = _refusal(guests, "192.0.2.1")
    assert refused.code is Code.SERVER_FULL
    assert refused.message == "Too many connections come from your address."
    guests.admit("192.0.2.2")


async def test_places_of_an_address_are_given_back(hub: Hub, guests: Guests) -> None:
    for _ in range(3):
        for _ in range(2):
            guests.admit("192.0.2.1")
        guests.stack.close()

    assert len(hub) == 0


async def test_whoever_comes_over_a_unix_socket_shares_no_address(guests: Guests) -> None:
    for _ in range(5):
        guests.admit("")


async def test_a_refused_session_takes_no_place(hub: Hub, guests: Guests) -> None:
    for _ in range(2):
        guests.admit("192.0.2.1")
    for _ in range(3):
        _refusal(guests, "192.0.2.1")

    assert len(hub) == 2


async def test_devices_of_one_account_are_one_person(hub: Hub, guests: Guests) -> None:
    first, second = guests.admit(), guests.admit()

    account = hub.attach(first, 7, "Ada")
    assert hub.attach(second, 7, "Ada") is account
    assert account.sessions == [first, second]
    assert hub.online(7)
    assert not hub.online(8)


async def test_an_account_is_online_until_its_last_device_has_left(
    hub: Hub, nursery: trio.Nursery
) -> None:
    first, second = Guests(hub, nursery), Guests(hub, nursery)
    hub.attach(first.admit(), 7, "Ada")
    hub.attach(second.admit(), 7, "Ada")

    first.stack.close()
    assert hub.online(7)
    second.stack.close()
    assert not hub.online(7)


async def test_the_oldest_device_gives_way_to_a_new_one(hub: Hub, guests: Guests) -> None:
    sessions = [guests.admit() for _ in range(3)]
    for session in sessions:
        hub.attach(session, 7, "Ada")

    assert [session.scope.cancel_called for session in sessions] == [True, False, False]
    assert "too many devices" in sessions[0].farewell


async def test_devices_that_are_leaving_already_do_not_count(hub: Hub, guests: Guests) -> None:
    sessions = [guests.admit() for _ in range(5)]
    for session in sessions:
        hub.attach(session, 7, "Ada")

    assert [session.scope.cancel_called for session in sessions] == [True, True, True, False, False]


async def test_a_session_that_could_not_be_let_in_is_nobody(hub: Hub, guests: Guests) -> None:
    session = guests.admit()
    hub.attach(session, 7, "Ada")

    hub.detach(session)

    assert session.account is None
    assert not hub.online(7)
    guests.stack.close()


async def test_a_void_token_ends_the_sessions_that_live_by_it(hub: Hub, guests: Guests) -> None:
    sessions = [guests.admit() for _ in range(3)]
    for session, digest in zip(sessions, (b"a", b"b", b"a"), strict=True):
        session.digest = digest

    hub.drop_tokens([], "nobody")
    hub.drop_tokens([b"a", b"c"], "logged out")

    assert [session.farewell for session in sessions] == ["logged out", "", "logged out"]


async def test_dismissing_ends_everybody_and_lets_nobody_in(hub: Hub, guests: Guests) -> None:
    sessions = [guests.admit() for _ in range(3)]

    hub.dismiss("the end")

    assert all(session.farewell == "the end" for session in sessions)
    assert _refusal(guests).code is Code.SHUTTING_DOWN
