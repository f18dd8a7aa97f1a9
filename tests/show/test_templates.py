"""HTML comes out of the package's own templates, where a text can't become anything but text."""

from __future__ import annotations

import ast
import re
import traceback
from pathlib import Path

import examples
import pytest
from jinja2 import PackageLoader, UndefinedError
from selectolax.lexbor import LexborHTMLParser

import rumkit
from rumkit.show.engine import ENVIRONMENT
from rumkit.show.template import fill

PACKAGE = Path(rumkit.__file__).parent
TEMPLATES = sorted((PACKAGE / "show" / "templates").iterdir())
# What the rooms below read or serve is somebody else's markup: pages, recordings, replies.
BELOW = {"aws", "checks", "client", "evidence", "recorder", "sandbox", "trail"}
SOURCES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in BELOW
]
TAG = re.compile(
    r"</?(?:a|b|body|br|button|caption|circle|code|desc|details|div|figure|g|h[1-6]|head|html|i|img"
    r"|input|label|li|line|link|main|meta|ol|option|p|path|pre|rect|script|select|span|strong|style"
    r"|summary|svg|table|tbody|td|testcase|text|th|thead|title|tr|ul)(?=[\s>/]|$)"
)
MAY_NAME_TAGS = {
    "report_export.py": "takes links out of what nbconvert made",
    "school/site.py": "finds the snippet on the practice page",
    "school/solutions.py": "code that edits the practice page",
    "school/turns.py": "looks for the snippet on the practice page",
    "show/engine.py": "the filter that makes `quoted` words code",
    "show/plots.py": "takes matplotlib's SVG apart",
}
MAY_TRUST = {
    "notebook/look.py": "a DataFrame's own HTML, by pandas",
    "report_export.py": "a notebook's HTML, by nbconvert",
    "show/engine.py": "what was escaped just before",
    "show/plots.py": "SVG by matplotlib",
    "show/template.py": "what a template made",
}


def texts(path: Path) -> list[str]:
    """Return the strings of a source, without the sentences that document it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = (node.body[0] for node in ast.walk(tree) if isinstance(node, documented) and node.body)
    skipped = {id(node.value) for node in first if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in skipped
    ]


def name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_no_python_file_writes_a_tag(path: Path) -> None:
    found = [text for text in texts(path) if TAG.search(text)]
    assert bool(found) is (name(path) in MAY_NAME_TAGS), found


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_only_what_other_engines_escape_is_trusted(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert "html.escape" not in source
    assert "from html import" not in source
    assert bool(re.search(r"\bMarkup\(", source)) is (name(path) in MAY_TRUST)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_switches_escaping_off(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", source)
    if path.suffix in {".css", ".js"}:
        assert not re.search(r"\{[{%#]", source)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_attributes_stand_in_quotes(path: Path) -> None:
    """Escaping protects nothing in an attribute without them."""
    assert not re.search(r"=\s*\{\{", path.read_text(encoding="utf-8"))


def test_a_text_is_text_in_an_element_and_in_an_attribute() -> None:
    shown = fill("card.html", label=examples.HOSTILE, heading="x", state=examples.HOSTILE,
                 sentences=[examples.HOSTILE], items=[])  # fmt: skip
    tree = LexborHTMLParser(shown)
    assert tree.css("img, script:not(:last-child)") == []
    visible = examples.HOSTILE.partition("\x1b")[0]
    assert tree.css_first("p").text().startswith(visible)
    assert tree.css_first("span").attributes["class"].startswith(visible)
    assert tree.css_first(".rk").attributes["aria-label"].startswith(visible)


def test_what_a_text_hides_is_not_shown() -> None:
    shown = fill("sentence.html", label="x", sentence="a\u202eb\x1b[2J\n c")
    assert LexborHTMLParser(shown).css_first("p").text() == "ab c"


def test_what_is_pasted_keeps_every_sign() -> None:
    text = "a  <b>\n\n\t&amp; 'c' \"d\"\u202e"
    shown = fill("listing.html", label="x", caption="x", text=text)
    assert LexborHTMLParser(shown).css_first("pre").text() == text


def test_a_text_is_never_a_template() -> None:
    shown = fill("sentence.html", label="x", sentence="{{ 7 * 7 }}{% include 'view.css' %}")
    text = LexborHTMLParser(shown).css_first("p").text()
    assert text == "{{ 7 * 7 }}{% include 'view.css' %}"


def test_templates_come_from_the_package_alone() -> None:
    assert isinstance(ENVIRONMENT.loader, PackageLoader)
    assert ENVIRONMENT.list_templates() == [path.name for path in TEMPLATES]
    makers = re.compile(r"from_string|\bTemplate\(|(?:FileSystem|Dict|Function|Choice)Loader")
    assert [name(path) for path in SOURCES if makers.search(path.read_text("utf-8"))] == []


def test_what_a_template_is_not_given_is_an_error_that_names_its_line() -> None:
    with pytest.raises(UndefinedError, match="'text' is undefined") as error:
        fill("listing.html", label="x", caption="x")
    lines = (PACKAGE / "show" / "templates" / "listing.html").read_text().splitlines()
    frames = traceback.extract_tb(error.value.__traceback__)
    named = [lines[f.lineno - 1] for f in frames if f.filename.endswith("/listing.html")]
    assert "{{ text" in named[-1]


def test_a_line_break_of_a_template_is_no_text() -> None:
    shown = fill("card.html", label="x", heading="y", sentences=["a", "b"], items=["c"], state="")
    assert "<h3><span>y</span></h3><p>a</p><p>b</p><ul><li>c</li></ul>" in shown
