"""A fleet's files under a prefix of a bucket; an object is there whole or not at all."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from rumkit.fleet.store import CannotWrite
from rumkit.fleet.writing import writing_client

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "xml": "application/xml",
    "md": "text/markdown; charset=utf-8",
}


class S3Store:
    """Objects under a prefix. Runs are kept apart by their names; `latest` is the last to end."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client: Any = writing_client("s3")
        self.place = f"s3://{bucket}/{prefix}"

    def write(self, path: str, data: str) -> None:
        """Put an object. Raises CannotWrite."""
        kind = _TYPES.get(path.rpartition(".")[2], "text/plain; charset=utf-8")
        with self._told(path):
            self._client.put_object(
                Bucket=self._bucket, Key=self._prefix + path, Body=data.encode(), ContentType=kind
            )

    def read(self, path: str) -> str | None:
        """Return an object's text, None where there is none. Raises CannotWrite for a refusal."""
        from botocore.exceptions import ClientError

        with self._told(path):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + path)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404"}:
                    return None
                raise
            return str(answer["Body"].read().decode())

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """S3 has no lock that a reader's permissions allow: names keep runs apart."""
        yield

    @contextlib.contextmanager
    def _told(self, path: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (ClientError, BotoCoreError, OSError, UnicodeError) as error:
            raise CannotWrite(f"{self.place}/{path}: {error}") from None
