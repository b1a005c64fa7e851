"""Edits, deletions and reactions in the database."""

from chat_server.store.api import (
    GENERAL_ROOM,
    AccountRecord,
    AuditRecord,
    Draft,
    ReactionRecord,
    Receipt,
    Store,
    TargetRecord,
)
from chat_shared.limits import MAX_EMOJIS
from support.engines import Database


class Talk:
    """Appends what an author does, each with its own nonce."""

    def __init__(self, store: Store, author: AccountRecord, room: int = GENERAL_ROOM) -> None:
        self._store = store
        self._author = author.id
        self._room = room
        self._number = 0

    def __call__(self, text: str, change: str = "", of: int = 0) -> bool:
        """Append one draft; return whether it had an effect."""
        self._number += 1
        nonce = f"{self._room}-{self._number}"
        draft = Draft(self._room, self._author, text, nonce, change=change, of=of)
        (receipt,) = self._store.append([draft], at=self._number)
        return not receipt.late


def kept(store: Store) -> list[tuple[int, str, str, int]]:
    messages = store.messages_after(GENERAL_ROOM, 0, 100)
    return [(message.seq, message.change, message.text, message.of) for message in messages]


def test_a_text_is_kept_once_and_an_edit_shows_the_current_one(
    database: Database, store: Store, ada: AccountRecord
) -> None:
    talk = Talk(store, ada)
    talk("one")
    talk("two", "edit", 1)
    talk("three", "edit", 1)

    assert kept(store) == [(1, "", "three", 0), (2, "edit", "three", 1), (3, "edit", "three", 1)]
    assert database.select("SELECT text FROM message WHERE change = 'edit'") == [("",)] * 2


def test_the_target_of_a_change_is_described(store: Store, ada: AccountRecord) -> None:
    talk = Talk(store, ada)
    talk("soup")
    talk("🍲", "react", 1)

    assert store.target(GENERAL_ROOM, 1) == TargetRecord(ada.id, "", False, frozenset("🍲"))
    assert store.target(GENERAL_ROOM, 2) == TargetRecord(ada.id, "react", False, frozenset())
    assert store.target(GENERAL_ROOM, 3) is None
    talk("", "delete", 1)
    assert store.target(GENERAL_ROOM, 1) == TargetRecord(ada.id, "", True, frozenset())
    assert store.receipt(ada.id, f"{GENERAL_ROOM}-3") == Receipt(
        GENERAL_ROOM, 3, 3, fresh=False, name="general"
    )
    assert store.receipt(ada.id, f"{GENERAL_ROOM}-4") is None


