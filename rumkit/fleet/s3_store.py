"""A fleet's files under a prefix of a bucket; an object is there whole or not at all.

What runs share is written under a lease, an object that is taken and given back by conditional
writes, so that nothing has to be deleted. Should a lease run out while its holder still writes,
the rows of the last run are written only over those that the holder has read.

Source: Amazon S3 user guide, "How to prevent object overwrites with conditional writes".
"""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from rumkit.fleet.store import CannotWrite, ChangedMeanwhile
from rumkit.fleet.writing import writing_client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "xml": "application/xml",
    "md": "text/markdown; charset=utf-8",
}
_LEASE: Final = "latest/lease.json"
# Writing what runs share takes seconds; whoever took longer has died.
_LEASE_SECONDS: Final = 60.0
_LONGEST_WAIT: Final = 180.0
_STEP_SECONDS: Final = 0.5
# S3 answers the one when another write came first, the other when it came at the same time.
_OTHERS_FIRST: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


class S3Store:
    """Objects under a prefix. Runs are kept apart by their names; `latest` is the last to end."""

    def __init__(self, bucket: str, prefix: str) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client: Any = writing_client("s3")
        self._versions: dict[str, str] = {}
        self.place = f"s3://{bucket}/{prefix}"

    def write(self, path: str, data: str, *, as_read: bool = False) -> None:
        """Put an object. Raises CannotWrite, ChangedMeanwhile among them."""
        self._put(path, data, self._as_read(path) if as_read else {})

    def _as_read(self, path: str) -> dict[str, str]:
        """Return the condition that an object is still as this store read it last."""
        version = self._versions.get(path)
        return {"IfMatch": version} if version else {"IfNoneMatch": "*"}

    def _put(self, path: str, data: str, condition: Mapping[str, str]) -> None:
        try:
            self._put_once(path, data, condition)
        except ChangedMeanwhile:
            # A write whose answer was lost is repeated, and then refused for its own sake.
            if self._read(path)[0] != data:
                raise

    def _put_once(self, path: str, data: str, condition: Mapping[str, str]) -> None:
        kind = _TYPES.get(path.rpartition(".")[2], "text/plain; charset=utf-8")
        with self._told(path):
            answer = self._client.put_object(
                Bucket=self._bucket, Key=self._prefix + path, Body=data.encode(), ContentType=kind,
                **condition,
            )  # fmt: skip
        self._versions[path] = str(answer.get("ETag", ""))

    def read(self, path: str) -> str | None:
        """Return an object's text, None where there is none. Raises CannotWrite for a refusal."""
        return self._read(path)[0]

    def _read(self, path: str) -> tuple[str | None, float]:
        """Return an object's text and its age in seconds by the clock of S3."""
        from botocore.exceptions import ClientError

        self._versions.pop(path, None)
        with self._told(path):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + path)
            except ClientError as error:
                if error.response.get("Error", {}).get("Code") in {"NoSuchKey", "404"}:
                    return None, 0.0
                raise
            text = str(answer["Body"].read().decode())
        self._versions[path] = str(answer.get("ETag", ""))
        return text, _age(answer)

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the lease of this prefix while the context lasts. Raises CannotWrite."""
        self._take()
        try:
            yield
        finally:
            # Where it was lost meanwhile, another run has it.
            with contextlib.suppress(CannotWrite):
                self._put(_LEASE, "{}\n", self._as_read(_LEASE))

    def _take(self) -> None:
        mine = json.dumps({"holder": secrets.token_hex(8)}) + "\n"
        until = time.monotonic() + _LONGEST_WAIT
        while time.monotonic() < until:
            text, age = self._read(_LEASE)
            if text is None or text == "{}\n" or age >= _LEASE_SECONDS:
                with contextlib.suppress(ChangedMeanwhile):
                    self._put(_LEASE, mine, self._as_read(_LEASE))
                    return
            time.sleep(_STEP_SECONDS)
        raise CannotWrite(
            f"{self.place}: other runs write there for {_LONGEST_WAIT:.0f} s already."
        )

    @contextlib.contextmanager
    def _told(self, path: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code")
            kind = ChangedMeanwhile if code in _OTHERS_FIRST else CannotWrite
            raise kind(f"{self.place}/{path}: {error}") from None
        except (BotoCoreError, OSError, UnicodeError) as error:
            raise CannotWrite(f"{self.place}/{path}: {error}") from None


def _age(answer: Mapping[str, Any]) -> float:
    written = answer.get("LastModified")
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    now = parsedate_to_datetime(headers["date"]) if "date" in headers else datetime.now(UTC)
    return (now - written).total_seconds() if isinstance(written, datetime) else 0.0
