from chat_shared import messages as m
from chat_tui.commands.parsed_input import (
    HERE,
    Arguments,
    InputError,
    SendRequest,
    ask_about,
    in_room,
)


def test_the_text_after_a_word_keeps_its_spaces() -> None:
    words = Arguments("  ben   two  lines\nhere \n")

    assert words == ["ben", "two", "lines", "here"]
    assert words.after(1) == "two  lines\nhere"
    assert words.after(4) == ""
    assert Arguments("").after(0) == ""


def test_a_request_about_the_open_room_gets_its_name() -> None:
    request = m.Kick(id=1, room=HERE, name="ben", reason="Enough.")

    meant = in_room(request, "kitchen")
    assert meant == m.Kick(id=1, room="kitchen", name="ben", reason="Enough.")


def test_a_request_about_another_room_or_all_rooms_stays_unchanged() -> None:
    for request in (m.Audit(id=1, room="attic"), m.Search(id=1, words="x"), m.Mentions(id=1)):
        assert in_room(request, "kitchen") == request


def test_an_invalid_name_is_not_sent() -> None:
    assert isinstance(ask_about("-", m.Direct(id=1, name="-")), InputError)
    assert ask_about("ben", m.Direct(id=1, name="ben")) == SendRequest(m.Direct(id=1, name="ben"))
