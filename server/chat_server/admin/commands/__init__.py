"""What an operator runs beside the server: each module one command, or its material.

Every command returns an exit code, and raises StartError with a sentence where
it cannot even begin. None of them needs the event loop.
"""

from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

Data: TypeAlias = Annotated[Path | None, Parameter(help="The server's data folder.")]
