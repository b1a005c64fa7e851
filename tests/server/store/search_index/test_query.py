"""What is found by which words, where, by whom and when."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from chat_server.store.api import GENERAL_ROOM
from chat_server.store.search_index import query
from chat_server.store.search_index.query import SlowSearchError
from chat_shared.limits import MAX_WORDS
from support.indexed import Talk

DAY = 86_400_000


@pytest.fixture
def talk(tmp_path: Path) -> Iterator[Talk]:
    with ExitStack() as cleanup:
        yield Talk(tmp_path, cleanup)


# --- words


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("soup", True),
        ("SOUP", True),
        ("söup", True),
        ("tofte", True),
        ("TÖFTE", True),
        ("sou", False),
        ("sou*", True),
        ("soup töfte", True),
        ("soup bread", False),
        ('"hot soup"', True),
        ('"soup hot"', False),
        ('"hot sou"*', True),
        ("hot-soup", True),
        ("soup OR bread", False),
        ("text:soup", False),
        ("r1", False),
        ("a1", False),
        ("!", False),
        ("soup !", True),
        ("", True),
    ],
)
def test_all_words_must_be_there_whatever_their_case_and_accents(
    talk: Talk, words: str, found: bool
) -> None:
    talk.say("Töfte hot soup!")
    talk.catch_up()

    assert talk.texts(words) == ["Töfte hot soup!"] * found


@pytest.mark.parametrize(
    "words", ["ελλαδα", "Ελλάδα", "ΕΛΛΆΔΑ", "ε\u03bbλα\u0301δα", "ελλ*", "елка", "ёлка"]
)
def test_greek_accents_do_not_matter_and_what_is_found_is_marked_in_what_was_said(
    talk: Talk, words: str
) -> None:
    said = "στην Ελλάδα, Ёлка"
    talk.say(said)
    talk.catch_up()

    (hit,) = talk.find(words)
    assert hit.text == said
    assert [said[begin:end] for begin, end in hit.marks] in (["Ελλάδα"], ["Ёлка"])


def test_what_was_found_is_marked_in_characters(talk: Talk) -> None:
    talk.say("🍲 Soup, soups and a hot SÖUP")
    talk.catch_up()

    (hit,) = talk.find('soup "a hot"')
    assert [hit.text[begin:end] for begin, end in hit.marks] == ["Soup", "a hot", "SÖUP"]
    assert (hit.id, hit.room, hit.seq, hit.author, hit.at) == (1, GENERAL_ROOM, 1, "Ada", 5)


@pytest.fixture(scope="module")
def two_texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talk]:
    with ExitStack() as cleanup:
        talk = Talk(tmp_path_factory.mktemp("talk"), cleanup)
        talk.say('soup "with" bread', "a*b:c^d (e) NEAR")
        talk.catch_up()
        yield talk


_SIGNS = st.text(st.sampled_from("\"*^:+-(){}[],.\\\0 \n'soupNEARORNOT/;ä🍲"), max_size=40)


@settings(max_examples=300)
@given(words=st.text(max_size=MAX_WORDS) | _SIGNS)
def test_whatever_is_looked_for_is_no_error(two_texts: Talk, words: str) -> None:
    for hit in two_texts.find(words):
        assert all(0 <= begin < end <= len(hit.text) for begin, end in hit.marks)


_WORD = st.sampled_from(["soup", "bread", "hot", "soups", "Brot"])
_TEXTS = st.lists(st.lists(_WORD, min_size=1, max_size=5).map(" ".join), max_size=6)


@settings(max_examples=30)
@given(texts=_TEXTS, words=st.lists(_WORD, min_size=1, max_size=3), star=st.booleans())
def test_found_is_exactly_what_holds_all_the_words(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], words: list[str], star: bool
) -> None:
    def holds(text: str) -> bool:
        said = text.split()
        whole = all(word in said for word in words)
        parts = all(any(other.startswith(word) for other in said) for word in words)
        return parts if star else whole

    with ExitStack() as cleanup:
        talk = Talk(tmp_path_factory.mktemp("talk"), cleanup)
        talk.say(*texts)
        talk.catch_up(2)
        asked = " ".join(word + "*" * star for word in words)
        assert talk.texts(asked) == [text for text in reversed(texts) if holds(text)]


# --- where, by whom, when


def test_only_the_rooms_that_are_named_are_searched(talk: Talk) -> None:
    kitchen = talk.room("kitchen")
    talk.say("soup here")
    talk.say("soup there", room=kitchen)
    talk.catch_up()

    assert talk.texts("soup") == ["soup here"]
    assert talk.texts("soup", kitchen) == ["soup there"]
    assert talk.texts("soup", GENERAL_ROOM, kitchen) == ["soup there", "soup here"]
    assert talk.find("soup", ()) == []


def test_an_author_is_found_by_key_and_nobody_else_is(talk: Talk) -> None:
    talk.say("soup", "bread")
    talk.say("more soup", author=talk.ben)
    talk.catch_up()

    assert [hit.text for hit in talk.find("soup", author="ben")] == ["more soup"]
    assert [hit.text for hit in talk.find("", author="ada")] == ["bread", "soup"]
    assert talk.find("soup", author="nobody") == []


def test_what_was_said_before_a_time_is_found_however_the_clock_was_set(talk: Talk) -> None:
    for at in (3 * DAY, 9 * DAY, 3 * DAY + 1, 9 * DAY + 5):
        talk.say(f"soup {at}", at=at)
    talk.catch_up()

    assert [hit.at for hit in talk.find("soup", until=9 * DAY + 1)] == [
        *(3 * DAY + 1, 9 * DAY, 3 * DAY),
    ]
    assert [hit.at for hit in talk.find("soup", until=3 * DAY + 1)] == [3 * DAY]
    assert talk.find("soup", until=3 * DAY) == []
    assert talk.find("soup", until=-1) == []


def test_pages_go_from_the_newest_to_the_oldest(talk: Talk) -> None:
    talk.say(*(f"soup {number}" for number in range(7)))
    talk.catch_up()

    pages, before = [], 2**53
    while page := talk.find("soup", limit=3, before=before):
        pages.append([hit.seq for hit in page])
        before = page[-1].id
    assert pages == [[7, 6, 5], [4, 3, 2], [1]]


# --- bounds


def test_a_search_that_finds_nothing_in_its_time_says_so(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.say(*["soup"] * 50)
    talk.catch_up()
    monkeypatch.setattr(query, "LONGEST", -1.0)
    monkeypatch.setattr(query, "_LOOK_UP", 1)

    with pytest.raises(SlowSearchError):
        talk.find("soup")
    monkeypatch.undo()
    assert len(talk.find("soup")) == 50


def test_what_was_found_until_the_time_was_over_is_not_all(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.say(*["soup"] * 50)
    talk.catch_up()
    monkeypatch.setattr(query, "_LOOK_UP", 1)
    monkeypatch.setattr(query, "LONGEST", 1_000)  # steps of SQLite's machine, by this clock
    monkeypatch.setattr(query, "monotonic", count().__next__)
    found = talk.findings("soup")
    monkeypatch.undo()

    assert 0 < len(found.hits) < 50
    assert found.more
    rest = talk.findings("soup", before=found.hits[-1].id)
    assert len(found.hits) + len(rest.hits) == 50
    assert not rest.more
