"""A room in a store, owned by Ada, of which Cleo has been a member for longer than Ben."""

from chat_server.store.api import AuditDraft, Store

ROOM, ADA, BEN, CLEO, NOBODY = 2, 1, 2, 3, 99


def fill_room(store: Store) -> None:
    for name in "Ada", "Ben", "Cleo":
        store.add_account(name.lower(), name, "hash", at=1)
    store.add_room("kitchen", "Kitchen", ADA, "hash", at=1)
    store.add_member(ROOM, CLEO, at=2)
    store.add_member(ROOM, BEN, at=3)


def draft_of(action: str, target: int | None = None, *, at: int = 10, until: int = 0) -> AuditDraft:
    """Return the draft of an audit entry for what Ada does."""
    return AuditDraft(ROOM, ADA, action, at, target, until, "why")


def actions(store: Store) -> list[str]:
    return [record.action for record in store.audit_entries(ROOM, 2**50, 100)]


def owner(store: Store) -> str:
    return store.rooms()[1].owner
