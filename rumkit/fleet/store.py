"""Where a fleet's files are kept: a folder or a prefix of a bucket; each whole or not at all."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote

from rumkit import report_files
from rumkit.model import BadInput, RumkitError
from rumkit.temporary import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# What the last run that began is called.
STARTED: Final = "latest/started.json"


class CannotWrite(RumkitError):
    """A file could not be kept where it belongs."""


class ChangedMeanwhile(CannotWrite):
    """Another run has written a file since it was read."""


class HistoryStore(Protocol):
    """Keeps files by their path under one root; `place` names it for a person."""

    place: str

    def write(self, path: str, data: str, *, as_read: bool = False) -> None:
        """Write a file so that nobody reads half of it. Raises CannotWrite.

        `as_read` writes it only over what this store has read of it last, and raises
        ChangedMeanwhile else, where the lock of `exclusive` may be lost before the writing ends.
        """

    def read(self, path: str) -> str | None:
        """Return a file's text, None where there is none. Raises CannotWrite for a refusal."""

    def exclusive(self) -> contextlib.AbstractContextManager[None]:
        """Keep other runs from reading and writing what they share. Raises CannotWrite."""


class FolderStore:
    """Files in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = str(root)

    def write(self, path: str, data: str, *, as_read: bool = False) -> None:  # noqa: ARG002 - the lock is kept
        """Write a file so that nobody reads half of it. Raises CannotWrite."""
        target = self.root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, data)
        except OSError as error:
            raise CannotWrite(f"{target} can't be written: {error.strerror or error}.") from None
        except UnicodeError as error:
            raise CannotWrite(f"{target} can't be written as UTF-8: {error}.") from None

    def read(self, path: str) -> str | None:
        """Return a file's text, None where there is none. Raises CannotWrite for a refusal."""
        try:
            return (self.root / path).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeError) as error:
            raise CannotWrite(f"{self.root / path} can't be read: {error}.") from None

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the folder's lock, which goes with the process, while the context lasts."""
        with contextlib.ExitStack() as stack:
            try:
                self.root.mkdir(parents=True, exist_ok=True)
                stack.enter_context(report_files.alone(self.root))
            except OSError as error:
                raise CannotWrite(f"{self.root} can't be locked: {error.strerror}.") from None
            yield


def name_of(text: str) -> str:
    """Return a text as one part of a path: AWS allows slashes and dots in a monitor's name."""
    safe = quote(text or "-", safe="")
    return safe.replace(".", "%2E") if set(safe) <= {"."} else safe


def writable(store: HistoryStore, run: str, time: str) -> None:
    """Leave a sign that a run has begun. Raises BadInput where nothing can be written."""
    try:
        store.write(STARTED, json.dumps({"run": run, "time": time}) + "\n")
    except CannotWrite as error:
        raise BadInput(f"Nothing can be kept in {store.place}: {error}") from None