def test_deleting_another_persons_message_adds_an_audit_entry_without_the_text(
    database: Database, store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    talk = Talk(store, ben)
    for text in "a private word", "soup", "bread":
        talk(text)
    drafts = [
        Draft(GENERAL_ROOM, by.id, "", f"d{of}", change="delete", of=of)
        for by, of in ((ada, 1), (ben, 2), (ada, 3))
    ]
    receipts = store.append(drafts, 7) + store.append(drafts, 8)
    last, first = store.audit_entries(GENERAL_ROOM, 100, 100)

    assert last == AuditRecord(2, 7, "Ada", "delete", "Ben", 0, "")
    assert first == AuditRecord(1, 7, "Ada", "delete", "Ben", 0, "")
    assert [receipt.audit for receipt in receipts] == [first, None, last, None, None, None]
    assert "a private word" not in str(database.rows())


def test_one_emoji_too_many_is_late(store: Store, ada: AccountRecord) -> None:
    talk = Talk(store, ada)
    talk("soup")
    in_time = [talk(f"e{number}", "react", 1) for number in range(MAX_EMOJIS + 1)]

    assert in_time == [True] * MAX_EMOJIS + [False]
    assert len(store.reactions(GENERAL_ROOM, [1], ada.id, 1)[1]) == MAX_EMOJIS
    assert talk("e0", "react", 1)


def test_reactions_are_grouped_in_the_order_in_which_they_were_first_used(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    cleo = store.add_account("cleo", "Cleo", "hash", 1)
    talk = {account.name: Talk(store, account) for account in (ada, ben, cleo)}
    talk["Ada"]("soup")
    talk["Ada"]("bread")
    for name, emoji, of in (
        *(("Cleo", "👍", 1), ("Ada", "🍲", 1), ("Ben", "👍", 2), ("Ada", "🍲", 2)),
        *(("Ben", "🍲", 1), ("Ada", "👍", 1), ("Ada", "👍", 2)),
    ):
        assert talk[name](emoji, "react", of)

    assert store.reactions(GENERAL_ROOM, [2, 1], ben.id, 2) == {
        1: [
            ReactionRecord("👍", 2, ["Cleo", "Ada"], False),
            ReactionRecord("🍲", 2, ["Ada", "Ben"], True),
        ],
        2: [
            ReactionRecord("👍", 2, ["Ben", "Ada"], True),
            ReactionRecord("🍲", 1, ["Ada"], False),
        ],
    }
    assert [first.names for first in store.reactions(GENERAL_ROOM, [1], ben.id, 1)[1]] == [
        ["Cleo"],
        ["Ada"],
    ]


def test_removing_a_reaction_removes_that_one_only(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    room = store.add_room("kitchen", "kitchen", ada.id, "", 1).id
    for place in (GENERAL_ROOM, room):
        talks = [Talk(store, account, place) for account in (ada, ben)]
        for talk in talks:
            talk("soup")
        for talk in talks:
            assert all(talk(emoji, "react", of) for emoji in "👍🍲" for of in (1, 2))

    def given() -> list[tuple[int, int, str, list[str]]]:
        return [
            (place, seq, reaction.emoji, reaction.names)
            for place in (GENERAL_ROOM, room)
            for seq, reactions in store.reactions(place, [1, 2], ada.id, 9).items()
            for reaction in reactions
        ]

    before = given()
    off = Draft(GENERAL_ROOM, ada.id, "👍", "off", change="react", of=1, off=True)
    store.append([off], at=9)

    before[before.index((GENERAL_ROOM, 1, "👍", ["Ada", "Ben"]))] = (GENERAL_ROOM, 1, "👍", ["Ben"])
    assert sorted(given()) == sorted(before)


def test_reactions_are_those_of_one_room(store: Store, ada: AccountRecord) -> None:
    room = store.add_room("kitchen", "kitchen", ada.id, "", 1)
    ben = store.add_account("ben", "Ben", "hash", 1)
    for place, author in (GENERAL_ROOM, ben), (room.id, ada):
        talk = Talk(store, author, place)
        talk("soup")
        talk("👍", "react", 1)

    assert store.reactions(room.id, [1, 2, 3], ada.id, 10) == {
        1: [ReactionRecord("👍", 1, ["Ada"], True)]
    }
    assert store.reactions(room.id, [], ada.id, 10) == {}


def test_a_reaction_that_is_stored_in_two_spellings_can_be_removed_in_each(
    database: Database, store: Store, ada: AccountRecord
) -> None:
    talk = Talk(store, ada)
    talk("soup")
    for emoji in ("\u2764", "\u2764\ufe0f"):  # as versions without one spelling stored them
        database.execute(
            "INSERT INTO reaction (room, seq, emoji, account) VALUES (1, 1, ?, ?)", emoji, ada.id
        )

    off = Draft(GENERAL_ROOM, ada.id, "\u2764\ufe0f", "off", change="react", of=1, off=True)
    (receipt,) = store.append([off], at=9)

    assert receipt.emoji == "\u2764\ufe0f"
    assert [left.emoji for left in store.reactions(GENERAL_ROOM, [1], ada.id, 1)[1]] == ["\u2764"]


def test_changes_of_one_batch_happen_one_after_the_other(
    store: Store, ada: AccountRecord, ben: AccountRecord
) -> None:
    Talk(store, ben)("soup")
    for emoji in "ab":
        store.append([Draft(GENERAL_ROOM, ben.id, emoji, emoji, change="react", of=1)], 4)
    steps = [
        *(("react", "a", True), ("react", "c", False), ("react", "a", False)),
        *(("react", "b", False), ("react", "b", True), ("edit", "bread", False)),
        *(("edit", "butter", False), ("react", "d", False), ("react", "d", True)),
    ]
    batch = [
        Draft(GENERAL_ROOM, ben.id, text, f"{at}", change=kind, of=1, off=off)
        for at, (kind, text, off) in enumerate(steps)
    ]
    late = [receipt.late for receipt in store.append(batch, 5)]

    assert late == [False] * len(steps)
    assert [r.emoji for r in store.reactions(GENERAL_ROOM, [1], ada.id, 9)[1]] == ["c", "a"]
    assert store.messages_at(GENERAL_ROOM, [1])[0].text == "butter"

    kinds = [("edit", "x"), ("react", "e"), ("delete", ""), ("react", "f"), ("edit", "y")]
    batch = [
        Draft(GENERAL_ROOM, ada.id, text, f"{at}", change=kind, of=1)
        for at, (kind, text) in enumerate(kinds)
    ]

    assert [receipt.late for receipt in store.append(batch, 6)] == [False] * 3 + [True] * 2
    assert store.messages_at(GENERAL_ROOM, [1])[0].text == ""
    assert store.reactions(GENERAL_ROOM, [1], ada.id, 9) == {}
    assert len(store.audit_entries(GENERAL_ROOM, 99, 99)) == 1
