"""Messages in a store, posted without a server."""

from itertools import count

from chat_server.store.api import GENERAL_ROOM, AccountRecord, Draft, Receipt, Store

_nonces = count()


def post(
    store: Store, author: AccountRecord, *texts: str, room: int = GENERAL_ROOM, at: int = 5
) -> list[Receipt]:
    """Append `texts`, each with its own nonce."""
    drafts = [Draft(room, author.id, text, f"n{next(_nonces)}") for text in texts]
    return store.append(drafts, at)


def change(
    store: Store,
    author: AccountRecord,
    kind: str,
    of: int,
    text: str = "",
    *,
    room: int = GENERAL_ROOM,
) -> Receipt:
    """Append an edit, deletion or reaction to the message `of`."""
    draft = Draft(room, author.id, text, f"n{next(_nonces)}", change=kind, of=of)
    return store.append([draft], at=6)[0]
