"""Where the content of files is: in the data folder, or in a bucket."""

from pathlib import Path

from chat_server.addresses import parse_bucket
from chat_server.files.bucket import BucketBlobs, check_bucket_extra
from chat_server.files.folder import FolderBlobs


def blobs_at(
    folder: Path, bucket: str | None, endpoint: str | None, most_blocks: int
) -> FolderBlobs | BucketBlobs:
    """Return the blobs in `bucket`, of which `most_blocks` blocks are in memory, or in `folder`.

    Raises StartError.
    """
    if bucket is None:
        return FolderBlobs(folder)
    check_bucket_extra()
    return BucketBlobs(parse_bucket(bucket), endpoint, most_blocks)
