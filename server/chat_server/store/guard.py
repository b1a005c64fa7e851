"""The wall that no error of SQLite's passes but as a StoreError."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import apsw

from chat_server.store import StoreError

P = ParamSpec("P")
T = TypeVar("T")


def raises_store_errors(method: Callable[P, T]) -> Callable[P, T]:
    """Let no error of SQLite's out of `method` but as StoreError."""

    @wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return method(*args, **kwargs)
        except apsw.Error as exc:
            raise StoreError(f"{method.__name__}: {exc}") from exc

    return guarded
