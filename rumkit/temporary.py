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


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a reader never sees half of it, nor a writer beside it. Raises OSError.

    Text is written as UTF-8. A link is replaced, not followed.
    """
    # The name is cut, since one of the greatest length leaves no room for what marks the part.
    part = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        part.replace(path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def own_folder(prefix: str) -> Path:
    """Return a fresh folder named after this process, which nobody else can read.

    What processes left that are gone is removed.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*-*"):
        pid = folder.name.removeprefix(prefix).partition("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-"))


def _alive(pid: int) -> bool:
    if os.name == "nt":  # There the signal 0 is a Ctrl-C.
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
