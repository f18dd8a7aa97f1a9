"""An executed notebook as one HTML page that makes no request, and as JUnit XML."""

from __future__ import annotations

import copy
import re
from html import escape
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import quoteattr

from rumkit import __version__
from rumkit.investigation import MIME_TYPE, Investigation
from rumkit.model import RumkitError, Status
from rumkit.show import path, style, tables, words
from rumkit.show.screen import where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The browser itself refuses what the page might ask for, whatever stands in it.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' blob:; "
    "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
)
_PAGE_CSS = """
:root{color-scheme:light dark}
body{margin:0;background:#fff;color:#1b1f24;font:15px/1.55 system-ui,-apple-system,"Segoe UI",
sans-serif}
main{max-width:1040px;margin:0 auto;padding:1.2em 1.2em 4em}
.about{font-size:13px;color:#545d68;margin:.4em 0 1em;overflow-wrap:anywhere}
h1{font-size:26px;margin:.4em 0}h2{font-size:20px;margin:1.6em 0 .4em}
a{color:#0a58ca}a.anchor-link{display:none}
code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{overflow-x:auto}
table{border-collapse:collapse}
.rendered_html table th,.rendered_html table td{text-align:left;padding:.2em .8em .2em .2em;
border-bottom:1px solid #d0d7de}
@media(prefers-color-scheme:dark){body{background:#161a1e;color:#e6e9ec}a{color:#7db4ff}
.about{color:#a6b0ba}
.rendered_html table th,.rendered_html table td{border-color:#444c56}}
"""
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
    investigations = [
        output["data"][MIME_TYPE]
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if MIME_TYPE in output.get("data", {})
    ]
    if not investigations:
        raise RumkitError("The notebook displays no investigation, so there is no result to read.")
    return Investigation.from_dict(investigations[-1])


def to_html(notebook: Any, investigation: Investigation, *, made: str) -> str:
    """Return the page, input hidden. Raises RumkitError if anything in it would be fetched.

    `made` is the moment of making (ISO 8601). A page of an account has no word about practice.
    """
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
    page = _page(_LINKED.sub(r"\2", _once(body)), investigation, made)
    outside = external_resources(page)
    if outside:
        raise RumkitError(f"The page would fetch {outside[0]}; it was not written.")
    return page


def page_of(investigation: Investigation) -> str:
    """Return one page of an investigation alone, which makes no request either."""
    from rumkit.show.html import render

    page = _page(_once(render(investigation)), investigation, "")
    outside = external_resources(page)
    if outside:
        raise RumkitError(f"The page would fetch {outside[0]}; it was not written.")
    return page


def title_of(investigation: Investigation, made: str = "") -> str:
    """Return verdict, monitor, region, account, window, version and moment of making as a title."""
    practice = "SANDBOX, " if investigation.target.get("sandbox") else ""
    return f"{practice}RUM {investigation.verdict}: {', '.join(_about(investigation, made))}"


def _about(investigation: Investigation, made: str) -> list[str]:
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


def _page(body: str, investigation: Investigation, made: str) -> str:
    title = title_of(investigation, made)
    about = " · ".join(escape(part) for part in _about(investigation, made))
    bundle = tables.bundle() if tables.MARK in body else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{_PAGE_CSS}{style.CSS}{path.STYLE}</style>"
        f'</head>\n<body><main>\n<header class="about">{about}</header>\n{body}\n</main>'
        f"<script>{style.SCRIPT}</script>{bundle}</body></html>\n"
    )


def _once(body: str) -> str:
    """Take out the style and script that every view repeats; the page holds them once."""
    for repeated in (
        f"<style>{style.CSS}</style>",
        f"<style>{path.STYLE}</style>",
        f"<script>{style.SCRIPT}</script>",
    ):
        body = body.replace(repeated, "")
    return body


def external_resources(page: str) -> list[str]:
    """Return every address in a page that a browser would fetch; links for a person are none."""
    from selectolax.lexbor import LexborHTMLParser

    urls: list[str] = []
    for node in LexborHTMLParser(page).css("*"):
        if node.tag == "style":
            urls.extend(_css_urls(node.text()))
        urls.extend(_fetched(str(node.tag), node.attributes))
    return urls


def _fetched(tag: str, attributes: Mapping[str, str | None]) -> list[str]:
    if tag == "a":
        return []
    urls = _css_urls(attributes.get("style") or "")
    for name in _LINKS:
        value = (attributes.get(name) or "").strip()
        if value and not value.startswith(("data:", "#")):
            urls.append(value)
    return urls


def _css_urls(css: str) -> list[str]:
    return [match[1] or match[2] for match in _CSS_URL.finditer(css)]


def to_junit(investigation: Investigation, *, name: str) -> str:
    """Return JUnit XML: a case per check; a fail is a failure, unknown and skip are skipped."""
    findings = investigation.findings
    failures = sum(finding.status is Status.FAIL for finding in findings)
    skipped = sum(finding.status in (Status.UNKNOWN, Status.SKIP) for finding in findings)
    cases = "".join(
        f"<testcase classname={xml_attribute('rumkit.' + finding.hop)}"
        f" name={xml_attribute(finding.check)}>"
        f"{junit_result(_TAGS.get(finding.status, ''), finding.summary)}</testcase>\n"
        for finding in findings
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites><testsuite name={xml_attribute(name)} tests="{len(findings)}" '
        f'failures="{failures}" skipped="{skipped}">\n{cases}</testsuite></testsuites>\n'
    )


_TAGS: Final = {Status.FAIL: "failure", Status.UNKNOWN: "skipped", Status.SKIP: "skipped"}


def junit_result(tag: str, text: str) -> str:
    """Return what a case of JUnit holds: `failure`, `error` or `skipped`, "" for its output."""
    if tag:
        return f"<{tag} message={xml_attribute(text)}/>"
    return f"<system-out>{escape(_xml(text))}</system-out>"


def xml_attribute(value: str) -> str:
    """Return a text as an attribute's value, quotes included."""
    return quoteattr(_xml(value))


def _xml(value: str) -> str:
    """Keep to what XML 1.0 can hold."""
    return re.sub("[\ud800-\udfff\ufffe\uffff]", "", words.one_line(value))


def summary(
    investigation: Investigation, names: Mapping[str, str], stamp: str, *, made: str
) -> dict[str, Any]:
    """Return what `latest.json` says: the result in short and the files beside it."""
    failed: Sequence[str] = [
        finding.check for finding in investigation.findings if finding.status is Status.FAIL
    ]
    return {
        "run": stamp,
        "made": made,
        "target": dict(investigation.target),
        "verdict": str(investigation.verdict),
        "root_cause": investigation.root_cause,
        "failed": list(failed),
        "exit_code": investigation.exit_code,
        "files": dict(names),
    }
