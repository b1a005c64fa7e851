"""Messages as people write them: short and long, replies, mentions, emoji, many scripts.

A text begins with a snowman and the number of its sender, and so has three characters at least.
The same texts in the same order for every server. Nothing in them has to be escaped in JSON.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from benchmarks.dialects import Dialect

_SNOWMAN: Final = "☃"
_SENDER: Final = re.compile(_SNOWMAN.encode() + rb"(\d\d)")

_SHORTEST, _LONGEST = 3, 400  # characters

#: How many of a hundred texts reply to another, and how many mention a member.
_REPLIES: Final = 20
_MENTIONS: Final = 10

#: Mentioned are the first accounts: every room of a workload with these texts has as many members.
_MEMBERS: Final = 6

#: Replies are to one of the messages that came last.
_RECENT: Final = 50

#: Texts that are made before the load begins, to be written in turn.
_PREPARED: Final = 1_000

_VOCABULARY: Final = (
    "ok yes no thanks lunch at noon the build is green again can you look at this when it rains"
    " tomorrow who has the key deploy after the meeting see https://example.org/a/long/path?q=1"
    " größer naïve señor żółw привет как дела спасибо γειά σου καλημέρα 你好 今天 天气 很好"
    " こんにちは ありがとう 안녕하세요 감사합니다 مرحبا شكرا שלום תודה नमस्ते धन्यवाद 👍 🎉"
    " 😀 🍲 👩🏽\u200d💻 🏳️\u200d🌈 `code` **bold**"
)
_WORDS: Final = _VOCABULARY.split()


class MixedTexts:
    """Texts of all kinds, of up to a hundred senders."""

    marker = _SNOWMAN.encode()

    def __init__(self) -> None:
        self._random = random.Random(17)
        self._texts = self._endless()

    def posts(self, dialect: Dialect, room: str, sender: int, count: int, seen: int) -> bytes:
        """Return `count` different messages; every fifth replies to one that was seen lately."""
        return b"".join([self._post(dialect, room, sender, seen) for _ in range(count)])

    def senders(self, lines: bytes) -> Counter[bytes]:
        """Return the number of texts of each sender."""
        return Counter(_SENDER.findall(lines))

    def sender_key(self, sender: int) -> bytes:
        """Return the digits of the sender."""
        return b"%02d" % sender

    def _post(self, dialect: Dialect, room: str, sender: int, seen: int) -> bytes:
        replies = seen and self._random.randrange(100) < _REPLIES
        reply = self._random.randint(max(1, seen - _RECENT), seen) if replies else 0
        text = self.marker + self.sender_key(sender) + next(self._texts)
        return dialect.posts(room, text, 1, reply)

    def _endless(self) -> Iterator[bytes]:
        prepared = [self._text().encode() for _ in range(_PREPARED)]
        while True:
            yield from prepared

    def _text(self) -> str:
        """Return a text without its beginning: as often one of 10 characters as one of 100."""
        size = round(_SHORTEST * (_LONGEST / _SHORTEST) ** self._random.random()) - _SHORTEST
        words = self._random.choices(_WORDS, k=size)
        if self._random.randrange(100) < _MENTIONS:
            words.insert(0, f"@m{self._random.randrange(_MEMBERS):05d}")
        return "".join(f" {word}" for word in words)[:size].rstrip()
