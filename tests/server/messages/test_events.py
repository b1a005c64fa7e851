"""An event is the same whether it is sent at once or read back later."""

import pytest

from chat_server.messages.events import message_event, stored_event
from chat_server.store.api import Draft, MessageRecord, Receipt
from chat_shared import messages as m

_AT = "1970-01-01T00:00:00.005Z"
_EVENTS = [
    ("edit", "soup", False, m.Edited("general", 7, 3, "Ada", _AT, "soup", "n")),
    ("delete", "", False, m.Deleted("general", 7, 3, "Ada", _AT, "n")),
    ("react", "🍲", False, m.Reacted("general", 7, 3, "Ada", _AT, "🍲", False, "n")),
    ("react", "🍲", True, m.Reacted("general", 7, 3, "Ada", _AT, "🍲", True, "n")),
]


@pytest.mark.parametrize(("change", "text", "off", "event"), _EVENTS)
def test_a_change_is_the_same_event_at_once_and_later(
    change: str, text: str, off: bool, event: m.Event
) -> None:
    draft = Draft(1, 1, text, "n", change=change, of=3, off=off)
    record = MessageRecord(7, "Ada", text, 5, "n", change=change, of=3, off=off)

    assert message_event("general", "Ada", draft, Receipt(1, 7, 5, fresh=True)) == event
    assert stored_event("general", record) == event


@pytest.mark.parametrize("change", ["edit", "delete", "react"])
def test_a_change_that_came_too_late_names_no_message_and_reveals_no_text(change: str) -> None:
    draft = Draft(1, 1, "text", "n", change=change, of=3)
    event = message_event("general", "Ada", draft, Receipt(1, 7, 5, fresh=True, late=True))

    assert getattr(event, "of", None) == 0
    assert getattr(event, "text", "") == ""


def test_an_edit_whose_text_is_gone_names_no_message() -> None:
    record = MessageRecord(7, "Ada", "", 5, "n", change="edit", of=3)

    assert stored_event("general", record) == m.Edited("general", 7, 0, "Ada", _AT, "", "n")


def test_a_reply_names_its_message() -> None:
    record = MessageRecord(7, "Ada", "yes", 5, "n", reply=3)

    assert stored_event("general", record) == m.Posted("general", 7, "Ada", "yes", _AT, "n", 3)
