"""Every request is granted or refused, and every refusal is deliberate."""

import importlib
import pkgutil
from collections.abc import AsyncGenerator, Callable

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

import chat_server
from chat_server.config import Config
from chat_server.requests.dispatch import GUARDS
from chat_server.requests.handlers import HANDLERS
from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_TEXT
from support.inline_storage import InlineStorage
from support.peer import PASSWORD, Peer
from support.running_server import RunningServer, running_server
from support.store_faults import FaultyStorage

_AFTER_LOG_IN: list[m.Request] = [
    m.Post("general", "hello", "n", id=1),
    m.Create("kitchen", id=1),
    m.Join("kitchen", "k7qm-2vxh-9rtd", id=1),
    m.Exit("kitchen", id=1),
    m.History("general", id=1),
    m.Members("general", id=1),
    m.Topic("general", "Soup", id=1),
    m.Kick("general", "Ben", id=1),
    m.Audit("general", id=1),
    m.Logout(id=1),
]
_LOG_INS: list[m.Request] = [
    m.Register("Ada", PASSWORD, id=1),
    m.Login("Ada", PASSWORD, id=1),
    m.Resume("token", {}, id=1),
]


@pytest.fixture
async def ada(server: RunningServer) -> Peer:
    return await server.log_in("Ada")


@pytest.fixture
async def strict_server(storage: InlineStorage) -> AsyncGenerator[RunningServer]:
    """A server with the limits that the protocol page names."""
    async with running_server(storage, Config()) as server:
        yield server


def test_every_request_has_a_handler() -> None:
    assert set(HANDLERS) == set(m.REQUESTS)
    assert set(GUARDS) == set(m.REQUESTS)


# --- when it is asked


@pytest.mark.parametrize("request_", _AFTER_LOG_IN, ids=lambda request: type(request).__name__)
async def test_before_log_in_nothing_is_granted(server: RunningServer, request_: m.Request) -> None:
    peer = await server.connect()
    refusal = await peer.refusal(request_)

    assert (refusal.code, refusal.re) == (Code.NOT_LOGGED_IN, 1)
    await peer.ping()


@pytest.mark.parametrize("request_", _LOG_INS, ids=lambda request: type(request).__name__)
async def test_a_logged_in_session_cannot_log_in_again(ada: Peer, request_: m.Request) -> None:
    assert await ada.code(request_) is Code.ALREADY_LOGGED_IN
    await ada.ping()


async def test_requests_sent_ahead_are_checked_in_their_turn(server: RunningServer) -> None:
    peer = await server.connect()
    await peer.send(
        m.Register("Ada", PASSWORD, id=1), m.Post("general", "hello", "n", id=2), m.Ping(id=3)
    )

    assert isinstance(await peer.reply_to(1), m.Welcome)
    assert isinstance(await peer.reply_to(2), m.Accepted)
    assert isinstance(await peer.reply_to(3), m.Pong)


async def test_a_refused_log_in_can_be_repeated(server: RunningServer) -> None:
    peer = await server.connect()
    assert await peer.code(m.Login("Ada", PASSWORD, id=1)) is Code.UNKNOWN_ACCOUNT
    assert await peer.code(m.Resume("nonsense", {}, id=2)) is Code.BAD_TOKEN
    await peer.register("Ada")


# --- what can be posted


@pytest.mark.parametrize(
    "text", ["x", "x" * MAX_TEXT, "🍲" * MAX_TEXT, "a\n\tb", "[/]", "\u202eabc", " ", "\u200b"]
)
async def test_a_text_is_delivered_as_it_was_typed(ada: Peer, text: str) -> None:
    await ada.post(text)

    assert (await ada.expect_posted(1))[0].text == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", Code.BAD_REQUEST),
        ("x" * (MAX_TEXT + 1), Code.TOO_LONG),
        ("a\0b", Code.BAD_REQUEST),
        ("\x1b[2J", Code.BAD_REQUEST),
        ("a\rb", Code.BAD_REQUEST),
        ("a\x7fb", Code.BAD_REQUEST),
        ("a\x9bb", Code.BAD_REQUEST),
    ],
)
async def test_an_invalid_text_is_refused_and_takes_no_number(
    ada: Peer, text: str, code: Code
) -> None:
    assert await ada.code(ada.draft(text)) is code
    assert (await ada.post("hello")).seq == 1


@pytest.mark.parametrize("room", ["kitchen", "nowhere", "", "\0", "x" * 50_000])
async def test_only_members_can_post(server: RunningServer, ada: Peer, room: str) -> None:
    await (await server.log_in("Ben")).create("kitchen")

    assert await ada.code(ada.draft("hello", room)) is Code.NOT_A_MEMBER


# --- how often


