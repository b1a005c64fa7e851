"""The store in PostgreSQL: every subject, on one connection."""

from chat_server.store.postgresql.accounts import PostgresqlAccounts
from chat_server.store.postgresql.audit import PostgresqlAudit
from chat_server.store.postgresql.changes import PostgresqlChanges
from chat_server.store.postgresql.copying import PostgresqlCopying
from chat_server.store.postgresql.direct import PostgresqlDirect
from chat_server.store.postgresql.files import PostgresqlFiles
from chat_server.store.postgresql.guests import PostgresqlGuests
from chat_server.store.postgresql.hooks import PostgresqlHooks
from chat_server.store.postgresql.invites import PostgresqlInvites
from chat_server.store.postgresql.login_attempts import PostgresqlLoginAttempts
from chat_server.store.postgresql.members import PostgresqlMembers
from chat_server.store.postgresql.messages import PostgresqlMessages
from chat_server.store.postgresql.moderation import PostgresqlModeration
from chat_server.store.postgresql.ownership import PostgresqlOwnership
from chat_server.store.postgresql.preferences import PostgresqlPreferences
from chat_server.store.postgresql.presence import PostgresqlPresence
from chat_server.store.postgresql.reading import PostgresqlReading
from chat_server.store.postgresql.retention import PostgresqlRetention
from chat_server.store.postgresql.rooms import PostgresqlRooms
from chat_server.store.postgresql.sessions import PostgresqlSessions
from chat_server.store.postgresql.ssh_keys import PostgresqlSshKeys
from chat_server.store.postgresql.summaries import PostgresqlSummaries


class PostgresqlStore(
    PostgresqlAccounts,
    PostgresqlSessions,
    PostgresqlSshKeys,
    PostgresqlPreferences,
    PostgresqlLoginAttempts,
    PostgresqlInvites,
    PostgresqlGuests,
    PostgresqlHooks,
    PostgresqlRooms,
    PostgresqlMembers,
    PostgresqlPresence,
    PostgresqlDirect,
    PostgresqlModeration,
    PostgresqlOwnership,
    PostgresqlAudit,
    PostgresqlMessages,
    PostgresqlChanges,
    PostgresqlFiles,
    PostgresqlReading,
    PostgresqlRetention,
    PostgresqlSummaries,
    PostgresqlCopying,
):
    """`Store` on a connection that `database.migrate` has prepared."""
