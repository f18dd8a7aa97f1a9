"""Views where a display can't be drawn again: Voila runs the cells before a page listens.

There a view is a widget. Nothing is ever captured by it, so that it sends no message of its own and
can't hang a run without a browser.
"""

from __future__ import annotations

import os
from typing import Any

_VOILA = "VOILA_REQUEST_URL"


def wanted() -> bool:
    """Return whether Voila shows this kernel's displays."""
    return _VOILA in os.environ


class Live:
    """A widget that shows what it was last given."""

    def __init__(self, drawn: Any) -> None:
        import ipywidgets as widgets

        self.widget = widgets.Output()
        self.show(drawn)

    def show(self, drawn: Any) -> None:
        """Show another thing in its place, as a cell would display it."""
        from IPython.core.formatters import format_display_data

        data, metadata = format_display_data(drawn)  # type: ignore[no-untyped-call]
        made = {"output_type": "display_data", "data": data, "metadata": metadata}
        self.widget.outputs = (made,)