async def test_a_burst_of_posts_goes_through_and_then_two_a_second(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await strict_server.log_in("Ada")
    for _ in range(10):
        await ada.post("x")
    refusal = await ada.refusal(ada.draft("x"))

    assert refusal.code == Code.TOO_FAST
    assert refusal.retry_after == pytest.approx(0.5, abs=0.0011)
    await trio.sleep(refusal.retry_after or 0)
    await ada.post("x")
    assert await ada.code(ada.draft("x")) is Code.TOO_FAST


async def test_a_session_that_posts_too_fast_can_still_ask_and_receive(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, ben = await strict_server.log_in("Ada"), await strict_server.log_in("Ben")
    for _ in range(10):
        await ada.post("x")
    assert await ada.code(ada.draft("x")) is Code.TOO_FAST
    await ada.history()
    await ben.post("y")

    assert (await ada.expect_posted(11))[-1].text == "y"


async def test_requests_have_a_bound_too(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await strict_server.log_in("Ada")
    for _ in range(99):  # the resume was one
        await ada.ping()
    refusal = await ada.refusal(m.Ping(id=1))

    assert refusal.code == Code.TOO_FAST
    assert refusal.retry_after == pytest.approx(0.05, abs=0.0011)
    await ada.post("posts have one of their own")


async def test_to_reconnect_or_to_connect_twice_gains_no_further_posts(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada, laptop = await strict_server.log_in("Ada"), await strict_server.log_in("Ada")
    for number in range(10):
        await (ada, laptop)[number % 2].post("x")
    assert await laptop.code(laptop.draft("x")) is Code.TOO_FAST
    for peer in (ada, laptop):
        await peer.aclose()
    await wait_all_tasks_blocked()
    ada = await strict_server.log_in("Ada")

    assert await ada.code(ada.draft("x")) is Code.TOO_FAST
    await (await strict_server.log_in("Ben")).post("others can")


async def test_to_reconnect_gains_no_further_requests_and_is_charged_itself(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await strict_server.log_in("Ada")
    for _ in range(98):
        await ada.ping()
    await ada.aclose()
    await wait_all_tasks_blocked()
    ada = await strict_server.log_in("Ada")

    assert await ada.code(m.Ping(id=1)) is Code.TOO_FAST


async def test_too_many_tries_to_log_in_are_slowed_down(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    peer = await strict_server.connect()
    codes = {await peer.code(m.Resume(f"guess{n}", {}, id=1 + n)) for n in range(100)}
    assert codes == {Code.BAD_TOKEN}

    assert await peer.code(m.Resume("one more", {}, id=999)) is Code.TOO_FAST


async def test_a_refused_text_is_charged_like_any_other(
    strict_server: RunningServer, autojump_clock: MockClock
) -> None:
    ada = await strict_server.log_in("Ada")
    codes = [await ada.code(ada.draft("")) for _ in range(11)]

    assert codes == [Code.BAD_REQUEST] * 10 + [Code.TOO_FAST]


# --- when the disk fails

_WRITING: list[Callable[[Peer, str], m.Request]] = [
    lambda peer, _: peer.draft("hello"),
    lambda *_: m.Create("garden", id=1),
    lambda _, password: m.Join("cellar", password, id=1),
    lambda *_: m.Exit("kitchen", id=1),
    lambda *_: m.Logout(id=1),
]
_READING: list[m.Request] = [m.History("general", id=1), m.Members("general", id=1)]


@pytest.mark.parametrize("make", _WRITING, ids=["post", "create", "join", "exit", "logout"])
async def test_a_request_that_cannot_be_stored_is_refused_and_can_be_repeated(
    faults: FaultyStorage, faulty_server: RunningServer, make: Callable[[Peer, str], m.Request]
) -> None:
    password = await (await faulty_server.log_in("Ben")).create("cellar")
    ada = await faulty_server.log_in("Ada")
    await ada.create("kitchen")
    request = make(ada, password)
    with faults.full_disk():
        assert await ada.code(request) is Code.INTERNAL
        await ada.ping()

    assert not isinstance(await ada.ask(request), m.Error)


@pytest.mark.parametrize("request_", _READING, ids=lambda request: type(request).__name__)
async def test_a_request_that_cannot_be_read_is_refused_with_a_time_to_retry(
    faults: FaultyStorage, faulty_server: RunningServer, request_: m.Request
) -> None:
    ada = await faulty_server.log_in("Ada")
    with faults.failing_reads():
        refusal = await ada.refusal(request_)

    assert (refusal.code, refusal.retry_after) == (Code.INTERNAL, 5.0)
    assert not isinstance(await ada.ask(request_), m.Error)


def test_no_refusal_is_kept_to_be_raised_again() -> None:
    """Its traceback would keep everything alive that was refused with it."""
    names = [module.name for module in pkgutil.walk_packages(chat_server.__path__, "chat_server.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    kept = [
        f"{module.__name__}.{name}"
        for module in modules
        for name, value in vars(module).items()
        for one in (value.values() if isinstance(value, dict) else [value])
        if isinstance(one, BaseException)
    ]

    assert len(modules) > 50
    assert kept == []
