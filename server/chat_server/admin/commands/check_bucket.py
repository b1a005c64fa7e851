"""The part of `chat-server check` about a bucket: whether files can be kept there."""

from collections.abc import Iterator
from typing import Final

from chat_server.addresses import BucketAddress
from chat_server.admin.commands.findings import Finding, Verdict
from chat_server.errors import StartError
from chat_server.files.blobs import BlobError
from chat_server.files.bucket import BucketBlobs, check_bucket_extra

_SUBJECT: Final = "files"


def check_bucket(address: BucketAddress, endpoint: str | None) -> Iterator[Finding]:
    """Yield the finding about the bucket, in which an object is written and removed again."""
    try:
        check_bucket_extra()
        BucketBlobs(address, endpoint, most_blocks=1).try_out()
    except StartError as exc:
        yield Finding(Verdict.FAIL, _SUBJECT, f"{exc}")
    except BlobError as exc:
        sentence = f"{address} cannot be used: {exc}. Check its name, credentials and permissions."
        yield Finding(Verdict.FAIL, _SUBJECT, sentence)
    else:
        state = f"{address} can be listed, read and written; what is there is not compared"
        yield Finding(Verdict.OK, _SUBJECT, state)
