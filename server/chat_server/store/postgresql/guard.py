"""The part of the store that every subject is built on: errors and transactions of PostgreSQL."""

import psycopg

from chat_server.store.guard import ConnectedSubject, Guard
from chat_server.store.postgresql.failures import store_error
from chat_server.store.postgresql.queries import Database
from chat_server.store.postgresql.transaction import in_transaction, transaction

Subject = ConnectedSubject[Database]

_guard = Guard(psycopg.Error, store_error, in_transaction, transaction)
raises_store_errors = _guard.raises_store_errors
one_transaction = _guard.one_transaction
