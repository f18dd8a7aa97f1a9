"""Source files that no browser runs: of servers, builds, main processes, workers, phones."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from rumkit.client.snippet import Problem

if TYPE_CHECKING:
    from rumkit.client.page import Page

# Names that a framework gives to what it runs on the server, or while it builds.
_NAMES = (
    (
        re.compile(r".+\.server\.[cm]?[jt]sx?"),
        "a file whose name ends in .server runs on the server",
    ),
    (
        re.compile(r"gatsby-(?:ssr|node)\.[cm]?[jt]sx?"),
        "Gatsby runs {name} in Node.js on the server",
    ),
    (re.compile(r"_document\.[jt]sx?"), "Next.js renders {name} on the server only"),
)
# What a file of another surrounding holds; all the patterns of one must occur.
_TEXTS = (
    (
        (
            re.compile(r"""(?:\bfrom|require\()\s*['"]electron['"]"""),
            re.compile(r"\b(?:BrowserWindow|ipcMain)\b"),
        ),
        "Electron's main process has no window of a page; the renderer's code has",
    ),
    (
        (
            re.compile(
                r"\bimportScripts\(|\bself\.(?:onmessage\b|addEventListener\(\s*['\"]"
                r"(?:message|fetch|install|activate)['\"])"
            ),
        ),
        "a worker has neither window nor document",
    ),
)
_IMPORTS = re.compile(r"""(?:\bfrom|\bimport\(|require\()\s*['"](?:aws-rum-web|@aws-rum/)""")
_NATIVE = re.compile(r"""(?:\bfrom|require\()\s*['"]react-native['"]""")
_FRONTMATTER = re.compile(r"\A\s*---\r?\n([\s\S]{0,200000}?)\r?\n---")
_CONSTRUCTS = re.compile(r"\bnew\s+AwsRum\s*\(")
_MAX_TEXT = 200_000


def outside_of_browsers(page: Page) -> Problem | None:
    """Return why the package's client, constructed in this file, meets no browser."""
    if not page.from_file:
        return None
    name = PurePath(page.url).name
    text = page.html[:_MAX_TEXT]
    reasons = [why for pattern, why in _NAMES if pattern.fullmatch(name)]
    # A bundle holds the words of everything in it; only a source imports the package by its name.
    source = _IMPORTS.search(text) is not None
    reasons += [
        why for patterns, why in _TEXTS if source and all(each.search(text) for each in patterns)
    ]
    if source and _NATIVE.search(text) and "Platform." not in text:
        reasons.append(
            "React Native has no document, and RUM's own SDKs for Android and iOS serve it"
        )
    if not reasons:
        return None
    why = reasons[0].format(name=name)
    return Problem("on-the-server", f"the client is constructed where no browser is: {why}")


def constructed_in_frontmatter(page: Page) -> bool:
    """Tell whether a component of Astro constructs the client where only its build comes by."""
    match = _FRONTMATTER.match(page.html) if page.url.endswith(".astro") else None
    return match is not None and _CONSTRUCTS.search(match[1]) is not None
