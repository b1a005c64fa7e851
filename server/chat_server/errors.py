"""Errors for the operator; each message is a sentence that is shown to them.

StartError             the server or a command cannot start or finish; exit code 1
├── FolderInUseError   another server uses the data folder; exit code 3
├── ServerFailedError  the running server cannot go on; exit code 4
└── UnusableStoreError the database cannot be opened by this version
    └── UnreachableStoreError  it may be later: it is on a machine that does not answer, say
SettingsError          settings that contradict each other; exit code 2
OperatorError          the running server cannot do what the operator asked
"""

from typing import ClassVar


class StartError(Exception):
    """The server or a command cannot start; the message says why and names the file or address."""

    exit_code: ClassVar[int] = 1


class FolderInUseError(StartError):
    """Another server uses the data folder.

    An exit code of its own, since a program that starts servers may have started that one.
    """

    exit_code: ClassVar[int] = 3


class ServerFailedError(StartError):
    """The running server cannot go on; started again it can. The log says what failed."""

    exit_code: ClassVar[int] = 4


class UnusableStoreError(StartError):
    """The database is damaged, or was written by a newer version."""


class UnreachableStoreError(UnusableStoreError):
    """The database cannot be reached now. Trying again can help."""


class SettingsError(ValueError):
    """Each setting is valid by itself, but they cannot be combined."""


class OperatorError(Exception):
    """The request of an operator cannot be carried out; the message says why."""
