"""The wall that no error of SQLite's passes but as a StoreError."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

import apsw

from chat_server.store.api import StoreError
from chat_server.store.sqlite.transaction import transaction

P = ParamSpec("P")
T = TypeVar("T")
Store = TypeVar("Store", bound="_OnConnection")


class _OnConnection(Protocol):
    _db: apsw.Connection


def raises_store_errors(method: Callable[P, T]) -> Callable[P, T]:
    """Let no error of SQLite's out of `method` but as StoreError."""

    @wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except apsw.Error as exc:
            raise StoreError(f"{method.__name__}: {exc}") from exc

    return guarded


def one_transaction(
    method: Callable[Concatenate[Store, P], T],
) -> Callable[Concatenate[Store, P], T]:
    """Let what `method` does happen as a whole or not at all, and raise as above."""

    @wraps(method)
    def whole(store: Store, /, *args: P.args, **kwargs: P.kwargs) -> T:
        with transaction(store._db):
            result = method(store, *args, **kwargs)
        return result  # noqa: RET504 - for mypy a `with` may swallow what it raised

    return raises_store_errors(whole)
