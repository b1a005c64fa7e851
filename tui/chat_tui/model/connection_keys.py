"""The SSH keys of the person whose connection a client is used over."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ConnectionKeys:
    """None of either where people run the client on their own computer."""

    logs_in: bool = False
    """One of them logs in to the account that the person named."""
    offered: tuple[str, ...] = ()
    """Others that the person seems to have, as in .pub files."""


NO_KEYS: Final = ConnectionKeys()
