"""How long to wait before connecting again, from how attempts and sessions have ended. Pure."""

from chat_tui.net.timeouts import Timeouts


class Pauses:
    """They grow while attempts fail, and begin anew with a session.

    Not with one that is cut right behind the log-in: a server that does this to everyone is
    asked less and less often, too. One that is killed every few seconds is not.
    """

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._began: float | None = None  # when the session did; None without one
        self._cut = 0  # sessions in a row that were cut right behind the log-in
        self.attempt = 0  # the next one, counted since the last session

    def session_began(self, now: float) -> None:
        self._began = now

    def ended(self, now: float) -> None:
        """Note that the session has ended, or the attempt to begin one. `now` in seconds."""
        if self._began is None:
            self.attempt += 1
            return
        lasted = now - self._began
        self._cut = 1 if lasted >= self._timeouts.settled_after else self._cut + 1
        self._began, self.attempt = None, 1

    def wait(self) -> float:
        """Return how long to wait before the next attempt, in seconds."""
        return self._timeouts.pause(max(self.attempt, self._cut))
