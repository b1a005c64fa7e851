"""What every subject of a store is built on, whatever the engine: errors and transactions."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from chat_server.store.errors import StoreError

P = ParamSpec("P")
T = TypeVar("T")
D = TypeVar("D")
E = TypeVar("E", bound=Exception)
S = TypeVar("S", bound="ConnectedSubject[Any]")


class ConnectedSubject(Generic[D]):
    """One subject of the store, on a connection that it uses on that connection's thread only.

    What its methods promise stands in the module of the same name in `store.api`.
    What several subjects need within a transaction is a function of the
    connection, never a method of another subject.
    """

    def __init__(self, db: D) -> None:
        self._db = db


class Guard(Generic[D, E]):
    """Makes methods of an engine's subjects keep what all methods of a store promise."""

    def __init__(
        self,
        error: type[E],
        store_error: Callable[[str, E], StoreError],
        in_transaction: Callable[[D], bool],
        transaction: Callable[[D], AbstractContextManager[None]],
    ) -> None:
        """`error` is the base of the engine's errors, and `store_error` says what one means."""
        self._error = error
        self._store_error = store_error
        self._in_transaction = in_transaction
        self._transaction = transaction

    def raises_store_errors(self, method: Callable[P, T]) -> Callable[P, T]:
        """Turn every error of the engine that `method` raises into StoreError."""

        @wraps(method)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return method(*args, **kwargs)
            except self._error as exc:
                raise self._store_error(method.__name__, exc) from exc

        return guarded

    def one_transaction(
        self, method: Callable[Concatenate[S, P], T]
    ) -> Callable[Concatenate[S, P], T]:
        """Run `method` in one transaction, whole or not at all; raise as `raises_store_errors`.

        Within a larger one it is a part of that, which must go on after a refusal: so `method`
        refuses before it writes, without an error of the engine. Savepoints would be slower.
        """

        @wraps(method)
        def whole(subject: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if self._in_transaction(subject._db):
                return method(subject, *args, **kwargs)
            with self._transaction(subject._db):
                result = method(subject, *args, **kwargs)
            return result  # noqa: RET504 - for mypy a `with` may swallow what it raised

        return self.raises_store_errors(whole)
