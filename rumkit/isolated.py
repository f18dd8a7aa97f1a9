"""Starts of Python and of programs that take nothing from the folder that is looked at.

An evidence folder is often the current folder, and whoever filled it may have put a `json.py` or
an `aws` there. Python's `-c` and `-m` import from the current folder first; `-I` does not, and
reads no PYTHON* variable.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

_HOME = str(Path(__file__).parent.parent)


def python(code: str, *arguments: str) -> list[str]:
    """Return the words that run `code` in this interpreter, with this process's modules alone."""
    start = f"import sys; sys.path[:] = {_import_path()!r}\n{code}"
    return [sys.executable, "-I", "-X", "utf8", "-c", start, *arguments]


def rumkit(*arguments: str) -> list[str]:
    """Return the words of a command of this very rumkit, wherever it was installed."""
    return python("from rumkit.cli import main; raise SystemExit(main())", *arguments)


def which(name: str) -> str | None:
    """Return the program of a name from the absolute folders of PATH, None where none has it."""
    return shutil.which(name, path=search_path())


def search_path() -> str:
    """Return PATH without what depends on the current folder: relative and empty entries."""
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if Path(entry).is_absolute())


def _import_path() -> list[str]:
    """Return where this process finds modules, without the current folder.

    rumkit's own home comes last if it is the current folder (a checkout) or is not named.
    """
    here = None
    # A current folder that was removed has no name.
    with suppress(OSError):
        here = Path.cwd().resolve()
    named = [e for e in sys.path if Path(e).is_absolute() and Path(e).resolve() != here]
    return named if _HOME in named else [*named, _HOME]
