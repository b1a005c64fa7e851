"""The part of the store that every subject is built on: errors and transactions of SQLite."""

import apsw

from chat_server.store.guard import ConnectedSubject, Guard
from chat_server.store.sqlite.failures import store_error
from chat_server.store.sqlite.transaction import in_transaction, transaction

Subject = ConnectedSubject[apsw.Connection]

_guard = Guard(apsw.Error, store_error, in_transaction, transaction)
raises_store_errors = _guard.raises_store_errors
one_transaction = _guard.one_transaction
