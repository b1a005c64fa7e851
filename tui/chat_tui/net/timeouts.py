"""How long the client waits for what."""

import random
from dataclasses import dataclass

from chat_shared.limits import PING_INTERVAL


@dataclass(frozen=True, slots=True)
class Timeouts:
    """All in seconds."""

    connect_within: float = 10.0  # longer than any healthy network takes
    log_in_within: float = 30.0  # the server may have a queue of passwords to check
    first_ping: float = 1.0  # after the log-in, so that drawing the chat is not measured
    ping_every: float = PING_INTERVAL
    pong_within: float = 15.0  # then the connection is dead, whatever TCP believes
    first_pause: float = 0.5  # before reconnecting: a restarting server is up again
    longest_pause: float = 30.0  # about as often as somebody waiting would look
    # Until then, a session was cut right behind its log-in. So a server that does this for ever
    # is asked twelve times a minute at most, and one that was restarted is met at once.
    settled_after: float = 5.0
    post_again: float = 1.0  # if the server says to wait but not how long
    shortest_wait: float = 0.01  # whatever the server says, since it would be asked in a loop
    longest_wait: float = 600.0  # whatever the server says: nobody waits longer by themselves

    def asked_for(self, seconds: float) -> float:
        """Return how long to wait if the server asks for this many seconds."""
        return min(max(seconds, self.shortest_wait), self.longest_wait)

    def pause(self, attempt: int) -> float:
        """Return how long to wait before this attempt, the first being 1.

        It doubles, up to `longest_pause`; the random half keeps all the
        clients of a restarting server from reconnecting at the same instant.
        """
        doublings = min(attempt - 1, 10)  # beyond ten the longest pause has long been reached
        longest = min(self.longest_pause, self.first_pause * 2.0**doublings)
        return longest * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing
