"""A service that speaks S3: moto's server, in this process and on the loopback only."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from typing import Any, Final
from unittest.mock import patch

from boto3.session import Session
from moto.server import ThreadedMotoServer

from chat_server.addresses import BucketAddress

# What boto3 finds, in this process and in servers that it starts; the service takes any.
_CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}

_numbers: Final = count(1)


class BucketService:
    """The service. What it has stored stays while it is stopped."""

    def __init__(self) -> None:
        self._port = 0
        self.start()
        self._client: Any = Session().client("s3", endpoint_url=self.endpoint)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Serve, at the same address as before."""
        self._server = ThreadedMotoServer("127.0.0.1", self._port)
        self._server.start()
        _, self._port = self._server.get_host_and_port()

    def stop(self) -> None:
        self._server.stop()

    @contextmanager
    def stopped(self) -> Generator[None]:
        """Be away during the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def new_bucket(self, prefix: str = "") -> BucketAddress:
        name = f"bucket{next(_numbers)}"
        self._client.create_bucket(Bucket=name)
        return BucketAddress(name, prefix)

    def objects(self, address: BucketAddress) -> dict[str, bytes]:
        """Return all that is in a bucket, whatever the prefix."""
        listed = self._client.list_objects_v2(Bucket=address.bucket).get("Contents", ())
        return {item["Key"]: self._content(address.bucket, item["Key"]) for item in listed}

    def add(self, address: BucketAddress, key: str) -> None:
        """Put an object there that no server has made."""
        self._client.put_object(Bucket=address.bucket, Key=key, Body=b"x")

    def _content(self, bucket: str, key: str) -> bytes:
        return bytes(self._client.get_object(Bucket=bucket, Key=key)["Body"].read())


@contextmanager
def bucket_service() -> Generator[BucketService]:
    with patch.dict(os.environ, _CREDENTIALS):
        service = BucketService()
        try:
            yield service
        finally:
            service.stop()
