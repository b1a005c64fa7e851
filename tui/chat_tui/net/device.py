"""How this client is listed among the devices of its account."""

import platform
from functools import cache

from chat_shared.limits import MAX_CLIENT


@cache
def describe_device() -> str:
    """Return the program and its system, and no more: not the name of the computer or its user."""
    # Imported here: finding the installed version takes as long as drawing the form.
    from importlib.metadata import version

    return f"chat-tui {version('trialogue')} on {platform.system() or 'an unknown system'}"[
        :MAX_CLIENT
    ]
