"""When and how often a message is sent, by the real client and by the fake one alike."""

from typing import Final

import pytest

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_shared.limits import MAX_FRAME
from chat_tui.model.outbox import Status
from chat_tui.net.events import ConnectionLost
from support.client_bench import Bench

pytestmark = pytest.mark.asyncio

_LATER: Final = [Code.TOO_FAST, Code.SHUTTING_DOWN, Code.NOT_LOGGED_IN]


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


async def test_a_message_is_sent_with_its_room_its_nonce_and_what_it_replies_to(
    bench: Bench,
) -> None:
    bench.fake.room("kitchen", "k7qm", "ada")
    await bench.log_in()

    typed = [
        bench.outbox.add("general", "soup?"),
        bench.outbox.add("kitchen", "yes", reply=1),
        bench.outbox.add("kitchen", "no reply"),
    ]
    bench.client.flush()
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED) == 3)

    assert [(post.room, post.text, post.nonce, post.reply) for post in bench.fake.posts()] == [
        ("general", "soup?", typed[0].nonce, 0),
        ("kitchen", "yes", typed[1].nonce, 1),
        ("kitchen", "no reply", typed[2].nonce, 0),
    ]
    posted = [item for item in bench.items() if isinstance(item, m.Posted)]
    assert [(event.nonce, event.reply) for event in posted] == [
        (unsent.nonce, unsent.reply) for unsent in typed
    ]


@pytest.mark.parametrize("code", _LATER)
async def test_what_only_time_refuses_is_sent_again_by_itself(bench: Bench, code: Code) -> None:
    await bench.log_in()
    bench.fake.refusals.append(m.Error(code, "Not now.", 1))

    bench.post("patience")
    await bench.until(lambda: not bench.fake.refusals)
    bench.wait_is_over()
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED))

    assert bench.texts() == ["patience"]


async def test_what_anything_else_refuses_is_shown_and_not_sent_again(bench: Bench) -> None:
    await bench.log_in()
    codes = [code for code in Code if code not in _LATER]
    bench.fake.refusals += [m.Error(code, f"No: {code}.", 1) for code in codes]

    for code in codes:
        bench.post(code)
    bench.post("said")
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED))

    assert bench.texts() == ["said"]
    assert [post.text for post in bench.fake.posts()] == [*codes, "said"]
    assert [unsent.reason for unsent in bench.outbox.take_refused()] == [
        f"No: {code}." for code in codes
    ]


async def test_while_told_to_wait_nothing_is_sent(bench: Bench) -> None:
    await bench.log_in()
    bench.fake.refusals.append(m.Error("too_fast", "Slow down.", 1, retry_after=60))
    bench.post("patience")
    await bench.until(lambda: not bench.fake.refusals)

    bench.post("more of it")
    # The reply to a later request has arrived, so a post would have as well.
    bench.client.send(m.Members(id=1, room="general"))
    await bench.until(lambda: any(isinstance(reply, m.MemberPage) for reply in bench.replies()))

    assert [post.text for post in bench.fake.posts()] == ["patience"]
    assert bench.outbox.count(Status.QUEUED) == 2


async def test_a_connection_lost_while_told_to_wait_ends_the_wait(bench: Bench) -> None:
    await bench.log_in()
    bench.fake.refusals.append(m.Error("too_fast", "Slow down.", 1, retry_after=60))
    bench.post("patience")
    await bench.until(lambda: not bench.fake.refusals)

    bench.cut()
    await bench.until(lambda: bench.kinds(ConnectionLost))
    bench.reconnect()
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED))

    bench.post("and on")
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED) == 2)
    assert bench.texts() == ["patience", "and on"]


@pytest.mark.parametrize("text", ["\n" * MAX_FRAME, "\ud83d"], ids=["long", "half"])
async def test_what_is_no_frame_is_refused_and_the_next_message_sent(
    bench: Bench, text: str
) -> None:
    await bench.log_in()

    bench.post(text)
    bench.post("short")
    await bench.until(lambda: bench.outbox.count(Status.ACCEPTED))

    (refused,) = bench.outbox.take_refused()
    assert refused.reason == "This message is too long to send."
    assert bench.texts() == ["short"]


async def test_what_is_no_frame_cannot_be_asked(bench: Bench) -> None:
    await bench.log_in()

    assert not bench.client.send(m.Create(id=1, room="x" * MAX_FRAME))
    assert bench.client.send(m.Members(id=1, room="general"))
