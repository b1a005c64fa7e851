"""How a session with the server ended."""

from dataclasses import dataclass

from chat_shared import messages as m
from chat_shared.errors import Code


@dataclass(frozen=True, slots=True)
class FingerprintMismatch:
    """A server whose fingerprint is not the pinned one."""

    known: str
    shown: str


@dataclass(frozen=True, slots=True)
class Disconnect:
    """`reason` is a sentence; `refusal` is the error by which the server refused the log-in."""

    reason: str
    refusal: m.Error | None = None
    mismatch: FingerprintMismatch | None = None
    logged_out: bool = False  # on request: by a log-out or the deletion of the account

    @property
    def is_final(self) -> bool:
        """Whether reconnecting is pointless."""
        return self.mismatch is not None or self.token_revoked

    @property
    def token_revoked(self) -> bool:
        """Whether the server no longer accepts the session's token."""
        return self.logged_out or (self.refusal is not None and self.refusal.code == Code.BAD_TOKEN)

    @property
    def code(self) -> str:
        return self.refusal.code if self.refusal else ""

    @property
    def retry_after(self) -> float:
        """Seconds the server asked to wait; 0 if it did not."""
        return (self.refusal.retry_after or 0.0) if self.refusal else 0.0
