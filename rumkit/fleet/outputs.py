"""What `--output` names: a folder, or a prefix of a bucket."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rumkit.fleet.store import FolderStore
from rumkit.model import BadInput

if TYPE_CHECKING:
    from rumkit.fleet.store import HistoryStore


def open_store(output: str) -> HistoryStore:
    """Return the store of a folder or of `s3://BUCKET/PREFIX`. Raises BadInput for another text."""
    if output.startswith("s3://"):
        from rumkit.fleet.s3_store import S3Store

        bucket, _, prefix = output.removeprefix("s3://").partition("/")
        if not bucket:
            raise BadInput(f"{output!r} names no bucket: write s3://BUCKET/PREFIX.")
        return S3Store(bucket, prefix.strip("/"))
    if "://" in output:
        raise BadInput(f"{output!r} is neither a folder nor s3://BUCKET/PREFIX.")
    return FolderStore(Path(output))
