"""Everything that comes out of an investigation without a kernel, as text, by its name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rumkit import frames
from rumkit.mcp import answers
from rumkit.report_export import page_of, to_junit
from rumkit.show import html as html_views
from rumkit.show import markdown, screen, text

if TYPE_CHECKING:
    from rumkit.investigation import Investigation


def texts(found: Investigation) -> dict[str, str]:
    """Return every form in which a person or a program gets an investigation."""
    return {
        "saved": found.to_json(),
        "screen": screen.render(found, evidence=True),
        "text": text.render(found),
        "HTML": page_of(found),
        "Markdown": markdown.render(found),
        "JUnit": to_junit(found, name="x"),
        "notebook": json.dumps(found._repr_mimebundle_(), default=str),
        "fixes": html_views.fixes(found),
        "agent": json.dumps(answers.of_investigation(found)) + answers.read_aloud(found),
        "finding": "".join(json.dumps(answers.of_finding(each)) for each in found.findings),
        "code": "".join(str(found.code(each.check)) for each in found.findings),
        "frames": "".join(map(str, _frames(found))),
    }


def _frames(found: Investigation) -> list[Any]:
    made = [getattr(found, name) for name in frames.TABLES if hasattr(found, name)]
    return [(each.to_csv(), each.to_html(), each.attrs) for each in made]
