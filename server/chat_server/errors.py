"""What keeps the server from starting.

StartError             the message is a sentence for the operator; exit code 1
└── UnusableStoreError the database cannot be opened by this version
"""


class StartError(Exception):
    """The server cannot start; the message is a sentence that says why and where."""


class UnusableStoreError(StartError):
    """The database cannot be opened at all, or not by this version."""
