"""Where a report's files go: a folder for each monitor, one name for each run, `latest` beside.

A run is written under a hidden name and gets its own when it is whole, so that neither an
interrupted run nor one beside it is ever mistaken for a report.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rumkit.model import BadInput
from rumkit.temporary import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rumkit.investigation import Investigation

_LONGEST_NAME = 100
_MOST_RUNS = 1000
_DAY = 86_400
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Draft:
    """The notebook of a run that is not yet whole."""

    def __init__(self, folder: Path) -> None:
        """Make the folder. Raises BadInput."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"The output folder {folder} cannot be made: {error.strerror}."
            raise BadInput(reason) from None
        _swept(folder)
        self.folder = folder
        self.stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        self.path = folder / f".{self.stamp}-{secrets.token_hex(4)}.part.ipynb"

    def failed(self) -> Path:
        """Keep what there is under a name that says that it failed."""
        return _claimed(self.path, self.folder, f"{self.stamp}-failed")

    def finished(self, folder: Path) -> Path:
        """Give the whole notebook its name in its monitor's folder."""
        folder.mkdir(parents=True, exist_ok=True)
        return _claimed(self.path, folder, self.stamp)

    def dropped(self) -> None:
        """Leave nothing of it behind."""
        self.path.unlink(missing_ok=True)


def _swept(folder: Path) -> None:
    """Remove drafts of runs that were killed; a run of today may still be at work."""
    for draft in folder.glob(".*.part.ipynb"):
        with contextlib.suppress(OSError):
            if time.time() - draft.stat().st_mtime > _DAY:
                draft.unlink()


def _claimed(part: Path, folder: Path, stem: str) -> Path:
    """Move a file to the first name that is free; two runs of one second never share one."""
    for number in range(1, _MOST_RUNS):
        target = folder / f"{stem}{f'-{number}' if number > 1 else ''}.ipynb"
        with contextlib.suppress(FileExistsError):
            target.touch(exist_ok=False)
            part.replace(target)
            return target
    raise BadInput(f"{folder} holds {_MOST_RUNS} runs of this second.")


def folder_name(investigation: Investigation, scenario: str) -> str:
    """Return the name of the folder of what was looked at: the same in each run.

    Two monitors never share one, be they called the same in two regions or accounts.
    """
    target = investigation.target
    if target.get("sandbox"):
        return f"sandbox.{_safe(scenario or str(target.get('monitor')))}"
    page = str(target.get("page") or "")
    named = target.get("monitor") or urlsplit(page).hostname or target.get("recording") or page
    parts = (Path(str(named)).name or "page", target.get("region"), target.get("account"))
    return ".".join(_safe(str(part)) for part in parts if part)


def _safe(text: str) -> str:
    """Return a text as a part of a file's name; one that had to be changed gets a mark of its own.

    Some file systems take capitals for small letters, so those count as changed too.
    """
    safe = _UNSAFE.sub("-", text).strip(".-")[:_LONGEST_NAME]
    if safe == text and text == text.lower():
        return safe
    return f"{safe or 'x'}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def set_latest(folder: Path, page: Path, summary: Mapping[str, Any]) -> dict[str, Path]:
    """Make a run the latest of its folder, `latest.html` and `latest.json` together.

    A run that began before the one that is there already leaves it.
    """
    paths = {"latest": folder / "latest.json", "latest_html": folder / "latest.html"}
    with alone(folder):
        if _run_of(paths["latest"]) <= str(summary["run"]):
            write_whole(paths["latest_html"], page.read_bytes())
            write_whole(paths["latest"], json.dumps(summary, indent=2) + "\n")
    return paths


def _run_of(latest: Path) -> str:
    try:
        return str(json.loads(latest.read_text(encoding="utf-8"))["run"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other runs from what they share in a folder, where the system can. Raises OSError."""
    with (folder / ".lock").open("w", encoding="utf-8") as lock:
        if os.name == "posix":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
