"""Requests about preferences: what the devices of an account share, such as drafts.

Declared as those in `requests` are.
"""

from typing import ClassVar

from chat_shared.frames import PreferenceValues, ReplyFrame, RequestFrame
from chat_shared.replies import PreferenceList


class Preferences(RequestFrame, frozen=True, gc=False):
    """Load all preferences of the account."""

    granted: ClassVar[type[ReplyFrame]] = PreferenceList
    by_guests: ClassVar[bool] = True


class SetPreferences(RequestFrame, frozen=True, gc=False, tag="set_preferences"):
    """Set these and leave all others as they are; an empty value removes one."""

    by_guests: ClassVar[bool] = True

    values: PreferenceValues
