"""Requests about SSH keys: which log in to an account, and the log-in itself.

Declared as those in `requests` are.
"""

from collections.abc import Mapping
from typing import ClassVar

from chat_shared.frames import Client, ReplyFrame, RequestFrame, SshKeyText, State
from chat_shared.replies import SshKeyChecked, SshKeyList
from chat_shared.requests import LogInRequest


class LoginByKey(LogInRequest, frozen=True, gc=False, tag="login_by_key"):
    """Log in by the SSH key in the header of a proxy, who has proof that its client holds it."""

    name: str
    client: Client = ""


class CheckSshKey(RequestFrame, frozen=True, gc=False, tag="check_ssh_key"):
    """Ask, as a proxy, whether a key that somebody offers logs in to an account."""

    legal: ClassVar[Mapping[State, State]] = {State.GREETED: State.GREETED}
    granted: ClassVar[type[ReplyFrame]] = SshKeyChecked

    name: str
    key: SshKeyText


class SshKeys(RequestFrame, frozen=True, gc=False, tag="ssh_keys"):
    """List the SSH keys of the account."""

    granted: ClassVar[type[ReplyFrame]] = SshKeyList


class AddSshKey(RequestFrame, frozen=True, gc=False, tag="add_ssh_key"):
    """Let a public key log in to the account. The password, since it does so permanently."""

    key: SshKeyText  # as in a .pub file
    password: str


class RemoveSshKey(RequestFrame, frozen=True, gc=False, tag="remove_ssh_key"):
    """Remove a key, and end the sessions that it began."""

    fingerprint: str
