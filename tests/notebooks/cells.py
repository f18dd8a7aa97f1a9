"""Sources of cells for notebooks that are made for a test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rumkit.investigation import Investigation


def showing(found: Investigation) -> str:
    """Return a cell that displays an investigation."""
    return (
        "import json\nfrom rumkit.investigation import Investigation\n"
        f"Investigation.from_dict(json.loads({json.dumps(found.to_json())}))"
    )
