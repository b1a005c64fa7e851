from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st

from chat_shared import messages as m
from chat_tui.model.changes import OutboxChanged, StartedOver
from chat_tui.model.draft import Quote
from chat_tui.model.merging import merged
from chat_tui.model.state import ChatState
from chat_tui.ui.log.log_model import LogModel, Place
from chat_tui.ui.log.room_logs import RoomLogs
from chat_tui.ui.log.rows import DayRow, MessageRow, NoticeRow, UnreadRow

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = "2026-11-22T12:05:00.000Z"


class Desk:
    """A state and its logs, with general open."""

    def __init__(self, last_seq: int = 0) -> None:
        self.state = ChatState()
        self.logs = RoomLogs(self.state, lambda: NOON)
        infos = [m.RoomInfo("general", "", last_seq, last_seq)]
        login = m.Login(id=1, name="ada", password="correct horse")
        self.state.answer(login, m.Welcome(re=1, account="ada", token="t", rooms=infos))
        self.room = self.state.rooms["general"]
        self.logs.log(self.room)

    @property
    def log(self) -> LogModel:
        return self.logs.log(self.room)

    def receive(self, event: m.Event) -> None:
        for change in self.state.apply(event):
            self.logs.apply(change)

    def answer(self, request: m.Request, reply: m.Reply) -> None:
        for change in self.state.answer(request, reply):
            self.logs.apply(change)

    def posted(
        self, seq: int, author: str = "linus", nonce: str = "", day: int = 22, text: str = ""
    ) -> None:
        at = f"2026-11-{day}T12:00:00.000Z"
        self.receive(m.Posted("general", seq, author, text or f"line {seq}", at, nonce))

    def type(self, text: str) -> str:
        nonce = self.state.outbox.add("general", text).nonce
        self.logs.apply(OutboxChanged("general"))
        return nonce

    def page(self, *seqs: int, more: bool = False) -> None:
        request = self.room.newest() or self.room.older()
        assert request is not None
        lines = [m.Line(n, "linus", f"line {n}", "2026-11-22T12:00:00.000Z") for n in seqs]
        self.answer(request, m.Page(re=1, room="general", messages=lines, more=more))

    def shown(self) -> list[str]:
        return [_word(row) for row in self.log.rows]


def _word(row: object) -> str:
    match row:
        case MessageRow(status="sent"):
            return row.text
        case MessageRow():
            return f"{row.status}: {row.text}"
        case NoticeRow():
            return row.text
        case DayRow():
            return f"day {row.day.day}"
        case UnreadRow():
            return "unread"
    raise AssertionError(row)


def test_a_message_that_arrives_together_with_one_of_others_is_shown_once() -> None:
    desk = Desk()
    nonce = desk.type("on the way")
    at = "2026-11-22T12:00:00.000Z"
    others, own = (
        m.Posted("general", 1, "ben", "first", at),
        m.Posted("general", 2, "ada", "on the way", at, nonce),
    )

    changes = [change for event in (others, own) for change in desk.state.apply(event)]
    desk.logs.apply_all(merged(changes))

    assert desk.shown() == ["day 22", "first", "on the way"]


def test_messages_stand_under_their_days() -> None:
    desk = Desk()
    desk.posted(1, day=21)
    desk.posted(2, day=22)
    desk.posted(3, day=22)

    assert desk.shown() == ["day 21", "line 1", "day 22", "line 2", "line 3"]


@given(
    days=st.lists(st.integers(20, 24), min_size=1, max_size=30),
    loaded=st.integers(0, 30),
    size=st.integers(1, 7),
)
def test_a_clock_that_goes_back_and_forth_around_midnight_draws_each_day_once(
    days: list[int], loaded: int, size: int
) -> None:
    old = len(days) * loaded // 30
    lines = [
        m.Line(seq, "linus", f"line {seq}", f"2026-11-{day}T12:00:00.000Z")
        for seq, day in enumerate(days, start=1)
    ]
    desk = Desk(last_seq=old)
    while request := desk.room.newest() or desk.room.older():
        before = (request.before or 1) - 1
        page = lines[max(0, before - size) : before]
        desk.answer(request, m.Page(re=1, room="general", messages=page, more=before > size))
    desk.type("typed")
    for line in lines[old:]:
        desk.posted(line.seq, day=days[line.seq - 1])

    shown = [row for row in desk.shown() if row.startswith("line")]
    assert shown == [line.text for line in lines]
    separators = [row for row in desk.shown() if row.startswith("day")]
    assert len(separators) == len(set(separators))


