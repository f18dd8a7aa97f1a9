"""Progress of an investigation on its way out of a notebook's kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rumkit.model import Finding

PROGRESS = "application/vnd.rumkit.progress+json"
_NOWHERE = "rumkit-progress"


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
