"""Uploads that a post in flight names: nothing else may take or remove them.

In memory, since the posts that they are held for are too.
"""

from collections.abc import Sequence
from typing import TypeAlias

from chat_shared.messages import File

Holder: TypeAlias = tuple[int, str]  # the author of a post, and its nonce


class Claims:
    """Who holds which upload. Never waits."""

    def __init__(self) -> None:
        self._holders: dict[int, list[Holder]] = {}

    def __contains__(self, upload: int) -> bool:
        return upload in self._holders

    def take(self, uploads: Sequence[int], holder: Holder) -> "Claim | None":
        """Hold `uploads` for `holder`; return None, and do nothing, if another holds one.

        A post that is sent again holds its uploads twice.
        """
        if any(other != holder for each in uploads for other in self._holders.get(each, ())):
            return None
        for each in uploads:
            self._holders.setdefault(each, []).append(holder)
        return Claim(self, uploads, holder)

    def release(self, uploads: Sequence[int], holder: Holder) -> None:
        """Undo one `take`. For its `Claim`."""
        for each in uploads:
            holders = self._holders[each]
            holders.remove(holder)
            if not holders:
                del self._holders[each]


class Claim:
    """The uploads of one post in flight, until `release`; `files` is what they become."""

    __slots__ = ("_claims", "_holder", "_uploads", "files")

    def __init__(self, claims: Claims, uploads: Sequence[int], holder: Holder) -> None:
        self._claims = claims
        self._uploads = uploads
        self._holder = holder
        self.files: tuple[File, ...] = ()

    def release(self) -> None:
        """Hold the uploads no longer; does nothing the second time."""
        self._claims.release(self._uploads, self._holder)
        self._uploads = ()
