"""An executed notebook as one HTML page that makes no request, and as JUnit XML."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Final

from rumkit import __version__
from rumkit.investigation import MIME_TYPE, Investigation
from rumkit.model import RumkitError, Status
from rumkit.show import junit, tables, words
from rumkit.show.screen import where
from rumkit.show.template import fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

_CSS_URL = re.compile(
    r"url\(\s*['\"]?(?!data:|#)([^)'\"\s]{1,200})|@import\s+([^;]{1,200})", re.IGNORECASE
)
# Notebooks do not lie beside a report, so their names stay without a link.
_LINKED = re.compile(r'<a href="([\w/]{1,80}\.ipynb)">([^<]{1,200})</a>')
# What a notebook says of its defaults, up to the end of that sentence.
_PRACTICE = re.compile(
    r"\s*As it stands,? it shows\b.{0,300}?(?:your own account|folded cell(?: below)?)\.", re.DOTALL
)
_LINKS = ("src", "srcset", "href", "data", "poster", "action", "background")


def investigation_of(notebook: Any) -> Investigation:
    """Return the investigation that an executed notebook carries. Raises RumkitError."""
    carried = [
        output["data"][MIME_TYPE]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if MIME_TYPE in output.get("data", {})
    ]
    if not carried:
        raise RumkitError("The notebook displays no investigation, so there is no result to read.")
    return Investigation.from_dict(carried[-1])


def to_html(notebook: Any, investigation: Investigation, *, made: str) -> str:
    """Return the page, input hidden. Raises RumkitError if anything in it would be fetched.

    `made` is the moment of making (ISO 8601). A page of an account has no word about practice.
    """
    from markupsafe import Markup
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        embed_images=True,
        # By default templates, which are programs, come from the current folder first.
        extra_template_basedirs=[],
    )
    shown = notebook if investigation.target.get("sandbox") else _without_practice(notebook)
    body, _ = exporter.from_notebook_node(shown)
    shown = Markup(_LINKED.sub(r"\2", _once(body)))  # noqa: S704 - made by nbconvert's templates
    return _page(shown, investigation, made)


def page_of(investigation: Investigation) -> str:
    """Return one page of an investigation alone, which makes no request either."""
    from rumkit.show.html import render

    return _page(render(investigation, in_page=True), investigation, "")


def _about(investigation: Investigation, made: str) -> list[str]:
    """Return monitor, region, account, window, version and moment of making."""
    target = investigation.target
    window = words.span(target.get("since"), target.get("until"))
    when = f"made {words.minute(made)} UTC" if made else ""
    return [part for part in (where(investigation), window, f"rumkit {__version__}", when) if part]


def _without_practice(notebook: Any) -> Any:
    """Return a copy of a notebook whose text says nothing of the practice installation."""
    copied = copy.deepcopy(notebook)
    for cell in copied.cells:
        if cell.cell_type == "markdown":
            cell.source = _PRACTICE.sub("", cell.source)
    return copied


def _page(body: Markup, investigation: Investigation, made: str) -> str:
    """Return the whole page around a body. Raises RumkitError if anything would be fetched."""
    about = _about(investigation, made)
    practice = "SANDBOX, " if investigation.target.get("sandbox") else ""
    page = fill(
        "report.html",
        title=f"{practice}RUM {investigation.verdict}: {', '.join(about)}",
        about=about,
        body=body,
        library=tables.library() if tables.MARK in body else "",
    )
    outside = external_resources(page)
    if outside:
        raise RumkitError(f"The page would fetch {outside[0]}; it was not written.")
    return f"{page}\n"


def _once(body: str) -> str:
    """Take out the style and script that every view repeats; the page holds them once."""
    for tag, name in (("style", "view.css"), ("style", "path.css"), ("script", "view.js")):
        body = body.replace(f"<{tag}>{fill(name)}</{tag}>", "")
    return body


def external_resources(page: str) -> list[str]:
    """Return every address in a page that a browser would fetch; links for a person are none."""
    from selectolax.lexbor import LexborHTMLParser

    addresses: list[str] = []
    for node in LexborHTMLParser(page).css("*"):
        if node.tag == "style":
            addresses.extend(_css_urls(node.text()))
        addresses.extend(_fetched(str(node.tag), node.attributes))
    return addresses


def _fetched(tag: str, attributes: Mapping[str, str | None]) -> list[str]:
    if tag == "a":
        return []
    addresses = _css_urls(attributes.get("style") or "")
    for name in _LINKS:
        value = (attributes.get(name) or "").strip()
        if value and not value.startswith(("data:", "#")):
            addresses.append(value)
    return addresses


def _css_urls(css: str) -> list[str]:
    return [match[1] or match[2] for match in _CSS_URL.finditer(css)]


def to_junit(investigation: Investigation, *, name: str) -> str:
    """Return JUnit XML: a case per check; a fail is a failure, unknown and skip are skipped."""
    cases = [
        junit.Case(f"rumkit.{each.hop}", each.check, _OUTCOMES.get(each.status, ""), each.summary)
        for each in investigation.findings
    ]
    return junit.render(name, cases)


_OUTCOMES: Final[Mapping[Status, junit.Outcome]] = {
    Status.FAIL: "failure",
    Status.UNKNOWN: "skipped",
    Status.SKIP: "skipped",
}


def summary(
    investigation: Investigation, names: Mapping[str, str], stamp: str, *, made: str
) -> dict[str, Any]:
    """Return what `latest.json` says: the result in short and the files beside it."""
    return {
        "run": stamp,
        "made": made,
        "target": dict(investigation.target),
        "verdict": str(investigation.verdict),
        "root_cause": investigation.root_cause,
        "failed": [each.check for each in investigation.findings if each.status is Status.FAIL],
        "exit_code": investigation.exit_code,
        "files": dict(names),
    }
