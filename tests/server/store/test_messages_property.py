"""Whatever is posted, edited, deleted and reacted to: the database keeps what a model does."""

from collections.abc import Sequence
from typing import Final

from hypothesis import given, settings, strategies as st
from msgspec import structs

from chat_server.store.api import GENERAL_ROOM, Draft, Receipt, Span, Store
from chat_shared.limits import MAX_SEQ
from support.engines import Engine
from support.message_model import KITCHEN, NAMES, Room

TEXTS: Final = ["soup", "@ada", "(@cleo, @ben)", "@nobody"]
EMOJIS: Final = ["🍲", "\u2764", "\u2764\ufe0f"]  # the last two are one, in two spellings


FIRST: Final = [
    Draft(room, author, text, f"{room}-{author}")
    for room in (GENERAL_ROOM, KITCHEN)
    for author, text in ((1, "soup"), (3, "@ada"))
]


def drafts() -> st.SearchStrategy[Draft]:
    where = (st.sampled_from([GENERAL_ROOM, KITCHEN]), st.sampled_from(sorted(NAMES)))
    nonce, of = st.integers(0, 99).map(str), st.integers(0, 5)

    def change(kind: str, text: st.SearchStrategy[str]) -> st.SearchStrategy[Draft]:
        off = st.booleans() if kind == "react" else st.just(False)
        return st.builds(Draft, *where, text, nonce, change=st.just(kind), of=of, off=off)

    return st.one_of(
        st.builds(Draft, *where, st.sampled_from(TEXTS), nonce, reply=of),
        change("edit", st.sampled_from(TEXTS)),
        change("delete", st.just("")),
        change("react", st.sampled_from(EMOJIS)),
        change("react", st.sampled_from(EMOJIS)),
        change("react", st.sampled_from(EMOJIS)),
    )


def append_to(rooms: dict[int, Room], batch: Sequence[Draft], at: int) -> list[Receipt | None]:
    """Append to the model; return the receipt of each draft, and None where its nonce is known."""
    receipts: list[Receipt | None] = []
    for draft in batch:
        mine = [(m.draft.author, m.draft.nonce) for room in rooms.values() for m in room.messages]
        known = (draft.author, draft.nonce) in mine
        receipts.append(None if known else rooms[draft.room].append(draft, at))
    return receipts


def check_room(store: Store, room: Room, low: int, high: int) -> None:
    """Compare what is read of `room`, in one way and another, with the model's."""
    records = room.records()
    assert store.messages_after(room.id, low, 4) == records[low : low + 4]
    assert store.messages_before(room.id, high, 4) == records[: max(high - 1, 0)][-4:]
    assert store.messages_at(room.id, {low, high}) == [r for r in records if r.seq in (low, high)]
    for account in NAMES:
        shown = store.reactions(room.id, {low, high}, account, 2)
        assert shown == room.reactions({low, high}, account, 2)
        span = Span(account, room.id, low, high)
        assert store.count_unread([span]) == [room.unread(span)]
    seqs = range(len(records) + 2)
    assert [store.target(room.id, seq) for seq in seqs] == [room.target(seq) for seq in seqs]


@settings(max_examples=60)
@given(
    batches=st.lists(
        st.tuples(st.lists(drafts(), min_size=1, max_size=12), st.integers(1, 9)), max_size=5
    ),
    bounds=st.tuples(st.integers(0, 4), st.integers(0, 12)),
)
def test_the_store_keeps_messages_and_their_changes_as_the_model_does(
    engine: Engine, batches: list[tuple[list[Draft], int]], bounds: tuple[int, int]
) -> None:
    rooms = {id: Room(id, name) for id, name in ((GENERAL_ROOM, "general"), (KITCHEN, "kitchen"))}
    with engine.database() as database:
        store = database.store
        for id, name in NAMES.items():
            store.add_account(name.lower(), name, "", at=id)
        store.add_room("kitchen", "kitchen", 1, "", at=1)
        store.add_member(KITCHEN, 3, at=1)

        for batch, at in [(FIRST, 1), *batches]:
            expected = append_to(rooms, batch, at)
            for receipt, wanted in zip(store.append(batch, at), expected, strict=True):
                assert receipt.fresh == (wanted is not None)
                assert wanted in (None, structs.replace(receipt, audit=None))
        for room in rooms.values():
            check_room(store, room, *bounds)
        for account in NAMES:
            mentions = store.mentions(account, MAX_SEQ, 100)
            assert {(mention.room, mention.seq, mention.text) for mention in mentions} == {
                mention for room in rooms.values() for mention in room.mentions(account)
            }