def test_your_own_and_those_that_call_are_marked() -> None:
    desk = Desk()
    desk.posted(1, author="Ada", text="ada says ada")
    desk.posted(2, text="hey @ada")

    own, calling = (row for row in desk.log.rows if isinstance(row, MessageRow))
    assert (own.own, own.mention) == (True, False)
    assert (calling.own, calling.mention) == (False, True)


def test_what_is_typed_waits_at_the_end_and_news_goes_above_it() -> None:
    desk = Desk()
    desk.posted(1)
    desk.type("typed")
    desk.posted(2)
    desk.receive(m.Entered("general", "grace"))

    assert desk.shown() == ["day 22", "line 1", "line 2", "grace joined", "queued: typed"]


def test_what_is_typed_is_replaced_by_the_message_that_it_became() -> None:
    desk = Desk()
    first, second = desk.type("line 1"), desk.type("line 2")
    desk.posted(1, "ada", first)
    assert desk.shown() == ["day 22", "line 1", "queued: line 2"]

    desk.posted(2, "ada", second)

    assert desk.shown() == ["day 22", "line 1", "line 2"]
    assert [row.key for row in desk.log.rows][1:] == [("seq", 1), ("seq", 2)]


def test_an_accepted_message_no_longer_waits_and_a_refused_one_says_why() -> None:
    desk = Desk()
    accepted, refused = desk.type("accepted"), desk.type("refused")
    desk.state.outbox.accepted(accepted, 1)
    desk.state.outbox.refused(refused, "You are muted.")

    desk.logs.apply(OutboxChanged("general"))

    assert desk.shown() == ["day 22", "accepted", "refused: refused"]
    last = desk.log.rows[-1]
    assert isinstance(last, MessageRow)
    assert last.reason == "You are muted."


def test_what_is_taken_back_vanishes_wherever_it_stands() -> None:
    desk = Desk()
    desk.posted(1)
    refused = desk.type("refused")
    desk.state.outbox.sending(desk.type("queued"))
    desk.state.outbox.refused(refused, "no")
    desk.state.outbox.take_back("general")

    desk.logs.apply(OutboxChanged("general"))

    assert desk.shown() == ["day 22", "line 1", "queued: queued"]


def test_the_unread_line_stands_where_reading_stopped() -> None:
    desk = Desk()
    desk.posted(1)
    desk.state.read("general")
    desk.posted(2)
    desk.posted(3)

    desk.logs.draw_unread_line(desk.room)
    assert desk.shown() == ["day 22", "line 1", "unread", "line 2", "line 3"]

    desk.state.read("general")
    desk.logs.draw_unread_line(desk.room)
    assert "unread" not in desk.shown()


def test_where_nothing_was_ever_read_the_unread_line_stands_first() -> None:
    desk = Desk()
    desk.posted(1)
    desk.logs.draw_unread_line(desk.room)

    assert desk.shown() == ["day 22", "unread", "line 1"]
    assert UnreadRow(None) in desk.log.rows


def test_the_unread_line_comes_with_its_page() -> None:
    desk = Desk(last_seq=3)
    desk.room.read_seq, desk.room.unread = 2, 1
    desk.logs.draw_unread_line(desk.room)

    desk.page(1, 2, 3)

    assert desk.shown() == ["day 22", "line 1", "line 2", "unread", "line 3"]


def test_the_unread_line_comes_with_an_older_page() -> None:
    desk = Desk(last_seq=4)
    desk.room.read_seq, desk.room.unread = 1, 3
    desk.logs.draw_unread_line(desk.room)
    desk.page(3, 4, more=True)
    assert desk.shown() == ["day 22", "line 3", "line 4"]

    desk.page(1, 2)

    assert desk.shown() == ["day 22", "line 1", "unread", "line 2", "line 3", "line 4"]


