"""Import statements in a page's own scripts: whether a browser runs them as they stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rumkit.client.snippet import Problem

if TYPE_CHECKING:
    from rumkit.client.page import Page
    from rumkit.client.source.unit import Unit

# Where CDNs of packages give the file that Node.js would load.
_PACKAGE_FILE = re.compile(
    r"(?:unpkg\.com|jsdelivr\.net/npm)/aws-rum-web(?:@[\w.^~-]{1,30})?(?:/dist/cjs/[\w./-]{1,60})?/?$"
)
_CLIENT_PACKAGES = ("@aws-rum/", "aws-rum")
# An import that the browser itself is left to make.
_PAST_BUNDLERS = re.compile(
    r"(new Function\(\s{0,40}(?:'|\"|`)return )import\(\s{0,9}\\?['\"`](@?aws-rum[\w/-]{0,40})"
    r"|import\(\s{0,40}(/\*[^*\n]{0,80}webpackIgnore:\s{0,9}true[^*\n]{0,80}\*/)"
    r"\s{0,40}['\"`](@?aws-rum[\w/-]{0,40})"
)
_MAX_TEXT = 200_000


def module_problem(unit: Unit, page: Page) -> Problem | None:
    """Return why a browser does not run the imports of a script that was served as it is."""
    script = next((each for each in page.scripts if each.index == unit.piece.index), None)
    imports = [n for n in unit.source.root.children if n.type == "import_statement"]
    if script is None or not imports:
        return _without_a_module(unit, page)
    if script.attributes.get("type", "").strip().lower() != "module":
        return Problem(
            "syntax",
            'the script has an import statement and no type="module" (SyntaxError: Cannot use'
            " import statement outside a module): a browser runs none of it",
        )
    maps = [s.text for s in page.scripts if s.attributes.get("type", "").lower() == "importmap"]
    for statement in imports:
        source = statement.child_by_field_name("source")
        name = unit.source.text(source).strip("'\"") if source is not None else ""
        if name.startswith(_CLIENT_PACKAGES) and not any(name in each for each in maps):
            return Problem(
                "syntax",
                f"the module imports {name!r} by its bare name, which no browser resolves without"
                " an import map (TypeError: Failed to resolve module specifier): it never runs",
            )
    return None


def past_the_bundler(text: str) -> Problem | None:
    """Return why a browser likely does not find the package that a source imports.

    Example: `new Function('return import("aws-rum-web")')()`. Sources: https://webpack.js.org/api/
    module-methods/#webpackignore; https://html.spec.whatwg.org/#resolve-a-module-specifier
    """
    match = _PAST_BUNDLERS.search(text[:_MAX_TEXT])
    if match is None:
        return None
    way, name = ("new Function(…)", match[2]) if match[1] else (match[3], match[4])
    return Problem(
        "past-the-bundler",
        f"the import of {name!r} is kept from the bundler ({way}), and no browser resolves a bare"
        " name without an import map (TypeError: Failed to resolve module specifier): the client"
        " likely never starts",
    )


def _without_a_module(unit: Unit, page: Page) -> Problem | None:
    """Return why the class is missing where a page loads the package by a script element."""
    files = [each.src for each in page.scripts if each.src and not each.module]
    file = next((src for src in files if _PACKAGE_FILE.search(src)), None)
    if file is None or not unit.mentions("new AwsRum(", "new window.AwsRum("):
        return None
    return Problem(
        "syntax",
        f"the page loads {file[:120]} by a script element, and the package is one of modules"
        " (ReferenceError: exports is not defined): AwsRum is not defined, and nothing starts",
    )
