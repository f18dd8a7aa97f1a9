"""Documents that are not the page that was meant: errors, sign-in pages, views of a source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rumkit.client.har.conversation import Kind

if TYPE_CHECKING:
    from rumkit.client.page import Page
    from rumkit.evidence import Evidence

_XML_ERROR = re.compile(r"\A\s*(?:<\?xml[^>]{0,200}>\s*)?<Error>\s*<Code>(\w{1,60})</Code>")
_ERROR_TITLE = re.compile(
    r"<title>\s*((?:ERROR: The request could not be satisfied|Access Denied|Attention Required!"
    r"|Just a moment|(?:40[0-9]|50[0-9])\b)[^<]{0,80})</title>",
    re.IGNORECASE,
)
_VIEW = re.compile(r'class="line-content"[\s\S]{0,2000}class="html-tag"')
_MAX_TEXT = 200_000


def another_document(evidence: Evidence, page: Page) -> str:
    """Say in a sentence why this document is not the page itself; empty where nothing tells."""
    text = page.html[:_MAX_TEXT]
    if match := _XML_ERROR.search(text) or _ERROR_TITLE.search(text):
        return f"{page.url} is an error document ({match[1].strip()}), not the page."
    if _VIEW.search(text):
        return (
            f"{page.url} is a saved view of the page's source, in which scripts are text: save the"
            " page itself (Save page as, HTML only)."
        )
    asked = _asked_before(evidence, page)
    if asked and urlsplit(asked).hostname != urlsplit(page.url).hostname:
        return (
            f"{asked} redirects to {page.url}, which is another site, most often one for signing"
            " in: what it holds says nothing of the page behind it."
        )
    return ""


def _asked_before(evidence: Evidence, page: Page) -> str:
    """Return the address that redirected to this page; empty where none did."""
    if page.redirects:
        return page.redirects[0]
    recording = None if page.from_file else evidence.recording_or_none()
    calls = recording.of(Kind.DOCUMENT) if recording else []
    redirected = [call for call in calls if call.redirected and not call.frame]
    return redirected[0].url if redirected else ""
