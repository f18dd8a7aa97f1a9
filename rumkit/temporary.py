"""Temporary folders that go with their process, and files that are whole or not there.

What a killed process left in a temporary folder, the next one removes.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from pathlib import Path


def own_folder(prefix: str) -> Path:
    """Return a fresh folder named after this process; those of processes that are gone go."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*-*"):
        pid = folder.name.removeprefix(prefix).partition("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-"))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that nobody ever reads half of it, also when two do. Raises OSError."""
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        # Where the disk is full or a signal came; else it has its name.
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
