"""Progress of an investigation, at a terminal and on its way out of a notebook's kernel."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from rumkit.model import Finding

PROGRESS = "application/vnd.rumkit.progress+json"
_NOWHERE = "rumkit-progress"
_NAMED = 2


def publish(finding: Finding) -> None:
    """Tell whoever runs the notebook of a finding, without leaving an output.

    An update of a display that does not exist is dropped by every front end; a headless run
    hears it as it goes by. Outside a kernel nothing happens.
    """
    from IPython.core.getipython import get_ipython
    from IPython.display import publish_display_data

    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return
    publish_display_data(  # type: ignore[no-untyped-call]
        {PROGRESS: {"check": finding.check, "status": str(finding.status)}},
        transient={"display_id": _NOWHERE},
        update=True,
    )


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
