"""Progress of an investigation at a terminal."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from rumkit.model import Finding

_NAMED = 2


def checks() -> int:
    """Return how many findings an investigation has."""
    from rumkit.checks import all_checks

    return len(all_checks())


def terminal_progress(stream: TextIO) -> Callable[[Finding], None]:
    """Return what shows on one line how far it is and what it waits for, until the last finding.

    It may be called from several threads.
    """
    from rumkit.checks import all_checks
    from rumkit.show.screen import cut

    waiting: list[str] = [check.id for check in all_checks()]
    total = len(waiting)
    done = 0
    one_at_a_time = threading.Lock()

    def write() -> None:
        width = shutil.get_terminal_size().columns - 1
        more = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
        text = f"{done}/{total} waiting for {', '.join(waiting[:_NAMED])}{more}"
        stream.write(f"\r\x1b[2K{cut(text, width) if done < total else ''}")
        stream.flush()

    def show(finding: Finding) -> None:
        nonlocal done
        with one_at_a_time:
            done += 1
            if finding.check in waiting:
                waiting.remove(finding.check)
            write()

    write()
    return show
