"""The commands of `chat-server`, one per module. None of them needs the event loop.

Every command returns an exit code, or raises StartError if it cannot start.
"""

from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter

from chat_server.validators import check_bucket, check_bucket_endpoint

Bucket: TypeAlias = Annotated[
    str | None,
    Parameter(help="Find files in this bucket, s3://…, as the server does", validator=check_bucket),
]
BucketEndpoint: TypeAlias = Annotated[
    str | None,
    Parameter(
        name="--bucket-endpoint",
        help="Find the bucket at https://HOST:PORT, as the server does",
        validator=check_bucket_endpoint,
    ),
]
Data: TypeAlias = Annotated[Path | None, Parameter(help="Use this data folder")]
