"""Changes take as many round trips however many they are."""

from chat_server.store.api import GENERAL_ROOM, AccountRecord, Draft
from support.engines import PostgresqlEngine


def _changes(author: AccountRecord, number: int) -> list[Draft]:
    """Return edits of message 1 and reactions to message 2: `number` of each."""

    def draft(of: int, kind: str, text: str) -> Draft:
        return Draft(GENERAL_ROOM, author.id, text, f"{kind} {text}", change=kind, of=of)

    edits = [draft(1, "edit", f"text {at}") for at in range(number)]
    return edits + [draft(2, "react", chr(0x1F34C + at)) for at in range(number)]


def test_changes_take_as_many_statements_however_many_they_are() -> None:
    assert _statements(20) == _statements(1)


def _statements(number: int) -> list[str]:
    with PostgresqlEngine().database() as database:
        store = database.store
        ada = store.add_account("ada", "Ada", "", 1)
        store.append([Draft(GENERAL_ROOM, ada.id, "soup", f"n{at}") for at in range(2)], 1)
        return database.statements(lambda: store.append(_changes(ada, number), 2))
