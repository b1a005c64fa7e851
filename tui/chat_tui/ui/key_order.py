"""Typed keys take effect in the order in which they were typed, however fast they arrive.

Textual runs a key's binding in the app, the keys of a widget in the widget, and opens
a dialog some turns of the event loop later. In a burst (typing ahead, a slow network,
a paste without brackets) a key would overtake the one before it, and a password would
end up in the room instead of in the dialog that asks for it. So the next key is
delivered once the one before has had its effect: the widgets that it went through are
idle, and the dialog that it opened has the focus.

Does not know what any key means.
"""

import asyncio
from typing import Final, Protocol, TypeAlias, runtime_checkable

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.widget import Widget

_Typed: TypeAlias = events.Key | events.Paste

# Seconds, in so many looks. Opening the largest dialog takes a tenth of it on a slow machine; a
# widget that is busy for longer must not keep Ctrl+Q from arriving. Looks are counted, not
# seconds: while the event loop itself does not get its turn, nothing can have had its effect.
_PATIENCE: Final = 2.0
_LOOKS: Final = 20
# A handler may post a message to its own widget, and that message's handler another one.
_ROUNDS: Final = 3


@runtime_checkable
class HoldsLetters(Protocol):
    """A widget in which a letter acts only if no other one follows soon."""

    def release_letters(self) -> bool:
        """Let the letter typed last act now; return whether there was one that waited."""
        ...


class KeyOrder(App[None]):
    """An app that delivers one key or paste at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: asyncio.Queue[_Typed] = asyncio.Queue()
        self._is_delivering = False
        self._letters_pending = False  # delivered to a field that may not have drawn them yet

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self._typed.put_nowait(event)
        if not self._is_delivering:
            self._is_delivering = True
            self.run_worker(self._run_delivery(), group="keys")

    async def _run_delivery(self) -> None:
        while True:
            await self._deliver(await self._typed.get())

    async def _deliver(self, event: _Typed) -> None:
        """Deliver `event` and wait for its effect.

        Letters for a field wait in the field's own queue, in order: only the key behind
        them has to wait, because it may be meant for something else than the field.
        """
        target = self._target()
        if not _is_printable(event) and isinstance(target, HoldsLetters):
            if target.release_letters():
                await self._settle(target)
            target = self._target()
        is_letter = _is_letter(event, target)
        if self._letters_pending and not is_letter:
            await self._settle(target)
            target = self._target()
        await super().on_event(event)
        if not is_letter:
            await self._settle(target)
        self._letters_pending = is_letter

    def _target(self) -> DOMNode | None:
        """Return the widget that receives a key now."""
        return self.focused or (self.screen if self.screen_stack else None)

    async def _settle(self, target: DOMNode | None) -> None:
        """Wait until the key that went to `target` has had its effect.

        Where that moved the focus or opened or closed a dialog, wait for what has the focus
        now as well. A coroutine that awaited the dialog goes on meanwhile: a result reaches
        it within three turns of the loop, and waiting for a widget and its parents takes more.
        """
        settling = asyncio.create_task(self._wait_settled(target))
        try:
            for _ in range(_LOOKS):
                done, _pending = await asyncio.wait([settling], timeout=_PATIENCE / _LOOKS)
                if done:
                    settling.result()
                    return
        finally:
            settling.cancel()

    async def _wait_settled(self, target: DOMNode | None) -> None:
        settled: DOMNode | None = None
        while target is not None and target is not settled:
            for node in target.ancestors_with_self:
                await _wait_idle(node)
            settled, target = target, self._target()


def _is_printable(event: _Typed) -> bool:
    return isinstance(event, events.Key) and event.is_printable


def _is_letter(event: _Typed, target: DOMNode | None) -> bool:
    """Return whether `event` only types a letter, because its target is a field."""
    return (
        isinstance(event, events.Key)
        and isinstance(target, Widget)
        and target.check_consume_key(event.key, event.character)
    )


async def _wait_idle(node: DOMNode) -> None:
    """Wait until `node` has handled the messages queued so far, and those that they lead to."""
    for _ in range(_ROUNDS):
        reached = asyncio.Event()
        if not node.post_message(events.Callback(callback=reached.set)):
            return  # it is being removed
        await reached.wait()
        if not node.message_queue_size:
            return
