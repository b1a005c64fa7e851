"""The handlers by request: a handler registers itself here, and `dispatch` finds it."""

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeAlias, TypeVar

from chat_server.services import Services
from chat_server.sessions.session import Session
from chat_shared import messages as m

R = TypeVar("R", bound=m.Request)

# The reply, or None where it is sent by others (the journal, for one).
Answer: TypeAlias = m.Reply | None

# What has to wait returns a coroutine. What nearly never has to, and is sent thousands of times a
# second, is a function that answers at once where it can.
Handler: TypeAlias = Callable[[Services, Session, R], Coroutine[Any, Any, Answer] | Answer]

# A dict cannot say that each handler takes requests of its key's type: hence this `Any`,
# which goes no further.
HANDLERS: Final[dict[type[m.Request], Handler[Any]]] = {}


def handles(request: type[R]) -> Callable[[Handler[R]], Handler[R]]:
    """Register the decorated function as the handler of `request`."""

    def register(handler: Handler[R]) -> Handler[R]:
        HANDLERS[request] = handler
        return handler

    return register
