"""What is stored of a session changes in the background, and only where there is a change."""

import asyncio

import pytest

from chat_tui.controller.stored_session import StoredSession
from chat_tui.storage.tokens import Tokens

pytestmark = pytest.mark.asyncio


class CountedTokens(Tokens):
    """Remembers which tokens it was told to settle on."""

    def __init__(self) -> None:
        super().__init__()
        self.settled: list[str] = []

    def settle(self, server: str, token: str) -> str:
        self.settled.append(token)
        return super().settle(server, token)


async def test_a_token_that_stays_the_same_is_settled_once() -> None:
    tokens, warnings = CountedTokens(), list[str]()
    stored = StoredSession(tokens, warnings.append)
    for token in "first", "first", "second", "second":
        stored.settle("chat.example", token)
    await asyncio.gather(*stored._changes)

    assert tokens.settled == ["first", "second"]
    assert not warnings
