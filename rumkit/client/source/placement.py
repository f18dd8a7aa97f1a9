"""Whether the loader can insert the client's script where it stands on the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.snippet import Problem

if TYPE_CHECKING:
    from rumkit.client.page import Page
    from rumkit.client.snippet import Snippet

# document.head.insertBefore(z, document.getElementsByTagName('script')[0]) throws NotFoundError
# when the document's first script is no child of head (DOM standard, pre-insertion validity).
_ANCHOR = re.compile(
    r"head\s{0,20}\.\s{0,20}insertBefore\s{0,20}\(\s{0,20}[\w$.]{1,40}\s{0,20},\s{0,20}"
    r"document\s{0,20}\.\s{0,20}(?:getElementsByTagName|querySelector)"
)


def insertion_problem(snippet: Snippet, page: Page) -> Problem | None:
    """Return the problem of a loader whose anchor is the document's first script."""
    if snippet.kind != "loader" or page.language != "html" or not _ANCHOR.search(snippet.source):
        return None
    first = next((s for s in page.scripts if not s.in_template), None)
    if first is None or (first.in_head and first.parent == "head"):
        return None
    return Problem(
        "insertion-throws",
        "the loader inserts into head before the document's first script, which is in "
        f"{first.parent or 'the body'}: insertBefore throws NotFoundError and the client's "
        "script is never requested; put the snippet into head",
    )
