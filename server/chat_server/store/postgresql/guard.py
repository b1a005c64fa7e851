"""The part of the store that every subject is built on: errors and transactions."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import psycopg

from chat_server.store.postgresql.failures import store_error
from chat_server.store.postgresql.queries import Database
from chat_server.store.postgresql.transaction import in_transaction, transaction

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="Subject")


class Subject:
    """One subject of the store, on a connection that it uses on that connection's thread only.

    What its methods promise stands in the module of the same name in `store.api`.
    What several subjects need within a transaction is a function of the
    connection, never a method of another subject.
    """

    def __init__(self, db: Database) -> None:
        self._db = db


def raises_store_errors(method: Callable[P, T]) -> Callable[P, T]:
    """Turn every error of PostgreSQL that `method` raises into StoreError."""

    @wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except psycopg.Error as exc:
            raise store_error(method.__name__, exc) from exc

    return guarded


def one_transaction(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Run `method` in one transaction, whole or not at all; raise as `raises_store_errors`.

    Within a larger one it is a part of that, which must go on after a refusal: so `method`
    refuses before it writes, without an error of PostgreSQL.
    """

    @wraps(method)
    def whole(subject: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if in_transaction(subject._db):
            return method(subject, *args, **kwargs)
        with transaction(subject._db):
            result = method(subject, *args, **kwargs)
        return result  # noqa: RET504 - for mypy a `with` may swallow what it raised

    return raises_store_errors(whole)
