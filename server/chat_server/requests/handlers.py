"""The handlers by request: a handler registers itself here, and `dispatch` finds it."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeAlias, TypeVar

from chat_server.services import Services
from chat_server.sessions.session import Session
from chat_shared import messages as m

R = TypeVar("R", bound=m.Request)

# Returns the reply, or None where the reply is sent by others (the journal, for one).
Handler: TypeAlias = Callable[[Services, Session, R], Awaitable[m.Reply | None]]

# A dict cannot say that each handler takes requests of its key's type: hence the one `Any`,
# which goes no further.
HANDLERS: Final[dict[type[m.Request], Handler[Any]]] = {}


def handles(request: type[R]) -> Callable[[Handler[R]], Handler[R]]:
    """Register the decorated function as the handler of `request`."""

    def register(handler: Handler[R]) -> Handler[R]:
        HANDLERS[request] = handler
        return handler

    return register
