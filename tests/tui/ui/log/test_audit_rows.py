"""Moderation actions stand between the messages, whenever they were loaded."""

from datetime import UTC, datetime

from hypothesis import given, strategies as st

from chat_shared import messages as m
from chat_tui.model.state import ChatState
from chat_tui.ui.log.room_logs import RoomLogs
from chat_tui.ui.log.rows import MessageRow, NoticeRow
from support.tui_state import logged_in

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTES = range(60)


def at(minute: int) -> str:
    return f"2026-11-22T11:{minute:02}:00.000Z"


def entry(minute: int) -> m.AuditEntry:
    return m.AuditEntry(minute + 1, at(minute), "cleo", "topic", reason=f"topic {minute}")


def in_kitchen(last_seq: int) -> tuple[ChatState, RoomLogs]:
    state = logged_in(m.RoomInfo("kitchen", "cleo", last_seq, last_seq))
    return state, RoomLogs(state, lambda: NOON)


def apply(state: ChatState, logs: RoomLogs, request: m.Request, reply: m.Reply) -> None:
    for change in state.answer(request, reply):
        logs.apply(change)


def load_audit(state: ChatState, logs: RoomLogs, minutes: list[int]) -> None:
    entries = [entry(minute) for minute in sorted(minutes, reverse=True)]
    apply(state, logs, m.Audit(id=1, room="kitchen"), m.AuditPage("kitchen", entries, False, re=1))


def load_page(state: ChatState, logs: RoomLogs, minutes: list[int], first: int, more: bool) -> None:
    room = state.rooms["kitchen"]
    request = room.older() if room.lines else room.newest()
    assert request is not None
    lines = [
        m.Line(first + n, "ben", f"line {minute}", at(minute)) for n, minute in enumerate(minutes)
    ]
    apply(state, logs, request, m.Page("kitchen", lines, more, re=1))


def shown(state: ChatState, logs: RoomLogs) -> list[str]:
    rows = logs.log(state.rooms["kitchen"]).rows
    return [
        row.text.removeprefix("cleo set the topic: ")
        for row in rows
        if isinstance(row, MessageRow | NoticeRow)
    ]


def test_after_a_restart_they_are_where_they_were() -> None:
    state, logs = in_kitchen(2)
    load_page(state, logs, [10, 20], 1, more=False)
    assert shown(state, logs) == ["line 10", "line 20"]

    load_audit(state, logs, [5, 15, 25])

    assert shown(state, logs) == ["topic 5", "line 10", "topic 15", "line 20", "topic 25"]
    event = m.Audited("kitchen", entry(25))
    for change in state.apply(event):  # one that is loaded already
        logs.apply(change)
    assert shown(state, logs).count("topic 25") == 1


def test_those_before_the_oldest_loaded_message_come_with_its_page() -> None:
    state, logs = in_kitchen(4)
    load_page(state, logs, [30, 40], 3, more=True)
    load_audit(state, logs, [5, 15, 35])
    assert shown(state, logs) == ["line 30", "topic 35", "line 40"]

    load_page(state, logs, [10, 20], 1, more=False)

    assert shown(state, logs) == [
        *("topic 5", "line 10", "topic 15", "line 20", "line 30", "topic 35", "line 40"),
    ]


def test_they_stand_above_messages_that_wait_to_be_sent() -> None:
    state, logs = in_kitchen(1)
    load_page(state, logs, [10], 1, more=False)
    state.outbox.add("kitchen", "waiting")
    logs.log(state.rooms["kitchen"])
    for change in state.apply(m.Audited("kitchen", entry(50))):
        logs.apply(change)

    assert shown(state, logs) == ["line 10", "topic 50", "waiting"]


@given(
    messages=st.sets(st.sampled_from(MINUTES), min_size=1),
    audited=st.sets(st.sampled_from(MINUTES)),
    cut=st.integers(1, 60),
    audit_first=st.booleans(),
)
def test_whatever_is_loaded_first_all_are_in_the_order_of_their_times(
    messages: set[int], audited: set[int], cut: int, audit_first: bool
) -> None:
    minutes = sorted(messages)
    state, logs = in_kitchen(len(minutes))
    logs.log(state.rooms["kitchen"])
    newer = minutes[-min(cut, len(minutes)) :]
    older = minutes[: len(minutes) - len(newer)]
    if audit_first:
        load_audit(state, logs, list(audited))
    load_page(state, logs, newer, len(older) + 1, more=bool(older))
    if not audit_first:
        load_audit(state, logs, list(audited))
    if older:
        load_page(state, logs, older, 1, more=False)

    times = [(minute, "line") for minute in messages] + [(minute, "topic") for minute in audited]
    assert shown(state, logs) == [f"{what} {minute}" for minute, what in sorted(times)]


def test_of_thousands_at_once_the_latest_are_kept() -> None:
    state, logs = in_kitchen(0)
    log = logs.log(state.rooms["kitchen"])
    for first in (0, 3_000):
        changes = [
            change
            for id in range(first, first + 3_000)
            for change in state.apply(
                m.Audited("kitchen", m.AuditEntry(id + 1, at(1), "cleo", "topic"))
            )
        ]
        logs.apply_all(changes)

    assert [row.key for row in log.rows] == [("audit", id + 1) for id in range(5_000, 6_000)]
