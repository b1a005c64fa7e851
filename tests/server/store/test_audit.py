"""An action is done and recorded, or neither."""

from collections.abc import Callable

import pytest

from chat_server.store.api import AuditDraft, Store, StoreError
from support.stored_room import BEN, NOBODY, ROOM, actions, draft_of, fill_room, owner

_REFUSED: list[Callable[[Store], object]] = [
    lambda store: store.kick(draft_of("kick", NOBODY)),
    lambda store: store.hand_over(draft_of("hand_over", NOBODY)),
    lambda store: store.hand_over(draft_of("hand_over")),
    lambda store: store.lift(draft_of("unban", BEN), "ban"),
    lambda store: store.impose(draft_of("ban", BEN), "ban", 0),
]


@pytest.fixture
def store(store: Store) -> Store:
    fill_room(store)
    return store


@pytest.mark.parametrize("attempt", _REFUSED, ids=range(len(_REFUSED)))
def test_an_action_that_is_not_done_is_not_recorded(
    store: Store, attempt: Callable[[Store], object]
) -> None:
    assert attempt(store) is None
    assert actions(store) == []
    assert len(store.members(ROOM, "", 9)) == 3
    assert owner(store) == "Ada"


def test_an_action_that_cannot_be_recorded_is_not_done(store: Store) -> None:
    stranger = AuditDraft(ROOM, NOBODY, "kick", 10, BEN)  # no entry can have this author

    with pytest.raises(StoreError):
        store.kick(stranger)

    assert store.is_member(ROOM, BEN)
