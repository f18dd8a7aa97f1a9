"""Everything that comes out of an investigation without a kernel, as text, by its name."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rumkit import frames
from rumkit.fleet import notify, page
from rumkit.fleet.plan import FleetTarget
from rumkit.fleet.rows import row_of
from rumkit.fleet.run import FleetRun
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
        **_of_a_fleet(found),
    }


def _of_a_fleet(found: Investigation) -> dict[str, str]:
    """Return what a fleet's run keeps, shows and tells of an investigation."""
    moment = "2026-03-02T09:00:00Z"
    target = FleetTarget("prod", "111122223333", "eu-west-1", "shop-web")
    row = row_of(target, found, (), run="r", time=moment, seconds=1.0)
    run = FleetRun("r", moment, (row,), (), 1.0)
    return {
        "history": json.dumps(asdict(row), default=str),
        "fleet page": page.render(run, up=""),
        "notification": notify.message(run, [row], "https://reports.example/"),
    }


def _frames(found: Investigation) -> list[Any]:
    made = [getattr(found, name) for name in frames.TABLES if hasattr(found, name)]
    return [(each.to_csv(), each.to_html(), each.attrs) for each in made]
