"""Requests of clients: one handler per request, in a module per subject.

Handlers are short: the domain does the work, and they put the result into the
protocol's words. To add a request, declare its class in `chat_shared.requests`
and write a handler here.
"""

# Imported so that their handlers are registered.
from chat_server.requests import (
    account as account,
    files as files,
    hooks as hooks,
    invitations as invitations,
    messages as messages,
    moderation as moderation,
    preferences as preferences,
    rooms as rooms,
    ssh_keys as ssh_keys,
)
