"""Devices of an account as they are listed. Pure."""

from chat_shared import messages as m
from chat_shared.text import clean_line


def device_name(session: m.SessionInfo) -> str:
    """Return what the device calls itself, and where it was last; else its name for the server."""
    name = clean_line(session.client).strip() or f"Device {clean_line(session.session)}"
    return f"{name}, {clean_line(session.address)}" if session.address else name
