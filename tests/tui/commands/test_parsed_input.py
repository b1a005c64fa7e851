from chat_shared import messages as m
from chat_tui.commands.parsed_input import (
    HERE,
    Arguments,
    InputError,
    SendRequest,
    ask_about,
    in_room,
)


def test_what_is_behind_a_word_is_as_it_was_typed() -> None:
    words = Arguments("  ben   two  lines\nhere \n")

    assert words == ["ben", "two", "lines", "here"]
    assert words.behind(1) == "two  lines\nhere"
    assert words.behind(4) == ""
    assert Arguments("").behind(0) == ""


def test_what_is_asked_of_the_open_room_gets_its_name() -> None:
    request = m.Kick(id=1, room=HERE, name="ben", reason="Enough.")

    meant = in_room(request, "kitchen")
    assert meant == m.Kick(id=1, room="kitchen", name="ben", reason="Enough.")


def test_what_names_a_room_or_means_all_stays_as_it_is() -> None:
    for request in (m.Audit(id=1, room="attic"), m.Search(id=1, words="x"), m.Mentions(id=1)):
        assert in_room(request, "kitchen") == request


def test_what_cannot_be_a_name_is_not_asked_about() -> None:
    assert isinstance(ask_about("-", m.Direct(id=1, name="-")), InputError)
    assert ask_about("ben", m.Direct(id=1, name="ben")) == SendRequest(m.Direct(id=1, name="ben"))
