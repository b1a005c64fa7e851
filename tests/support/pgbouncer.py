"""A real PgBouncer before a test's PostgreSQL, started and stopped by the test."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict

# Where Debian has it is not in the PATH of everybody.
PGBOUNCER: Final = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

# Anyone who connects is asked for no password, and is chat for PostgreSQL.
_SETTINGS: Final = """
    [databases]
    * = host={host} user=chat connect_query='SET {option}'
    [pgbouncer]
    pool_mode = {mode}
    auth_type = any
    listen_port = 5432
    unix_socket_dir = {folder}
"""

# Ends with its input, however the tests end.
_SCRIPT: Final = "{program} {folder}/settings.ini & cat; kill $!; wait"


@contextmanager
def running_pgbouncer(url: str, mode: str) -> Iterator[str]:
    """Start one in this `pool_mode` before the `empty_database` at `url`; yield the URL there."""
    where = conninfo_to_dict(url)
    option = str(where["options"]).removeprefix("-c")  # the schema; PgBouncer takes no options
    # Not pytest's folder: it does not run as root, and a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        settings = _SETTINGS.format(host=where["host"], option=option, mode=mode, folder=folder)
        Path(folder, "settings.ini").write_text(settings)
        user = "nobody" if os.geteuid() == 0 else None
        if user:
            shutil.chown(folder, user)
        with subprocess.Popen(
            ["sh", "-c", _SCRIPT.format(program=PGBOUNCER, folder=folder)],
            user=user,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as keeper:
            assert keeper.stderr
            log = ""
            while "process up" not in log:
                line = keeper.stderr.readline()
                if not line:
                    raise RuntimeError(f"PgBouncer could not be started:\n{log}")
                log += line
            yield f"postgresql://chat@/{where['dbname']}?host={folder}"
