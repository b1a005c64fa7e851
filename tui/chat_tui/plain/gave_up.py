"""The error of a client without a screen that has no session."""


class GaveUp(Exception):
    """There is no session; the message says why."""
