"""What a person sees: terminal text, HTML, the picture of the path, tables, plots, widgets."""

from __future__ import annotations

from rumkit.show.choice import Choice
from rumkit.show.choosing import choose
from rumkit.show.views import Drawn

__all__ = ["Choice", "Drawn", "choose"]
