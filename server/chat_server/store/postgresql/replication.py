"""The standbys of the database, as its primary sees them."""

from dataclasses import dataclass
from typing import Final

from chat_server.store.postgresql.queries import Database, rows, value

# Others see that there are standbys, and nothing of them.
_MAY_SEE: Final = "SELECT pg_has_role('pg_read_all_stats', 'USAGE')"

# In bytes: PostgreSQL's own figures in seconds stand still when a standby does. Standbys may
# share a name.
_STANDBYS: Final = """
    SELECT application_name, bool_or(sync_state IN ('sync', 'quorum')),
        max(pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn))::bigint
    FROM pg_stat_replication WHERE flush_lsn IS NOT NULL GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Standby:
    name: str
    is_synchronous: bool  # whether commits wait for it, or for it or others
    lag: int  # bytes that are on the disk of the primary, or soon will be, and not yet on its own


def standbys_of(db: Database) -> tuple[Standby, ...] | None:
    """Return the standbys that are connected; None if this role may not see them."""
    if not value(db, _MAY_SEE):
        return None
    return tuple(Standby(*row) for row in rows(db, _STANDBYS))