def test_older_pages_go_above_and_say_if_there_is_more() -> None:
    desk = Desk(last_seq=4)
    desk.page(3, 4, more=True)
    assert desk.log.more_above

    desk.page(1, 2, more=False)

    assert desk.shown() == ["day 22", "line 1", "line 2", "line 3", "line 4"]
    assert not desk.log.more_above


def test_a_page_that_failed_may_be_asked_for_again() -> None:
    desk = Desk(last_seq=4)
    desk.page(3, 4, more=True)
    desk.log.asked_above = True

    desk.logs.page_failed("general")

    assert not desk.log.asked_above
    assert desk.log.more_above
    desk.logs.page_failed("nowhere")


def test_a_log_that_starts_over_keeps_its_reader_in_place() -> None:
    desk = Desk()
    for seq in (1, 2, 3):
        desk.posted(seq)
    desk.log.stay(Place(("seq", 2)))
    desk.posted(4)
    before = desk.log

    desk.room.forget_oldest()
    desk.logs.apply(StartedOver("general"))

    assert desk.log is not before
    assert desk.log.place == Place(("seq", 2))
    assert desk.log.new_below == 1
    assert not desk.log.follow


def test_rooms_nobody_looked_at_have_no_log_to_keep() -> None:
    desk = Desk()
    desk.logs.forget("general")
    desk.posted(1)

    assert desk.shown() == ["day 22", "line 1"]


# --- changes and replies


def rows(desk: Desk) -> list[MessageRow]:
    return [row for row in desk.log.rows if isinstance(row, MessageRow)]


def test_what_was_done_to_a_message_shows_in_its_row() -> None:
    desk = Desk()
    desk.posted(1)
    desk.receive(m.Edited("general", 2, 1, "linus", "2026-11-22T12:05:00.000Z", "better"))
    desk.receive(m.Reacted("general", 3, 1, "ada", "2026-11-22T12:05:00.000Z", "🍞"))

    (row,) = rows(desk)
    assert (row.text, row.edited, row.deleted) == ("better", True, False)
    assert row.reactions == (m.Reaction("🍞", 1, ["ada"], mine=True),)

    desk.receive(m.Deleted("general", 4, 1, "linus", "2026-11-22T12:05:00.000Z"))
    (row,) = rows(desk)
    assert (row.text, row.deleted, row.reactions) == ("", True, ())


def test_a_reply_quotes_what_it_answers_as_soon_as_that_is_known() -> None:
    desk = Desk(last_seq=50)
    request = desk.room.newest()
    assert request is not None
    at = "2026-11-22T12:00:00.000Z"
    reply = m.Line(50, "ben", "yes", at, reply=3)
    desk.answer(request, m.Page(re=1, room="general", messages=[reply], more=True))
    assert rows(desk)[0].quote == Quote(3)

    wanted = desk.room.look_up()
    assert wanted is not None
    asked = m.Line(3, "linus", "soup?", at)
    desk.answer(wanted, m.Lines(re=1, room="general", messages=[asked]))

    assert rows(desk)[0].quote == Quote(3, "linus", "soup?")


def test_an_answer_quotes_while_it_waits_to_be_sent() -> None:
    desk = Desk()
    desk.posted(1, text="soop?")
    desk.state.outbox.add("general", "Yes.", reply=1)
    desk.logs.apply(OutboxChanged("general"))
    waiting = desk.log.rows[-1]
    assert isinstance(waiting, MessageRow)
    assert waiting.quote == Quote(1, "linus", "soop?")

    desk.receive(m.Edited("general", 2, 1, "linus", "2026-11-22T12:01:00.000Z", "soup?"))
    waiting = desk.log.rows[-1]
    assert isinstance(waiting, MessageRow)
    assert waiting.quote == Quote(1, "linus", "soup?")


def test_the_unread_line_stands_above_a_message_and_says_since_when() -> None:
    desk = Desk()
    desk.posted(1)
    desk.state.read("general")
    desk.receive(m.Edited("general", 2, 1, "linus", "2026-11-22T12:05:00.000Z", "better"))
    desk.posted(3)

    desk.logs.draw_unread_line(desk.room)

    assert desk.shown() == ["day 22", "better", "unread", "line 3"]
    assert UnreadRow(NOON) in desk.log.rows
    assert desk.logs.read_to(desk.room) == 1
    assert desk.logs.first_unread(desk.room) == ("seq", 3)


