"""How a session with the server ended."""

from dataclasses import dataclass, replace
from pathlib import Path

from chat_shared import messages as m
from chat_shared.errors import Code
from chat_tui.model.address import AUTHORITY, UNENCRYPTED, Address


@dataclass(frozen=True, slots=True)
class TrustMismatch:
    """A server that shows less than what it is known by: see `Place.trust`."""

    known: str  # empty at the first connection
    shown: str

    def sentence(self, address: Address) -> str:
        """Return what has changed, or that nothing is known."""
        if self.shown == UNENCRYPTED:
            return f"{address} isn't encrypted, and {address.network_host} always was."
        if self.known == AUTHORITY:
            return f"No certificate authority vouches for {address} any more."
        if not self.known:
            return f"This is the first connection to {address}."
        return f"The fingerprint of {address} has changed."

    def advice(self, address: Address, file: Path | None) -> str:
        """Return what to compare or change, for a user without the dialog."""
        if not self.known:
            return f"Its fingerprint is {self.shown}; compare it with the one from its operator."
        line = f"{'tcp://' if address.plain else ''}{address.key} {self.shown}"
        change = f'. If that is right, set its line in {file} to "{line}"' if file else ""
        return f"It was {self.known} and is {self.shown}: ask its operator{change}."


@dataclass(frozen=True, slots=True)
class Disconnect:
    """`reason` is a sentence; `refusal` is the error by which the server refused the log-in."""

    reason: str
    refusal: m.Error | None = None
    mismatch: TrustMismatch | None = None
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

    def explained_by(self, before: "Disconnect") -> "Disconnect":
        """Return this end with the reason of the one before: why the server ended the account."""
        reason = before.reason or self.reason
        end = "" if reason.endswith((".", "!", "?")) else "."  # a server's may be no sentence
        return replace(self, reason=f"{reason[:1].upper()}{reason[1:]}{end}")
