"""Blobs in a bucket of a service that speaks S3, which several servers reach.

Each blob is an object, stored by one request: all of it is there when that is answered, or nothing.
An upload in parts would leave parts behind, which nobody lists and everybody pays for.
"""

import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from chat_server.addresses import BucketAddress
from chat_server.errors import StartError
from chat_server.files.blobs import KEY, BlobError
from chat_server.files.disk import disk_errors
from chat_server.files.read_ahead import ReadAhead

# Seconds in which a connection must be made: a service that is there takes a tenth.
CONNECT_WITHIN: Final = 3.0

# Seconds without a byte of an answer. After all of a large object was sent, it takes some.
ANSWER_WITHIN: Final = 10.0

# Attempts of one request, since the client tries again as well.
ATTEMPTS: Final = 2

# Requests at a time, each on a thread that only waits for the network: so that ten people whose
# files are being stored are not in the way of one who reads.
BUCKET_SLOTS: Final = 8

_TRIED: Final = "check"  # the key of an object that is no blob

_MISSING: Final = 404
_BEYOND_THE_END: Final = 416


class BucketBlobs:
    """`Blobs` in a bucket, of which `most_blocks` blocks are kept in memory.

    Credentials and region are those of boto3: its variables, its files, or the role of the machine.
    """

    def __init__(self, address: BucketAddress, endpoint: str | None, most_blocks: int) -> None:
        self._address: Final = address
        self._endpoint = endpoint
        self._ahead = ReadAhead(self._fetch, most_blocks)
        self._client: Any = None  # boto3 has no types
        self._starting = threading.Lock()

    def put(self, key: str, path: Path) -> None:
        if not path.exists() and self.size(key) is not None:
            return
        self.store(key, path)
        with disk_errors():
            path.unlink()

    def store(self, key: str, path: Path) -> None:
        """Make the content of the file at `path`, which stays there, the blob `key`."""
        with disk_errors(), path.open("rb") as file, self._requests() as client:
            client.put_object(**self._object(key), Body=file)

    def read(self, key: str, at: int, limit: int) -> bytes:
        assert KEY.fullmatch(key), "a key comes from the store, never from a client"
        return self._ahead.read(key, at, limit)

    def remove(self, key: str) -> None:
        with self._requests() as client:
            client.delete_object(**self._object(key))
        self._ahead.forget(key)

    def size(self, key: str) -> int | None:
        try:
            with self._requests() as client:
                return int(client.head_object(**self._object(key))["ContentLength"])
        except _AnswerError as exc:
            if exc.status == _MISSING:
                return None
            raise

    def sizes(self) -> Iterator[tuple[str, int]]:
        prefix = self._address.prefix
        with self._requests() as client:
            listed = client.get_paginator("list_objects_v2")
            for page in listed.paginate(Bucket=self._address.bucket, Prefix=prefix):
                for item in page.get("Contents", ()):
                    if KEY.fullmatch(key := str(item["Key"]).removeprefix(prefix)):
                        yield key, int(item["Size"])

    def where(self, key: str) -> str:
        return f"{self._address}/{key}"

    def __str__(self) -> str:
        return f"{self._address}"

    def try_out(self) -> None:
        """Do all that a server does in the bucket, to an object that is no blob.

        Raises BlobError.
        """
        place = self._object(_TRIED)
        with self._requests() as client:
            client.put_object(**place, Body=b"")
            client.get_object(**place)["Body"].read()
            client.list_objects_v2(Bucket=place["Bucket"], Prefix=place["Key"])
            client.delete_object(**place)

    def _fetch(self, key: str, at: int, limit: int) -> bytes:
        try:
            with self._requests() as client:
                part = f"bytes={at}-{at + limit - 1}"
                return bytes(client.get_object(**self._object(key), Range=part)["Body"].read())
        except _AnswerError as exc:
            if exc.status == _BEYOND_THE_END:
                return b""
            raise

    def _object(self, key: str) -> dict[str, str]:
        return {"Bucket": self._address.bucket, "Key": self._address.prefix + key}

    @contextmanager
    def _requests(self) -> Generator[Any]:
        """Yield the client, and turn what it raises into BlobError."""
        from botocore.exceptions import BotoCoreError, ClientError
        from urllib3.exceptions import HTTPError  # of a body, where botocore has no name for it

        try:
            yield self._started()
        except ClientError as exc:
            status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            raise _AnswerError(f"{exc}", status) from exc
        except (BotoCoreError, HTTPError) as exc:
            raise BlobError(f"{exc}") from exc

    def _started(self) -> Any:
        """Return the client, which takes a second to make: hence on a thread, when it is needed."""
        with self._starting:
            if self._client is None:
                self._client = _client(self._endpoint)
            return self._client


class _AnswerError(BlobError):
    """The service refused a request."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def check_bucket_extra() -> None:
    """Raise StartError if what buckets need is not installed."""
    if find_spec("boto3") is None:
        raise StartError("--bucket needs the extra s3: in a clone, pip install '.[s3]'.")


def _client(endpoint: str | None) -> Any:
    # Imported here because the extra is optional, and slow.
    from boto3.session import Session
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_WITHIN,
        read_timeout=ANSWER_WITHIN,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
        max_pool_connections=BUCKET_SLOTS,
        # What is stored is compared with the SHA-256 that the request is signed with, which every
        # service does. Not every one knows the other checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={
            "payload_signing_enabled": True,
            # Without a name of its own for each bucket, which a service at home has not.
            "addressing_style": "path" if endpoint else "auto",
        },
    )
    return Session().client("s3", endpoint_url=endpoint, config=config)
