"""Keeps what is being typed in each room, also over a restart."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from textual.timer import Timer

from chat_tui.model.draft import Draft, DraftStore
from chat_tui.storage.drafts import Drafts
from chat_tui.ui.chat.room_view import RoomView

_PAUSE: Final = 1.0  # seconds without a key, after which a draft is written


class Drafting:
    """Writes a draft when its room is left, when there is a pause, and at the end."""

    def __init__(self, view: RoomView) -> None:
        self._view = view
        self._drafts: DraftStore = Drafts()
        self._pause: Timer | None = None

    def keep_in(self, drafts: DraftStore) -> None:
        """Go on with these drafts, and keep them there from now on."""
        self._drafts = drafts

    def take_up(self, room: str) -> None:
        """Put the draft of `room` into the composer."""
        self._view.composer.take_up(self._drafts.get(room))

    def add_to(self, room: str, text: str) -> None:
        """Add `text` to the draft of `room`, which is not open."""
        draft = self._drafts.get(room)
        self._drafts.put(room, replace(draft, text=draft.text + text))

    def forget_intent(self, room: str) -> None:
        """Let the draft of `room` reply to nothing and edit nothing."""
        composer, draft = self._view.composer, self._drafts.get(room)
        if room == self._view.current:
            if composer.intent is not None:
                composer.take_up(composer.unfinished.without_intent())
        elif draft.intent is not None:
            self._drafts.put(room, draft.without_intent())

    def renew(self, before: Mapping[str, Draft]) -> None:
        """Take up the draft of the open room again if another device changed it.

        That is only so where nothing was typed here since it was as in `before`.
        """
        room, composer = self._view.current, self._view.composer
        if room in before and composer.unfinished.without_quotes() == before[room].without_quotes():
            self.take_up(room)

    def keep(self) -> None:
        """Keep the draft of the open room."""
        if self._view.room is not None:
            self.keep_for(self._view.current)

    def keep_for(self, room: str) -> None:
        """Keep what is in the composer as the draft of `room`, which may be gone already."""
        self._drafts.put(room, self._view.composer.unfinished)
        self._drafts.keep()

    def close(self) -> None:
        """Keep the draft of the open room, on a disk before this returns."""
        self.keep()
        self._drafts.close()

    def keep_after_pause(self) -> None:
        if self._pause is None:
            self._pause = self._view.set_timer(_PAUSE, self._keep_now)
        else:
            self._pause.reset()

    def _keep_now(self) -> None:
        self._pause = None  # a timer that has fired does not fire again, even if it is reset
        self.keep()
