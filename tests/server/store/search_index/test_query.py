"""Which messages a search finds: by words, room, author and time."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Literal, TypeAlias
from unicodedata import normalize

import pytest
from hypothesis import given, settings, strategies as st

from chat_server.store.api import GENERAL_ROOM
from chat_server.store.search_index import query
from chat_server.store.search_index.query import SlowSearchError
from chat_shared.limits import MAX_WORDS
from support.indexed import IndexedStore

DAY = 86_400_000

Form: TypeAlias = Literal["NFC", "NFD"]


@pytest.fixture
def indexed(tmp_path: Path) -> Iterator[IndexedStore]:
    with ExitStack() as cleanup:
        yield IndexedStore(tmp_path, cleanup)


# --- words


@pytest.mark.parametrize("word", ["мой", "її", "がんば", "한국", "क़लम", "أحمد", "élan", "ёлка"])
@pytest.mark.parametrize(("stored", "asked"), [("NFC", "NFD"), ("NFD", "NFC"), ("NFD", "NFD")])
def test_a_word_is_found_in_either_normal_form(
    indexed: IndexedStore, word: str, stored: Form, asked: Form
) -> None:
    text = normalize(stored, f"soup {word} bread")
    indexed.post(text)
    indexed.index_all()

    (hit,) = indexed.find(normalize(asked, word))
    marked = "".join(text[since:to] for since, to in hit.marks)
    assert (hit.text, marked) == (text, normalize(stored, word))


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
def test_a_message_must_contain_all_words_in_any_case_and_accents(
    indexed: IndexedStore, words: str, found: bool
) -> None:
    indexed.post("Töfte hot soup!")
    indexed.index_all()

    assert indexed.texts(words) == ["Töfte hot soup!"] * found


@pytest.mark.parametrize(
    "words", ["ελλαδα", "Ελλάδα", "ΕΛΛΆΔΑ", "ε\u03bbλα\u0301δα", "ελλ*", "елка", "ёлка"]
)
def test_greek_accents_do_not_matter_and_matches_are_marked_in_the_original_text(
    indexed: IndexedStore, words: str
) -> None:
    text = "στην Ελλάδα, Ёлка"
    indexed.post(text)
    indexed.index_all()

    (hit,) = indexed.find(words)
    assert hit.text == text
    assert [text[begin:end] for begin, end in hit.marks] in (["Ελλάδα"], ["Ёлка"])


def test_matches_are_marked_by_characters(indexed: IndexedStore) -> None:
    indexed.post("🍲 Soup, soups and a hot SÖUP")
    indexed.index_all()

    (hit,) = indexed.find('soup "a hot"')
    assert [hit.text[begin:end] for begin, end in hit.marks] == ["Soup", "a hot", "SÖUP"]
    assert (hit.id, hit.room, hit.seq, hit.author, hit.at) == (1, GENERAL_ROOM, 1, "Ada", 5)


@pytest.fixture(scope="module")
def two_texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexedStore]:
    with ExitStack() as cleanup:
        indexed = IndexedStore(tmp_path_factory.mktemp("indexed"), cleanup)
        indexed.post('soup "with" bread', "a*b:c^d (e) NEAR")
        indexed.index_all()
        yield indexed


_SIGNS = st.text(st.sampled_from("\"*^:+-(){}[],.\\\0 \n'soupNEARORNOT/;ä🍲"), max_size=40)


@settings(max_examples=300)
@given(words=st.text(max_size=MAX_WORDS) | _SIGNS)
def test_no_search_is_an_error(two_texts: IndexedStore, words: str) -> None:
    for hit in two_texts.find(words):
        assert all(0 <= begin < end <= len(hit.text) for begin, end in hit.marks)


_WORD = st.sampled_from(["soup", "bread", "hot", "soups", "Brot"])
_TEXTS = st.lists(st.lists(_WORD, min_size=1, max_size=5).map(" ".join), max_size=6)


@settings(max_examples=30)
@given(texts=_TEXTS, words=st.lists(_WORD, min_size=1, max_size=3), star=st.booleans())
def test_exactly_the_messages_with_all_words_are_found(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], words: list[str], star: bool
) -> None:
    def matches(text: str) -> bool:
        parts = text.split()
        whole = all(word in parts for word in words)
        begun = all(any(part.startswith(word) for part in parts) for word in words)
        return begun if star else whole

    with ExitStack() as cleanup:
        indexed = IndexedStore(tmp_path_factory.mktemp("indexed"), cleanup)
        indexed.post(*texts)
        indexed.index_all(2)
        typed = " ".join(word + "*" * star for word in words)
        assert indexed.texts(typed) == [text for text in reversed(texts) if matches(text)]


# --- room, author, time


def test_only_the_given_rooms_are_searched(indexed: IndexedStore) -> None:
    kitchen = indexed.room("kitchen")
    indexed.post("soup here")
    indexed.post("soup there", room=kitchen)
    indexed.index_all()

    assert indexed.texts("soup") == ["soup here"]
    assert indexed.texts("soup", kitchen) == ["soup there"]
    assert indexed.texts("soup", GENERAL_ROOM, kitchen) == ["soup there", "soup here"]
    assert indexed.find("soup", ()) == []


def test_an_author_is_found_by_key_and_no_other_account_is(indexed: IndexedStore) -> None:
    indexed.post("soup", "bread")
    indexed.post("more soup", author=indexed.ben)
    indexed.index_all()

    assert [hit.text for hit in indexed.find("soup", author="ben")] == ["more soup"]
    assert [hit.text for hit in indexed.find("", author="ada")] == ["bread", "soup"]
    assert indexed.find("soup", author="nobody") == []


def test_messages_before_a_time_are_found_however_the_clock_was_set(indexed: IndexedStore) -> None:
    for at in (3 * DAY, 9 * DAY, 3 * DAY + 1, 9 * DAY + 5):
        indexed.post(f"soup {at}", at=at)
        # As in a database from when times went back with the clock.
        indexed.store._db.execute(
            "UPDATE message SET at = ? WHERE id = (SELECT max(id) FROM message)", (at,)
        )
    indexed.index_all()

    assert [hit.at for hit in indexed.find("soup", until=9 * DAY + 1)] == [
        *(3 * DAY + 1, 9 * DAY, 3 * DAY),
    ]
    assert [hit.at for hit in indexed.find("soup", until=3 * DAY + 1)] == [3 * DAY]
    assert indexed.find("soup", until=3 * DAY) == []
    assert indexed.find("soup", until=-1) == []


def test_hits_are_paged_from_the_newest_to_the_oldest(indexed: IndexedStore) -> None:
    indexed.post(*(f"soup {number}" for number in range(7)))
    indexed.index_all()

    pages, before = [], 2**53
    while page := indexed.find("soup", limit=3, before=before):
        pages.append([hit.seq for hit in page])
        before = page[-1].id
    assert pages == [[7, 6, 5], [4, 3, 2], [1]]


# --- bounds


def test_a_search_that_finds_nothing_in_time_raises(
    indexed: IndexedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed.post(*["soup"] * 50)
    indexed.index_all()
    monkeypatch.setattr(query, "LONGEST", -1.0)
    monkeypatch.setattr(query, "_CHECK_EVERY", 1)

    with pytest.raises(SlowSearchError):
        indexed.find("soup")
    monkeypatch.undo()
    assert len(indexed.find("soup")) == 50


def test_a_search_that_runs_out_of_time_returns_what_it_has_found(
    indexed: IndexedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed.post(*["soup"] * 50)
    indexed.index_all()
    monkeypatch.setattr(query, "_CHECK_EVERY", 1)
    monkeypatch.setattr(query, "LONGEST", 1_000)  # steps of SQLite's machine, by this clock
    monkeypatch.setattr(query, "monotonic", count().__next__)
    found = indexed.findings("soup")
    monkeypatch.undo()

    assert 0 < len(found.hits) < 50
    assert found.more
    rest = indexed.findings("soup", before=found.hits[-1].id)
    assert len(found.hits) + len(rest.hits) == 50
    assert not rest.more
