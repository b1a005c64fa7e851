"""The store's errors: StoreError for the disk, the others for requests that it refuses.

StoreLost is none of these: it ends all that stands on the store.
"""


class StoreError(Exception):
    """The operation failed: a full or failing disk. Nothing is half-written."""


class DiskFullError(StoreError):
    """The disk is full, or seems to be."""


class StoreLost(BaseException):
    """The connection to the store is lost; whether the last transaction was done is in doubt.

    So those who wait for it get no answer, neither yes nor no. That is why this is no
    Exception: what handles errors and goes on must not handle this one.
    """


class TakenError(Exception):
    """The name of the account or room is already in use."""


class FullError(Exception):
    """There are as many as there may be."""


class GoneError(Exception):
    """What the operation is about has been removed meanwhile: an account, a token or a key."""


class InvalidInviteError(Exception):
    """The invitation, to a server or a room, is unknown, used or expired."""


class InvitesFullError(Exception):
    """There are too many unused invitations; `args` say of which: "room" or "author"."""


class BlockedError(Exception):
    """One or both of two accounts have blocked the other; `args` are those who did."""
