"""Requests of guests, people with a temporary account. Declared as those in `requests` are."""

from typing import ClassVar

from chat_shared.frames import Client, RequestFrame
from chat_shared.requests import LogInRequest


class RegisterGuest(LogInRequest, frozen=True, gc=False, tag="register_guest"):
    """Create a temporary account in the one room that the code is for."""

    name: str  # without the prefix
    invite: str
    client: Client = ""


class Keep(RequestFrame, frozen=True, gc=False):
    """Turn a guest's account into an ordinary one, with a password."""

    by_guests: ClassVar[bool] = True

    password: str
    invite: str = ""  # where people register by invitation
