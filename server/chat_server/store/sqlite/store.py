"""The embedded store: every subject, on one connection to one SQLite file."""

from chat_server.store.sqlite.accounts import SqliteAccounts
from chat_server.store.sqlite.audit import SqliteAudit
from chat_server.store.sqlite.changes import SqliteChanges
from chat_server.store.sqlite.copying import SqliteCopying
from chat_server.store.sqlite.direct import SqliteDirect
from chat_server.store.sqlite.files import SqliteFiles
from chat_server.store.sqlite.guests import SqliteGuests
from chat_server.store.sqlite.hooks import SqliteHooks
from chat_server.store.sqlite.invites import SqliteInvites
from chat_server.store.sqlite.login_attempts import SqliteLoginAttempts
from chat_server.store.sqlite.members import SqliteMembers
from chat_server.store.sqlite.messages import SqliteMessages
from chat_server.store.sqlite.moderation import SqliteModeration
from chat_server.store.sqlite.ownership import SqliteOwnership
from chat_server.store.sqlite.preferences import SqlitePreferences
from chat_server.store.sqlite.presence import SqlitePresence
from chat_server.store.sqlite.reading import SqliteReading
from chat_server.store.sqlite.retention import SqliteRetention
from chat_server.store.sqlite.rooms import SqliteRooms
from chat_server.store.sqlite.sessions import SqliteSessions
from chat_server.store.sqlite.ssh_keys import SqliteSshKeys
from chat_server.store.sqlite.summaries import SqliteSummaries


class SqliteStore(
    SqliteAccounts,
    SqliteSessions,
    SqliteSshKeys,
    SqlitePreferences,
    SqliteLoginAttempts,
    SqliteInvites,
    SqliteGuests,
    SqliteHooks,
    SqliteRooms,
    SqliteMembers,
    SqlitePresence,
    SqliteDirect,
    SqliteModeration,
    SqliteOwnership,
    SqliteAudit,
    SqliteMessages,
    SqliteChanges,
    SqliteFiles,
    SqliteReading,
    SqliteRetention,
    SqliteSummaries,
    SqliteCopying,
):
    """`Store` on a connection that `database.configure` and `migrate` have prepared."""