def test_the_unread_line_stands_below_what_we_said_ourselves_since() -> None:
    desk = Desk()
    desk.posted(1)
    desk.posted(2, author="Ada")  # which the server counts neither as read nor as unread
    desk.posted(3)
    desk.room.read_seq, desk.room.unread = 1, 1

    desk.logs.draw_unread_line(desk.room)

    assert desk.shown() == ["day 22", "line 1", "line 2", "unread", "line 3"]
    assert UnreadRow(NOON) in desk.log.rows


def test_the_unread_line_may_belong_below_the_page_that_reading_stopped_in() -> None:
    desk = Desk(last_seq=4)
    desk.room.read_seq, desk.room.unread = 1, 2
    desk.logs.draw_unread_line(desk.room)
    desk.page(3, 4, more=True)
    request = desk.room.older()
    assert request is not None

    posted = [m.Line(1, "linus", "line 1", LATER), m.Line(2, "ada", "mine", LATER)]
    desk.answer(request, m.Page(re=1, room="general", messages=posted, more=False))

    assert desk.shown() == ["day 22", "line 1", "mine", "unread", "line 3", "line 4"]


def test_the_unread_line_names_the_day_where_it_was_another() -> None:
    desk = Desk()
    desk.posted(1, day=20)
    desk.state.read("general")
    desk.posted(2, day=21)

    desk.logs.draw_unread_line(desk.room)

    assert UnreadRow(NOON - timedelta(days=2), today=False) in desk.log.rows


def test_without_what_was_read_last_nobody_knows_where_the_unread_line_stands() -> None:
    desk = Desk(last_seq=9)
    desk.room.read_seq, desk.room.unread = 2, 7
    desk.logs.draw_unread_line(desk.room)

    desk.page(8, 9, more=True)

    assert desk.shown() == ["day 22", "line 8", "line 9"]
    assert desk.logs.first_unread(desk.room) == ()


def test_a_page_in_the_middle_of_a_room_goes_on_below() -> None:
    desk = Desk(last_seq=400)
    desk.page(399, 400, more=True)
    lines = [m.Line(n, "linus", f"line {n}", "2026-11-22T12:00:00.000Z") for n in (99, 100)]
    request = desk.room.around(100)
    desk.answer(request, m.Page(re=1, room="general", messages=lines, more=True))
    assert desk.shown() == ["day 22", "line 99", "line 100"]
    assert desk.log.more_below

    desk.log.stay(Place(("seq", 99)))
    desk.log.asked_below = True
    newer = desk.room.newer()
    assert newer is not None
    lines = [m.Line(n, "linus", f"line {n}", "2026-11-22T12:00:00.000Z") for n in (101, 102)]
    desk.answer(newer, m.Page(re=1, room="general", messages=lines, more=True))

    assert desk.shown() == ["day 22", "line 99", "line 100", "line 101", "line 102"]
    assert (desk.log.asked_below, desk.log.more_below, desk.log.new_below) == (False, True, 0)


def test_what_owners_do_is_one_row_also_where_it_puts_a_member_out() -> None:
    desk = Desk()
    at = "2026-11-22T12:00:00.000Z"
    desk.receive(m.Left("general", "fay"))
    desk.receive(m.Left("general", "ben", "cleo", "Enough."))
    desk.receive(m.Audited("general", m.AuditEntry(1, at, "cleo", "kick", "ben", "", "Enough.")))
    desk.receive(m.Left("general", "dag", "cleo"))
    desk.receive(m.Audited("general", m.AuditEntry(2, at, "cleo", "ban", "dag")))
    desk.receive(m.Audited("general", m.AuditEntry(3, at, "cleo", "ban", "eve", "", "Spam.")))
    desk.receive(m.Audited("general", m.AuditEntry(4, at, "cleo", "mute", "linus")))

    notices = [row.text for row in desk.log.rows if isinstance(row, NoticeRow)]
    assert notices == [
        "fay left",
        'cleo kicked ben: "Enough."',
        "cleo banned dag",
        'cleo banned eve: "Spam."',
        "cleo muted linus",
    ]
