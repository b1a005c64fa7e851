import time

from chat_tui.model.outbox import LocalFile, Outbox, Status, Unsent


def test_nonces_are_unique_and_sort_in_typing_order() -> None:
    outbox = Outbox()

    nonces = [outbox.add("general", "hi").nonce for _ in range(300)]

    assert nonces == sorted(set(nonces))
    assert all(len(nonce) <= 64 for nonce in nonces)


def test_a_message_is_queued_as_it_was_typed() -> None:
    outbox = Outbox()

    unsent = outbox.add("general", "hi")

    assert unsent == Unsent(unsent.nonce, "general", "hi", Status.QUEUED, never_sent=True)
    assert (unsent.seq, unsent.reply) == (0, 0)


def test_two_runs_of_one_account_never_share_a_nonce() -> None:
    assert Outbox().add("general", "hi").nonce != Outbox().add("general", "hi").nonce


def test_one_message_is_sent_at_a_time() -> None:
    outbox = Outbox()
    first, second = outbox.add("general", "1"), outbox.add("kitchen", "2")
    assert outbox.next_to_send() is first

    outbox.sending(first.nonce)
    assert outbox.next_to_send() is None

    outbox.accepted(first.nonce, 7)
    assert outbox.next_to_send() is second


def test_a_message_that_has_to_wait_keeps_its_place() -> None:
    outbox = Outbox()
    first = outbox.add("general", "1")
    outbox.add("general", "2")
    outbox.sending(first.nonce)

    outbox.queued(first.nonce)

    assert outbox.next_to_send() is first


def test_a_lost_connection_resends_only_unanswered_messages() -> None:
    outbox = Outbox()
    accepted, sent, refused = (outbox.add("general", text) for text in "123")
    outbox.accepted(accepted.nonce, 1)
    outbox.refused(refused.nonce, "no")
    outbox.sending(sent.nonce)

    outbox.connection_lost()

    assert outbox.next_to_send() is sent
    outbox.sending(sent.nonce)
    outbox.accepted(sent.nonce, 2)
    assert outbox.next_to_send() is None


def test_a_delivered_message_is_forgotten_and_a_late_reply_does_not_revive_it() -> None:
    outbox = Outbox()
    unsent = outbox.add("general", "hi")
    outbox.sending(unsent.nonce)

    assert outbox.delivered(unsent.nonce)
    outbox.accepted(unsent.nonce, 1)

    assert outbox.of("general") == []
    assert not outbox.delivered(unsent.nonce)


def test_a_message_in_a_page_is_forgotten_by_its_seq() -> None:
    outbox = Outbox()
    early, late, queued = (outbox.add("general", text) for text in "123")
    outbox.accepted(early.nonce, 4)
    outbox.accepted(late.nonce, 9)

    assert outbox.delivered_up_to("general", 4)

    assert outbox.of("general") == [late, queued]
    assert not outbox.delivered_up_to("general", 8)


def test_the_newest_refused_message_of_the_room_can_be_taken_back() -> None:
    outbox = Outbox()
    older, newer = outbox.add("general", "older"), outbox.add("general", "newer")
    elsewhere = outbox.add("kitchen", "elsewhere")
    for unsent in (older, newer, elsewhere):
        outbox.refused(unsent.nonce, "not now")

    assert outbox.take_back("general") is newer
    assert outbox.take_back("general") is older
    assert outbox.take_back("general") is None
    assert outbox.of("kitchen")[0].reason == "not now"


def test_a_message_that_was_never_sent_can_be_taken_back_and_no_other() -> None:
    outbox = Outbox()
    sent, waiting = outbox.add("general", "soup"), outbox.add("general", "bred")
    outbox.sending(sent.nonce)
    outbox.connection_lost()

    assert outbox.take_back("general") is waiting
    assert outbox.take_back("general") is None
    assert outbox.of("general") == [sent]


def test_all_refused_messages_can_be_taken_back_and_no_other() -> None:
    outbox = Outbox()
    waiting, *refused = (outbox.add(room, "hi") for room in ("general", "general", "kitchen"))
    for unsent in refused:
        outbox.refused(unsent.nonce, "not now")

    assert outbox.take_refused() == refused

    assert outbox.of("general") == [waiting]
    assert outbox.of("kitchen") == []


def test_messages_are_counted_by_status() -> None:
    outbox = Outbox()
    for text in "123":
        outbox.add("general", text)
    outbox.refused(outbox.of("general")[0].nonce, "no")

    assert outbox.count(Status.QUEUED, Status.SENDING) == 2
    outbox.clear()
    assert outbox.count(Status.QUEUED) == 0


def test_nonces_of_later_runs_sort_later() -> None:
    before = time.time_ns() // 1_000_000
    nonce = Outbox().add("general", "hi").nonce
    after = time.time_ns() // 1_000_000

    assert before <= int(nonce[:12], 16) <= after
    assert len(nonce) <= 64


class Shelf:
    """A keeper in memory that records the order."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def keep(self, unsent: Unsent) -> None:
        self.kept.append(unsent.text)

    def forget(self, nonce: str) -> None:
        """Nothing is asked of it here."""


def test_messages_typed_before_there_was_a_keeper_are_stored_and_sent_after_the_earlier_ones() -> (
    None
):
    outbox, shelf = Outbox("b"), Shelf()
    accepted = outbox.add("general", "accepted already")
    outbox.accepted(accepted.nonce, 1)
    outbox.add("general", "typed meanwhile")
    left = Unsent("a1", "general", "of the last run")

    outbox.keep_in(shelf, [left])

    assert shelf.kept == ["typed meanwhile"]
    assert outbox.next_to_send() is left


REPORT = LocalFile("/home/ada/report.pdf", "report.pdf", 9)


def test_a_message_waits_for_its_files_and_no_other_waits_for_it() -> None:
    outbox = Outbox()
    with_file, text = outbox.add("general", "", files=(REPORT,)), outbox.add("general", "hi")
    assert outbox.next_to_send() is text
    outbox.accepted(text.nonce, 1)
    assert outbox.next_to_send() is None
    assert outbox.next_with_files() is with_file

    outbox.uploaded(with_file.nonce, (7,))

    assert outbox.next_to_send() is with_file
    assert outbox.next_with_files() is None


def test_a_message_whose_file_was_refused_is_not_tried_again() -> None:
    outbox = Outbox()
    with_file = outbox.add("general", "", files=(REPORT,))

    outbox.refused(with_file.nonce, "report.pdf is too large.")

    assert outbox.next_with_files() is None
    assert outbox.take_back("general") is with_file
    assert not outbox.holds(with_file.nonce)
    outbox.uploaded(with_file.nonce, (7,))  # which comes too late


def test_after_it_was_cleared_replies_to_a_room_of_that_name_do_not_wait() -> None:
    outbox = Outbox()
    outbox.doubt(["general"])
    outbox.clear()

    reply = outbox.add("general", "yes", reply=1)

    assert outbox.next_to_send() is reply
