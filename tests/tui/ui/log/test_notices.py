from datetime import UTC, datetime

from chat_shared import messages as m
from chat_tui.model.changes import Change, MemberJoined, MemberLeft
from chat_tui.model.state import ChatState
from chat_tui.ui.log.log_model import LogModel, Splice
from chat_tui.ui.log.notices import MAX_NOTICES
from chat_tui.ui.log.room_logs import RoomLogs
from chat_tui.ui.log.rows import MessageRow, NoticeRow
from support.tui_state import logged_in, posted

_NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _general() -> tuple[ChatState, RoomLogs, LogModel]:
    state = logged_in()
    logs = RoomLogs(state, lambda: _NOON)
    return state, logs, logs.log(state.rooms["general"])


def _joined(first: int, last: int) -> list[Change]:
    return [MemberJoined("general", f"user{number}") for number in range(first, last)]


def _notices(log: LogModel) -> list[str]:
    return [row.text for row in log.rows if isinstance(row, NoticeRow)]


def test_notices_that_follow_each_other_are_one_change() -> None:
    _, logs, log = _general()
    changes: list[Splice] = []
    log.on_change = changes.append

    logs.apply_all([*_joined(0, 3), MemberLeft("general", "user1")])

    assert changes == [Splice(0, 0, 4)]
    assert _notices(log) == ["user0 joined", "user1 joined", "user2 joined", "user1 left"]


def test_they_stand_among_the_messages_in_their_order() -> None:
    state, logs, log = _general()

    logs.apply_all([*_joined(0, 1), *state.apply(posted(1)), *_joined(1, 2)])

    texts = [row.text for row in log.rows if isinstance(row, NoticeRow | MessageRow)]
    assert texts == ["user0 joined", "hi", "user1 joined"]


def test_only_the_latest_are_kept_and_every_message() -> None:
    state, logs, log = _general()
    logs.apply_all([*_joined(0, 1), *state.apply(posted(1))])

    for first in range(1, 2_001, 100):
        logs.apply_all(_joined(first, first + 100))
    logs.apply_all(state.apply(m.Posted("general", 2, "linus", "soup", "2026-11-22T12:00:00Z")))

    kept = _notices(log)
    assert MAX_NOTICES <= len(kept) < MAX_NOTICES + 100
    assert kept[-1] == "user2000 joined"
    assert [row.text for row in log.rows if isinstance(row, MessageRow)] == ["hi", "soup"]


def test_more_than_fit_at_once_are_cut() -> None:
    _, logs, log = _general()

    logs.apply_all(_joined(0, 3 * MAX_NOTICES))

    assert len(_notices(log)) == MAX_NOTICES
