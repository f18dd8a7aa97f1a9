"""The file of checks of one's own that the surroundings name, run once in each process.

That is how the command line, a notebook's kernel and a fleet find checks that a person wrote. The
variable holds an absolute path: nothing is run because it lies in the folder that one stands in.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
from pathlib import Path
from types import ModuleType

from rumkit.inputs import OWN_CHECKS
from rumkit.model import BadInput

_MODULE = "rumkit_own_checks"
_run: set[str] = set()
# The file itself may ask for all checks.
_alone = threading.RLock()


def run_named_file() -> None:
    """Run the file that the surroundings name, if they do. Raises BadInput where it can't be."""
    name = os.environ.get(OWN_CHECKS, "")
    with _alone:
        if name and name not in _run:
            _run.add(name)
            try:
                _run_file(Path(name))
            except BaseException:
                _run.discard(name)
                raise


def _run_file(file: Path) -> None:
    if not file.is_absolute():
        raise BadInput(f"{OWN_CHECKS} names {file}: write the whole path of the file.")
    try:
        code = compile(file.read_bytes(), str(file), "exec")
    except OSError as error:
        raise BadInput(f"The checks in {file} can't be read: {error.strerror}.") from None
    except (SyntaxError, ValueError) as error:
        raise BadInput(f"{file} is not Python: {error}.") from None
    module = ModuleType(_MODULE)
    module.__file__ = str(file)
    sys.modules[_MODULE] = module
    try:
        exec(code, module.__dict__)  # noqa: S102 - the person named this very file
    except (Exception, SystemExit) as error:
        lines = [each.lineno for each in traceback.extract_tb(error.__traceback__)
                 if each.filename == str(file)]  # fmt: skip
        where = f", line {lines[-1]}" if lines else ""
        what = f"{type(error).__name__}: {error}"
        raise BadInput(f"The checks in {file}{where} can't be run: {what}") from error
