"""The dialogs that have buttons, each as a user may see it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from textual.screen import ModalScreen

from chat_shared import messages as m
from chat_tui.model.address import Address, Place
from chat_tui.net.disconnect import TrustMismatch
from chat_tui.ui.dialogs.add_ssh_key import AddSshKey
from chat_tui.ui.dialogs.change_password import ChangePassword
from chat_tui.ui.dialogs.changed_fingerprint import ChangedFingerprint
from chat_tui.ui.dialogs.confirm import Confirm
from chat_tui.ui.dialogs.create_room import CreateRoom
from chat_tui.ui.dialogs.delete_account import DeleteAccount
from chat_tui.ui.dialogs.delete_room import DeleteRoom
from chat_tui.ui.dialogs.first_connection import FirstConnection
from chat_tui.ui.dialogs.invitation import NewInvitation
from chat_tui.ui.dialogs.invitations import InvitationsList
from chat_tui.ui.dialogs.join_room import JoinRoom
from chat_tui.ui.dialogs.keep_account import KeepAccount
from chat_tui.ui.dialogs.room_secret import RoomSecret
from chat_tui.ui.dialogs.sessions import Sessions
from chat_tui.ui.dialogs.ssh_keys import SshKeys
from support.tui_chat import Client

_PASSWORD: Final = "k7qm-2vxh-9rtd"
_LINK: Final = f"chat://chat.example.org:7667/kitchen?fp=SHA256:{'a' * 64}#{_PASSWORD}"
INVITE: Final = m.RoomInvite(
    "kitchen", _PASSWORD, "2026-11-29T12:00:00.000Z", registers=True,
    host="chat.example.org", port=7667, fingerprint=f"SHA256:{'a' * 64}",
    ssh_port=2222, ssh_key=f"SHA256:{'Z' * 43}", web="https://chat.example.org:7680/", re=1,
)  # fmt: skip
_MISMATCH: Final = TrustMismatch("SHA256:" + "a" * 64, "SHA256:" + "b" * 64)

DIALOGS: Final[dict[str, Callable[[], ModalScreen[Any]]]] = {
    "create a room": CreateRoom,
    "join a room": JoinRoom,
    "password": lambda: RoomSecret(m.Created("kitchen", _PASSWORD, re=1)),
    "password and link": lambda: RoomSecret(m.Created("kitchen", _PASSWORD, re=1), _LINK),
    "invitation": lambda: NewInvitation(INVITE, Place(Address())),
    "invitations": lambda: InvitationsList("kitchen", "kitchen"),
    "confirm": lambda: Confirm("Leave kitchen? You need its password to come back.", "Leave"),
    "confirm deleting": lambda: Confirm("Delete this message?", "Delete", destroys=True),
    "changed fingerprint": lambda: ChangedFingerprint(
        Address("chat.example.org"), _MISMATCH, Path("/home/ada/.config/trialogue/known.json")
    ),
    "first connection": lambda: FirstConnection(
        Address("chat.example.org"), _MISMATCH.shown, Path("/home/ada/.config/trialogue/known.json")
    ),
    "delete a room": lambda: DeleteRoom("kitchen"),
    "delete the account": lambda: DeleteAccount("ada"),
    "change the password": ChangePassword,
    "keep the account": lambda: KeepAccount("guest-mia"),
    "devices": Sessions,
    "SSH keys": SshKeys,
    "add an SSH key": AddSshKey,
}


async def show_dialog(running: Client, dialog: ModalScreen[Any]) -> None:
    """Show `dialog` in place of the screen: drawing another one below it takes longer."""
    await running.app.switch_screen(dialog)
    await running.settle()
