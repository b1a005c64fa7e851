"""Why a program's request to a hook is not posted, in terms of HTTP."""

import math
from typing import Final

from aiohttp import web

_RETRY_AFTER: Final = 5.0  # seconds

HOW: Final = (
    "Send text (curl -d 'done' URL), JSON with \"text\", or a form with files "
    "(curl -F file=@report.pdf URL)."
)


class HookRefusal(Exception):
    """The request is not posted; the message is a sentence for the person who runs the program.

    `retry_after` is in seconds, and only where the same request may be posted a little later.
    """

    def __init__(self, status: int, sentence: str, retry_after: float = 0) -> None:
        super().__init__(sentence)
        self.status = status
        self.retry_after = retry_after

    def response(self) -> web.Response:
        """Return what the program is answered."""
        retry = {"Retry-After": f"{math.ceil(self.retry_after)}"} if self.retry_after else None
        return web.Response(status=self.status, text=f"{self}\n", headers=retry)


def busy() -> HookRefusal:
    """Return the refusal of one request too many."""
    sentence = "Too much is being posted at this moment. Try again in a few seconds."
    return HookRefusal(503, sentence, _RETRY_AFTER)


def away() -> HookRefusal:
    """Return the refusal while there is no server."""
    sentence = "The chat server can't be reached. Try again in a few seconds."
    return HookRefusal(503, sentence, _RETRY_AFTER)
