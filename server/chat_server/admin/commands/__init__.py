"""The commands of `chat-server`, one per module. None of them needs the event loop.

Every command returns an exit code, or raises StartError if it cannot start.
"""

from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

Data: TypeAlias = Annotated[Path | None, Parameter(help="Use this data folder")]
