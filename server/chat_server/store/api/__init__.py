"""The store's records and promises: one module per subject, for every engine.

Callers import from here. A method of `Store` is a plain synchronous function, called on
a store's own thread through `Storage`, which makes one transaction of any number of them.
Nothing here knows that there is SQL, nor which engine runs it.
"""

from typing import Protocol

from chat_server.store.api.accounts import AccountRecord, AccountStore
from chat_server.store.api.audit import AuditDraft, AuditRecord, AuditStore
from chat_server.store.api.changes import ChangeStore, ReactionRecord, TargetRecord
from chat_server.store.api.copying import CopiedMessage, CopyStore
from chat_server.store.api.direct import DirectStore, direct_name
from chat_server.store.api.files import (
    FileBounds,
    FilePlace,
    FileRecord,
    FileStore,
    StoredFile,
    UploadRecord,
)
from chat_server.store.api.guests import GuestCounts, GuestStore
from chat_server.store.api.hooks import HookRecord, HookStore
from chat_server.store.api.invites import InviteRecord, InviteStore
from chat_server.store.api.login_attempts import LoginAttemptStore
from chat_server.store.api.members import MemberRecord, MemberStore
from chat_server.store.api.messages import Draft, MessageRecord, MessageStore, Receipt
from chat_server.store.api.moderation import ModerationStore, Sanction, SanctionKind
from chat_server.store.api.ownership import OwnershipStore, Transfer
from chat_server.store.api.preferences import PreferenceStore
from chat_server.store.api.presence import AccountState, PresenceStore
from chat_server.store.api.reading import MentionRecord, ReadingStore, Span, Unread
from chat_server.store.api.retention import Expiry, RetentionStore
from chat_server.store.api.rooms import GENERAL_ROOM, Participant, RoomRecord, RoomStore
from chat_server.store.api.sessions import SessionStore, TokenRecord, TokenUse
from chat_server.store.api.ssh_keys import SshKeyRecord, SshKeyStore
from chat_server.store.api.summaries import (
    AccountSummary,
    RoomSummary,
    StoreFigures,
    SummaryStore,
)
from chat_server.store.errors import (
    BlockedError,
    FullError,
    GoneError,
    InvalidInviteError,
    InvitesFullError,
    StoreError,
    TakenError,
)

__all__ = [
    "GENERAL_ROOM",
    "AccountRecord",
    "AccountState",
    "AccountSummary",
    "AuditDraft",
    "AuditRecord",
    "BlockedError",
    "CopiedMessage",
    "Draft",
    "Expiry",
    "FileBounds",
    "FilePlace",
    "FileRecord",
    "FullError",
    "GoneError",
    "GuestCounts",
    "HookRecord",
    "InvalidInviteError",
    "InviteRecord",
    "InvitesFullError",
    "MemberRecord",
    "MentionRecord",
    "MessageRecord",
    "Participant",
    "ReactionRecord",
    "Receipt",
    "RoomRecord",
    "RoomSummary",
    "Sanction",
    "SanctionKind",
    "Span",
    "SshKeyRecord",
    "Store",
    "StoreError",
    "StoreFigures",
    "StoredFile",
    "TakenError",
    "TargetRecord",
    "TokenRecord",
    "TokenUse",
    "Transfer",
    "Unread",
    "UploadRecord",
    "direct_name",
]


class Store(
    AccountStore,
    SessionStore,
    SshKeyStore,
    PreferenceStore,
    LoginAttemptStore,
    InviteStore,
    GuestStore,
    HookStore,
    RoomStore,
    MemberStore,
    PresenceStore,
    DirectStore,
    ModerationStore,
    OwnershipStore,
    AuditStore,
    MessageStore,
    ChangeStore,
    FileStore,
    ReadingStore,
    RetentionStore,
    SummaryStore,
    CopyStore,
    Protocol,
):
    """Every method happens as a whole, or raises and does nothing.

    That is: alone it is one transaction, and within one, what it raises as a refusal
    (TakenError, say) undoes nothing that came before. Any of them may raise StoreError,
    which ends the transaction. None may be called from the event loop.
    """
