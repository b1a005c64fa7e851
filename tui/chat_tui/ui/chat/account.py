"""Our own account: its devices, its password, logging out and deleting it."""

from chat_shared import messages as m
from chat_tui.ui.chat.actions import Actions, no_argument
from chat_tui.ui.chat.requests import Requests
from chat_tui.ui.chat.room_view import RoomView


class Account:
    """Most of it happens in dialogs."""

    def __init__(self, view: RoomView, requests: Requests) -> None:
        self._view = view
        self._requests = requests

    def actions(self) -> Actions:
        return {
            "account.sessions": no_argument(self.show_sessions),
            "account.ssh_keys": no_argument(self.show_ssh_keys),
            "account.logout": self.log_out,
            "account.password": no_argument(self.change_password),
            "account.keep": no_argument(self.keep),
            "account.delete": no_argument(self.delete),
        }

    def show_sessions(self) -> None:
        from chat_tui.ui.dialogs.sessions import Sessions

        self._view.app.push_screen(Sessions())

    def show_ssh_keys(self) -> None:
        from chat_tui.ui.dialogs.ssh_keys import SshKeys

        self._view.app.push_screen(SshKeys())

    def log_out(self, where: str = "") -> None:
        """Log out here; if `where` says so, on all devices. A guest's account ends in any case."""
        elsewhere = where and not self._view.state.guest_until
        self._view.start(self._log_out_everywhere() if elsewhere else self._log_out())

    def change_password(self) -> None:
        self._view.start(self._change_password())

    def keep(self) -> None:
        self._view.start(self._keep())

    def delete(self) -> None:
        from chat_tui.ui.dialogs.delete_account import DeleteAccount

        self._view.app.push_screen(DeleteAccount(self._view.state.account))

    async def _log_out(self) -> None:
        await self._requests.ask_or_explain(m.Logout(id=m.UNNUMBERED))

    async def _log_out_everywhere(self) -> None:
        """Log out the other devices, then this one."""
        if await self._requests.ask_or_explain(m.Revoke(id=m.UNNUMBERED)) is not None:
            await self._log_out()

    async def _change_password(self) -> None:
        from chat_tui.ui.dialogs.change_password import ChangePassword

        if changed := await self._view.app.push_screen_wait(ChangePassword()):
            self._view.hint.tell(changed)

    async def _keep(self) -> None:
        from chat_tui.ui.dialogs.keep_account import KeepAccount

        if kept := await self._view.app.push_screen_wait(KeepAccount(self._view.state.account)):
            self._view.hint.tell(kept)
