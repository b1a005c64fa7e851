from chat_shared.limits import TYPING_LASTS
from chat_tui.model.typing_indicator import TypingIndicator


def test_a_few_people_are_named_and_more_are_counted() -> None:
    indicator = TypingIndicator()
    assert indicator.sentence(0) == ""
    indicator.typing("ben", 0)
    assert indicator.sentence(1) == "ben is typing…"
    indicator.typing("Cleo\x1b", 1)
    indicator.typing("BEN", 2)
    assert indicator.sentence(2) == "BEN and Cleo␛ are typing…"
    indicator.typing("dag", 2)
    assert indicator.sentence(2) == "3 people are typing…"


def test_typing_ends_by_itself_and_with_the_message() -> None:
    indicator = TypingIndicator()
    indicator.typing("ben", 0)
    indicator.typing("cleo", 1)

    indicator.stopped("Cleo")
    assert indicator.sentence(1) == "ben is typing…"
    assert indicator.sentence(TYPING_LASTS) == ""

    indicator.typing("ben", 10)
    indicator.clear()
    assert indicator.sentence(10) == ""
