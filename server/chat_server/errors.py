"""What the operator is told; each message is a sentence for them.

StartError             the server, or a command beside it, cannot start; exit code 1
├── FolderHeldError    another server has the data folder; exit code 3
└── UnusableStoreError the database cannot be opened by this version
SettingsError          settings that do not go together; exit code 2
OperatorError          what the operator asked of the running server cannot be done
"""

from typing import ClassVar


class StartError(Exception):
    """The server cannot start; the message is a sentence that says why and where."""

    exit_code: ClassVar[int] = 1


class FolderHeldError(StartError):
    """Another server has the data folder. Whoever started this one may know which it is."""

    exit_code: ClassVar[int] = 3


class UnusableStoreError(StartError):
    """The database cannot be opened at all, or not by this version."""


class SettingsError(ValueError):
    """Each setting is what it may be, and together they cannot be used."""


class OperatorError(Exception):
    """What the operator asked for cannot be done; the message is a sentence that says why."""
