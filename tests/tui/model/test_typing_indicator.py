from chat_shared.limits import TYPING_LASTS
from chat_tui.model.typing_indicator import TypingIndicator


def test_they_are_named_as_long_as_they_are_few() -> None:
    typists = TypingIndicator()
    assert typists.sentence(0) == ""
    typists.typing("ben", 0)
    assert typists.sentence(1) == "ben is typing…"
    typists.typing("Cleo\x1b", 1)
    typists.typing("BEN", 2)
    assert typists.sentence(2) == "BEN and Cleo␛ are typing…"
    typists.typing("dag", 2)
    assert typists.sentence(2) == "3 people are typing…"


def test_typing_ends_by_itself_and_with_the_message() -> None:
    typists = TypingIndicator()
    typists.typing("ben", 0)
    typists.typing("cleo", 1)

    typists.posted("Cleo")
    assert typists.sentence(1) == "ben is typing…"
    assert typists.sentence(TYPING_LASTS) == ""

    typists.typing("ben", 10)
    typists.clear()
    assert typists.sentence(10) == ""
