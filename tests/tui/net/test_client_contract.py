"""What the app may lean on, of the real client and of the fake one alike."""

import pytest

from chat_shared import messages as m
from chat_tui.model.resuming import Known
from chat_tui.net.events import (
    Answer,
    Connecting,
    ConnectionLost,
    Greeted,
    LoggedIn,
    LogInFailed,
    Received,
    SessionEnded,
)
from support.client_bench import Bench

pytestmark = pytest.mark.asyncio


async def test_logging_in_tells_the_welcome_and_then_that_one_is_in(bench: Bench) -> None:
    assert not bench.client.online
    assert bench.client.token == ""

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


async def test_a_cut_is_told_with_the_time_until_the_next_try(bench: Bench) -> None:
    await bench.log_in()

    bench.cut()
    await bench.until(lambda: bench.kinds(ConnectionLost))

    lost = bench.kinds(ConnectionLost)[0]
    assert lost.reason.endswith(".")
    assert lost.wait > 0
    assert lost.attempt == 1
    assert all(batch.items for batch in bench.kinds(Received))
    assert not bench.client.online
    assert not bench.client.send(m.Members(id=1, room="general"))


async def test_coming_back_resumes_from_what_was_seen(bench: Bench) -> None:
    await bench.log_in()
    bench.cut()
    await bench.until(lambda: bench.kinds(ConnectionLost))
    for text in ("missed", "missed too"):
        bench.fake.post("general", "linus", text)
    bench.seen["general"] = Known(1, "2026-11-22T09:30:00.000Z")

    bench.reconnect()
    await bench.until(lambda: len(bench.kinds(LoggedIn)) == 2)
    await bench.until(lambda: any(isinstance(item, m.Posted) for item in bench.items()))

    assert bench.kinds(Connecting)
    assert bench.kinds(LoggedIn)[1].again
    assert len(bench.kinds(Greeted)) == 1  # only who logs in needs to know about registration
    resume = next(received for received in bench.fake.requests if isinstance(received, m.Resume))
    assert resume.seen == {"general": 1}
    assert resume.at == {"general": "2026-11-22T09:30:00.000Z"}
    missed = [item.text for item in bench.items() if isinstance(item, m.Posted)]
    assert missed == ["missed too"]


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


async def test_a_resume_that_is_refused_for_now_is_tried_again(bench: Bench) -> None:
    await bench.log_in()
    bench.fake.log_in_refusals.append(m.Error("too_fast", "Slow down.", 1))
    bench.cut()
    await bench.until(lambda: bench.kinds(ConnectionLost))

    bench.reconnect()
    await bench.until(lambda: len(bench.kinds(ConnectionLost)) == 2)
    assert bench.kinds(ConnectionLost)[1].reason == "Slow down."
    bench.reconnect()
    await bench.until(lambda: len(bench.kinds(LoggedIn)) == 2)

    assert bench.client.online
    assert not bench.kinds(SessionEnded)


async def test_a_new_log_in_forgets_the_session_before(bench: Bench) -> None:
    await bench.log_in()
    await bench.stop()
    assert not bench.client.online

    await bench.log_in(m.Login(id=1, name="ada", password="wrong horse"))
    await bench.until(lambda: bench.kinds(LogInFailed))

    assert bench.client.token == ""
    assert not any(isinstance(request, m.Resume) for request in bench.fake.requests)
