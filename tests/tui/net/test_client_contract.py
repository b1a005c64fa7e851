"""What the app may lean on, of the real link and of the fake one alike."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
import pytest_asyncio

from chat_shared import messages as m
from chat_tui.controller.controller import AnyClient
from chat_tui.model.address import Address
from chat_tui.model.outbox import Outbox, Status
from chat_tui.net.client import Client
from chat_tui.net.events import (
    Answer,
    ClientEvent,
    Connecting,
    ConnectionLost,
    Greeted,
    LoggedIn,
    LogIn,
    LogInFailed,
    Received,
    SessionEnded,
)
from chat_tui.net.timeouts import Timeouts
from support.fake_client import FakeClient
from support.fake_server import FakeServer
from support.tui_server import TinyServer, tiny_server

pytestmark = pytest.mark.asyncio

LOGIN = m.Login(id=1, name="ada", password="correct horse")
T = TypeVar("T")
QUICK = Timeouts(first_pause=0.01, longest_pause=0.02, post_again=0.01)


@dataclass
class Bench:
    """A link, what it told, and the means to disturb it."""

    fake: FakeServer
    client: AnyClient
    outbox: Outbox
    reported: list[ClientEvent]
    address: Address
    cut: Callable[[], None]
    reconnect: Callable[[], None]
    wait_is_over: Callable[[], None]
    seen: dict[str, int] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    async def log_in(self, request: LogIn = LOGIN) -> None:
        self.task = asyncio.create_task(self.client.run(self.address, request))
        await self.until(lambda: self.kinds(LoggedIn) or self.kinds(LogInFailed))

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - of things that know no event
                await asyncio.sleep(0.001)

    def kinds(self, kind: type[T]) -> list[T]:
        return [message for message in self.reported if isinstance(message, kind)]

    def items(self) -> list[Answer | m.Event]:
        return [item for batch in self.kinds(Received) for item in batch.items]

    def replies(self) -> list[m.Reply | None]:
        return [item.reply for item in self.items() if isinstance(item, Answer)]

    def post(self, text: str) -> None:
        self.outbox.add("general", text)
        self.client.flush()

    def texts(self) -> list[str]:
        return [line.text for line in self.fake.rooms["general"].lines]


@asynccontextmanager
async def fake_bench() -> AsyncGenerator[Bench]:
    fake, outbox, reported = FakeServer(), Outbox(), list[ClientEvent]()
    seen: dict[str, int] = {}
    client = FakeClient(fake, reported.append, outbox, lambda: seen)
    yield Bench(
        fake, client, outbox, reported, Address("fake"),
        cut=client.cut, reconnect=client.reconnect, wait_is_over=client.wait_is_over, seen=seen,
    )  # fmt: skip


@asynccontextmanager
async def real_bench() -> AsyncGenerator[Bench]:
    fake, outbox, reported = FakeServer(), Outbox(), list[ClientEvent]()
    seen: dict[str, int] = {}
    async with tiny_server(fake) as server:
        client = Client(reported.append, outbox, lambda: seen, QUICK)
        bench = Bench(
            fake, client, outbox, reported, server.address,
            cut=lambda: _cut(server), reconnect=lambda: _let_in(server, client),
            wait_is_over=lambda: None, seen=seen,
        )  # fmt: skip
        yield bench
        if bench.task is not None:
            bench.task.cancel()
            with suppress(asyncio.CancelledError):
                await bench.task


def _cut(server: TinyServer) -> None:
    server.accepting = False
    server.cut()


def _let_in(server: TinyServer, client: AnyClient) -> None:
    server.accepting = True
    client.retry_now()


@pytest_asyncio.fixture(params=[fake_bench, real_bench], ids=["fake", "real"])
async def bench(request: pytest.FixtureRequest) -> AsyncGenerator[Bench]:
    async with request.param() as bench:
        bench.fake.account("ada")
        yield bench


async def test_logging_in_tells_the_welcome_and_then_that_one_is_in(bench: Bench) -> None:
    assert not bench.client.online

    await bench.log_in()

    assert bench.reported.pop(0) == Greeted("open")
    assert isinstance(bench.reported[0], Received)
    (answer,) = bench.reported[0].items
    assert isinstance(answer, Answer)
    assert isinstance(answer.reply, m.Welcome)
    assert bench.kinds(LoggedIn) == [bench.kinds(LoggedIn)[0]]
    assert (bench.kinds(LoggedIn)[0].place.address, bench.kinds(LoggedIn)[0].again) == (
        bench.address,
        False,
    )
    assert bench.client.online


async def test_registering_logs_in(bench: Bench) -> None:
    await bench.log_in(m.Register(id=1, name="grace", password="correct horse"))

    assert bench.client.online
    assert "grace" in bench.fake.accounts


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (m.Login(id=1, name="ada", password="wrong horse"), "wrong_credentials"),
        (m.Login(id=1, name="nobody", password="correct horse"), "unknown_account"),
        (m.Register(id=1, name="ada", password="correct horse"), "name_taken"),
        (m.Register(id=1, name="grace", password="short"), "weak_password"),
    ],
)
async def test_a_refused_log_in_says_why_and_ends(
    bench: Bench, request_: m.Login | m.Register, code: str
) -> None:
    await bench.log_in(request_)
    await bench.until(lambda: bench.task is not None and bench.task.done())

    (failed,) = bench.kinds(LogInFailed)
    assert failed.code == code
    assert failed.sentence.endswith(".")
    assert not bench.client.online
    assert not bench.kinds(ConnectionLost)


async def test_after_a_refusal_one_can_try_again(bench: Bench) -> None:
    await bench.log_in(m.Login(id=1, name="ada", password="wrong horse"))
    bench.reported.clear()

    await bench.log_in()

    assert bench.client.online


async def test_what_is_asked_is_answered_with_the_request_itself(bench: Bench) -> None:
    await bench.log_in()
    request = m.Members(id=1, room="general")

    assert bench.client.send(request)
    await bench.until(lambda: len(bench.replies()) > 1)

    answers = [item for item in bench.items() if isinstance(item, Answer)]
    assert answers[-1].request is request
    assert isinstance(answers[-1].reply, m.MemberPage)


async def test_without_a_line_nothing_can_be_asked(bench: Bench) -> None:
    assert not bench.client.send(m.Members(id=1, room="general"))


async def test_a_post_is_shown_once_and_accepted(bench: Bench) -> None:
    await bench.log_in()

    bench.post("hello")
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED))

    assert bench.texts() == ["hello"]
    assert any(isinstance(item, m.Posted) for item in bench.items())


async def test_posts_keep_their_order(bench: Bench) -> None:
    await bench.log_in()

    texts = [str(n) for n in range(30)]
    for text in texts:
        bench.post(text)
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED) == len(texts))

    assert bench.texts() == texts


async def test_told_to_wait_everything_goes_out_later_in_its_order(bench: Bench) -> None:
    await bench.log_in()
    bench.fake.refusals.append(m.Error("too_fast", "Slow down.", 1, retry_after=0.01))

    for text in "123":
        bench.post(text)
    await bench.until(lambda: not bench.fake.refusals)
    bench.wait_is_over()
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED) == 3)

    assert bench.texts() == ["1", "2", "3"]


async def test_a_refused_post_says_why_and_the_next_one_goes_out(bench: Bench) -> None:
    await bench.log_in()
    bench.fake.refusals.append(m.Error("forbidden", "You are muted.", 1))

    bench.post("refused")
    bench.post("said")
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED))

    assert bench.texts() == ["said"]
    taken = bench.outbox.take_back("general")
    assert taken is not None
    assert (taken.text, taken.reason) == ("refused", "You are muted.")


async def test_a_cut_is_told_with_the_time_until_the_next_try(bench: Bench) -> None:
    await bench.log_in()

    bench.cut()
    await bench.until(lambda: bench.kinds(ConnectionLost))

    lost = bench.kinds(ConnectionLost)[0]
    assert lost.reason.endswith(".")
    assert lost.wait > 0
    assert lost.attempt == 1
    assert not bench.client.online
    assert not bench.client.send(m.Members(id=1, room="general"))


async def test_coming_back_resumes_from_what_was_seen(bench: Bench) -> None:
    await bench.log_in()
    bench.cut()
    await bench.until(lambda: bench.kinds(ConnectionLost))
    for text in ("missed", "missed too"):
        bench.fake.post("general", "linus", text)
    bench.seen["general"] = 1

    bench.reconnect()
    await bench.until(lambda: len(bench.kinds(LoggedIn)) == 2)
    await bench.until(lambda: any(isinstance(item, m.Posted) for item in bench.items()))

    assert bench.kinds(Connecting)
    assert bench.kinds(LoggedIn)[1].again
    resume = next(received for received in bench.fake.requests if isinstance(received, m.Resume))
    assert resume.seen == {"general": 1}
    missed = [item.text for item in bench.items() if isinstance(item, m.Posted)]
    assert missed == ["missed too"]


async def test_what_was_typed_meanwhile_goes_out_once_and_in_order(bench: Bench) -> None:
    await bench.log_in()
    bench.cut()
    await bench.until(lambda: bench.kinds(ConnectionLost))
    for text in "123":
        bench.post(text)
    assert bench.texts() == []

    bench.reconnect()
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED) == 3)

    assert bench.texts() == ["1", "2", "3"]


async def test_a_post_whose_answer_was_lost_is_sent_again_and_said_once(bench: Bench) -> None:
    await bench.log_in()
    bench.fake.swallowed_answers = 1
    bench.post("once")
    bench.post("after")
    await bench.until(lambda: bench.texts() == ["once"])

    bench.cut()
    await bench.until(lambda: bench.kinds(ConnectionLost))
    bench.reconnect()
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED) == 2)

    assert bench.texts() == ["once", "after"]
    nonces = [post.nonce for post in bench.fake.posts() if post.text == "once"]
    assert len(nonces) == 2
    assert len(set(nonces)) == 1


async def test_what_was_asked_and_not_answered_is_answered_with_nothing(bench: Bench) -> None:
    await bench.log_in()
    bench.fake.silent = True
    request = m.Create(id=1, room="kitchen")
    assert bench.client.send(request)
    await bench.until(lambda: request.room in [getattr(h, "room", "") for h in bench.fake.requests])

    bench.cut()
    await bench.until(lambda: bench.kinds(ConnectionLost))

    lost = [item for item in bench.items() if isinstance(item, Answer) and item.reply is None]
    assert any(item.request is request for item in lost)


async def test_a_session_that_ended_means_to_log_in_again(bench: Bench) -> None:
    await bench.log_in()
    bench.fake.tokens.clear()
    bench.cut()
    await bench.until(lambda: bench.kinds(ConnectionLost))

    bench.reconnect()
    await bench.until(lambda: bench.kinds(SessionEnded))

    assert bench.kinds(SessionEnded)[0].sentence == "This session has ended. Log in again."
    assert not bench.client.online


async def test_a_session_can_be_taken_up_without_a_password(bench: Bench) -> None:
    bench.fake.tokens["kept"] = "ada"

    await bench.log_in(m.Resume(id=1, token="kept", seen={}))

    assert bench.client.online
    assert not bench.kinds(LoggedIn)[0].again
    assert bench.client.token == "kept"


async def test_a_session_that_is_revoked_is_a_refused_log_in(bench: Bench) -> None:
    await bench.log_in(m.Resume(id=1, token="void", seen={}))

    assert bench.kinds(LogInFailed)[0].code == "bad_token"
    assert not bench.kinds(SessionEnded)


@pytest.mark.parametrize(
    "request_", [m.Logout(id=1), m.DeleteAccount(id=1, password="correct horse")]
)
async def test_who_leaves_is_not_brought_back(bench: Bench, request_: m.Request) -> None:
    await bench.log_in()

    assert bench.client.send(request_)
    await bench.until(lambda: bench.kinds(SessionEnded))

    assert bench.kinds(SessionEnded)[0].token_revoked
    assert bench.kinds(SessionEnded)[0].requested
    assert not bench.client.online
    assert not bench.kinds(ConnectionLost)
    assert isinstance(bench.replies()[-1], m.Ok)
