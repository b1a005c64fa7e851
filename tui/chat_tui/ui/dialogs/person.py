"""What can be done with one person of a room: a menu of what we may do."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from chat_shared import messages as m
from chat_shared.names import fold
from chat_shared.text import clean_line
from chat_tui.ui.dialogs.dialog import Dialog, text

PersonAction: TypeAlias = Literal[
    "message", "mention", "block", "unblock", "mute", "unmute", "hand-over", "kick", "ban"
]

_LABELS: Final[dict[PersonAction, str]] = {
    "message": "Send a direct message",
    "mention": "Mention",
    "block": "Block direct messages",
    "unblock": "Unblock direct messages",
    "mute": "Mute …",
    "unmute": "Unmute",
    "hand-over": "Make the owner …",
    "kick": "Kick out of the room …",
    "ban": "Ban from the room …",
}
_AGAINST: Final = ("kick", "ban")
OWNERS: Final[tuple[PersonAction, ...]] = ("mute", "unmute", "hand-over", "kick", "ban")


class PersonMenu(Dialog[PersonAction | None]):
    """Returns what was chosen."""

    def __init__(self, room: str, name: str, about: str, actions: Sequence[PersonAction]) -> None:
        """`about` says whether the person is online, or how long they have been away."""
        super().__init__()
        self._room = room
        self._person = name
        self._about = clean_line(about)
        self._actions = list(actions)
        self._list = OptionList(*map(_option, actions), markup=False, compact=True)

    def compose(self) -> ComposeResult:
        heading = Content.assemble(
            clean_line(self._person), (f"  {self._about}", "not bold $text-muted")
        )
        with Vertical(classes="dialog choice"):
            yield text(heading, "heading")
            yield self._list
            yield text("Enter: choose · Esc: cancel", "keys")

    def on_mount(self) -> None:
        self._list.focus()
        self.start(self._look_up())

    async def _look_up(self) -> None:
        if "block" in self._actions:
            await self._look_whether_blocked()
        if "unmute" in self._actions:
            await self._look_whether_muted()

    async def _look_whether_blocked(self) -> None:
        """Offer to unblock a person who is blocked; the server knows."""
        reply = await self.ask(m.Blocked(id=m.UNNUMBERED))
        if isinstance(reply, m.BlockedList) and fold(self._person) in map(fold, reply.names):
            at = self._actions.index("block")
            self._actions[at] = "unblock"
            self._list.replace_option_prompt_at_index(at, Content(_LABELS["unblock"]))

    async def _look_whether_muted(self) -> None:
        """Offer only what would change something; both, if the server does not tell.

        The other stays in its place, so that nothing moves under the pointer.
        """
        reply = await self.ask(m.MuteOf(id=m.UNNUMBERED, room=self._room, name=self._person))
        if isinstance(reply, m.MuteInfo):
            other: PersonAction = "mute" if reply.muted else "unmute"
            self._list.disable_option_at_index(self._actions.index(other))

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._actions[event.option_index])


def _option(action: PersonAction) -> Option:
    return Option(Content.styled(_LABELS[action], "$text-error" if action in _AGAINST else ""))
