"""Open files: how many connections fit beside what the server itself and its operator need."""

import resource
from typing import Final

NO_FD: Final = -1  # never a valid file descriptor

# Open files besides one per connection: the databases, the log, the listening sockets, and a
# reserve for the operator, who must get in however many strangers there are.
OWN_FILES: Final = 64

# Of those, for connections that are refused: telling them why takes a moment.
REFUSALS: Final = 16


def raise_file_limit() -> None:
    """Raise the soft limit on open files to the hard one: each connection needs one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def connections_that_fit(wanted: int) -> int:
    """Return how many connections, of those `wanted`, this process has files for."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - OWN_FILES))
