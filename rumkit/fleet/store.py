"""Where a fleet's files are kept: a folder or a prefix of a bucket; each whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from rumkit.model import BadInput, RumkitError
from rumkit.temporary import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator


class CannotWrite(RumkitError):
    """A file could not be kept where it belongs."""


class Store(Protocol):
    """Keeps files by their path under one root; `place` names it for a person."""

    place: str

    def write(self, path: str, data: str) -> None:
        """Write a file so that nobody reads half of it. Raises CannotWrite."""

    def read(self, path: str) -> str | None:
        """Return a file's text, None where there is none. Raises CannotWrite for a refusal."""

    def exclusive(self) -> contextlib.AbstractContextManager[None]:
        """Keep other runs from reading and writing what they share, as far as that is possible."""


def open_store(output: str, *, profile: str | None = None) -> Store:
    """Return the store of a folder or of `s3://BUCKET/PREFIX`. Raises BadInput for another text."""
    if output.startswith("s3://"):
        from rumkit.fleet.s3_store import S3Store

        bucket, _, prefix = output.removeprefix("s3://").partition("/")
        if not bucket:
            raise BadInput(f"{output!r} names no bucket: write s3://BUCKET/PREFIX.")
        return S3Store(bucket, prefix.strip("/"), profile=profile)
    if "://" in output:
        raise BadInput(f"{output!r} is neither a folder nor s3://BUCKET/PREFIX.")
    return FolderStore(Path(output))


class FolderStore:
    """Files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = str(root)

    def write(self, path: str, data: str) -> None:
        """Write a file so that nobody reads half of it. Raises CannotWrite."""
        target = self.root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, data.encode())
        except OSError as error:
            raise CannotWrite(f"{target} can't be written: {error.strerror or error}.") from None

    def read(self, path: str) -> str | None:
        """Return a file's text, None where there is none. Raises CannotWrite for a refusal."""
        try:
            return (self.root / path).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise CannotWrite(f"{self.root / path} can't be read: {error}.") from None

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the folder's lock, which goes with the process, while the context lasts."""
        with _lock(self.root / ".lock"):
            yield


@contextlib.contextmanager
def _lock(path: Path) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:  # not on Windows, where names alone keep runs apart
        yield
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a")
    except OSError as error:
        raise CannotWrite(f"{path} can't be written: {error.strerror}.") from None
    with file as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(held, fcntl.LOCK_UN)


def name_of(text: str) -> str:
    """Return a text as one part of a path: AWS allows slashes and dots in a monitor's name."""
    safe = quote(text or "-", safe="")
    return safe.replace(".", "%2E") if set(safe) <= {"."} else safe


def writable(store: Store, run: str, time: str) -> None:
    """Leave a sign that a run has begun. Raises BadInput where nothing can be written."""
    import json

    try:
        store.write("latest/started.json", json.dumps({"run": run, "time": time}) + "\n")
    except CannotWrite as error:
        raise BadInput(f"Nothing can be kept in {store.place}: {error}") from None


def on_this_machine(store: Any) -> Path | None:
    """Return the folder of a store, None where it is elsewhere."""
    return Path(os.path.abspath(store.root)) if isinstance(store, FolderStore) else None  # noqa: PTH100 - links stay
