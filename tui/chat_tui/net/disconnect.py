"""How a conversation with the server ended."""

from dataclasses import dataclass

from chat_shared import messages as m
from chat_shared.errors import Code


@dataclass(frozen=True, slots=True)
class FingerprintMismatch:
    """A server that is known by one fingerprint has shown another."""

    known: str
    shown: str


@dataclass(frozen=True, slots=True)
class Disconnect:
    """`reason` is a sentence; `refusal` is there where the server would not begin."""

    reason: str
    refusal: m.Error | None = None
    mismatch: FingerprintMismatch | None = None
    is_over: bool = False  # the session has ended, as somebody wished

    @property
    def is_final(self) -> bool:
        """Whether coming back by itself is of no use."""
        return self.is_over or self.mismatch is not None or self.is_void

    @property
    def is_void(self) -> bool:
        """Whether the server does not know the session any more."""
        return self.is_over or (self.refusal is not None and self.refusal.code == Code.BAD_TOKEN)

    @property
    def code(self) -> str:
        return self.refusal.code if self.refusal else ""

    @property
    def retry_after(self) -> float:
        """Seconds that the server asked to wait; 0 where it did not."""
        return (self.refusal.retry_after or 0.0) if self.refusal else 0.0
