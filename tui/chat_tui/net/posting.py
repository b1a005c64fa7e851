"""Sends the outbox, one message at a time, and again what the server does not take now."""

import asyncio
from typing import Final

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.model.outbox import Outbox, Unsent
from chat_tui.net.session import Session
from chat_tui.net.timeouts import Timeouts

# A post refused with one of these is sent again later.
_LATER: Final = {Code.TOO_FAST, Code.SHUTTING_DOWN, Code.NOT_LOGGED_IN}


class Posting:
    """Sends what waits in the outbox over one session after another."""

    def __init__(self, outbox: Outbox, timeouts: Timeouts) -> None:
        self._outbox = outbox
        self._timeouts = timeouts
        self._session: Session | None = None
        self._later: asyncio.TimerHandle | None = None  # until then, the server takes nothing

    def begin(self, session: Session) -> None:
        """Send over `session` from now on, while it is open."""
        self._session = session

    def end(self) -> None:
        """Send nothing: the connection of the session is lost, and with it the replies."""
        self._session = None
        if self._later is not None:
            self._later.cancel()
            self._later = None
        self._outbox.connection_lost()

    def flush(self) -> None:
        """Send what waits, as far as the server takes it now."""
        if self._session is None or not self._session.is_open or self._later is not None:
            return
        while unsent := self._outbox.next_to_send():
            if self._session.send(_post(unsent)):
                self._outbox.sending(unsent.nonce)
            else:
                self._outbox.refused(unsent.nonce, "This message is too long to send.")

    def answered(self, post: m.Post, reply: m.Reply) -> None:
        """Settle what `reply` says of `post`."""
        match reply:
            case m.Accepted():
                self._outbox.accepted(post.nonce, reply.seq)
            case m.Error() if reply.code in _LATER:
                self._outbox.queued(post.nonce)
                again = reply.retry_after or self._timeouts.post_again
                self._wait(self._timeouts.asked_for(again))
            case m.Error(Code.NO_SUCH_FILE) if self._outbox.upload_again(post.nonce):
                pass  # it is sent once that is done
            case m.Error():
                self._outbox.refused(post.nonce, reply.message)

    def _wait(self, seconds: float) -> None:
        self._later = asyncio.get_running_loop().call_later(seconds, self._go_on)

    def _go_on(self) -> None:
        self._later = None
        self.flush()


def _post(unsent: Unsent) -> m.Post:
    message = unsent.room, unsent.text, unsent.nonce, unsent.reply
    return m.Post(*message, unsent.uploads, id=m.UNNUMBERED)
