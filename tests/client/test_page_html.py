"""Scripts and policies are what a browser's HTML parser gives; html5lib is the reference."""

from __future__ import annotations

from typing import Any

import html5lib
import pytest

from rumkit.client.page import Page, page_from_html

# html5lib knows nothing of template contents; those cases are told by hand below.
CASES = [
    "<script>a&amp;b\r\nc</script>",
    "<script>a\0b</script><script>2</script>",
    "<script>\nleading</script>",
    "<script>\r\r\n\n</script>",
    "<script>\x0c\x01</script>",
    "<script>&#x41;&lt;</script>",
    "<script>\u00e9\u2028\U0001f600</script>",
    "<script>unclosed",
    "<script/><p>x</p></script>",
    "<script>a</SCRIPT ><script>b</script\n>",
    "<script>a</script/ x><p><script>b</script>",
    "<script a=1 a=2 A=3>x</script>",
    "<p><script SRC=a NoNce='q&amp;r' async>x</script>",
    "<script type=text/template><p>&lt;</p></script>",
    "<!-- <script>1</script> --><script><!--\nx\n--></script>",
    "<script>a<!--<script>b</script>c--></script>d</script>",
    "<script><!-- <script> </script> --></script>x",
    "<script><!--</script>y",
    "<head><noscript><img src=x><script>0</script></noscript><script>1</script>",
    "<noscript><script>z</script></noscript>",
    "<body><noscript><meta http-equiv=a></noscript><script>1\r2</script>",
    "</head><noscript>x</noscript><script>1</script>",
    "<title><script>1</script></title><textarea><script>1</script></textarea>",
    "<iframe><script>1</script></iframe><style><script>x</script></style><script>y</script>",
    "<xmp><script>1</script></xmp><noembed><script>2</script></noembed><script>3</script>",
    "<plaintext><script>1</script>",
    "<svg><script>a&amp;b<!-- c --><![CDATA[x<y]]></script></svg>",
    "<svg/><script>1</script>",
    "<svg><script/><script>a</script></svg>",
    "<svg><script>a<b>c</b>d</script></svg>",
    "<svg><foreignObject><script>a&lt;b</script></foreignObject></svg>",
    "<svg><title><script>1</script></title></svg>",
    "<svg><desc><script>a&amp;b</script></desc><script>c&amp;d</script>",
    "<svg><p><script>x&amp;y</script>",
    "<math><mi><script>1</script></mi></math>",
    "<math><annotation-xml encoding='text/html'><script>a&amp;b</script></annotation-xml></math>",
    "<table><script>1</script><tr><td><script>2</script>",
    "<table><colgroup><script>1</script>",
    "<caption><script>1",
    "<select><script>1</script></select>",
    "<option><script>1</script><optgroup><script>2</script>",
    "<button><script>1</script></button></p><script>2</script>",
    "<a><script>1</a>2</script><b></a><script>3</script>",
    "<object><script>1</script></object><applet><script>2</script>",
    "<ruby><rt><script>1</script>",
    "<frameset><script>1</script></frameset>",
    "<html><script>1</script><head><script>2</script>",
    "<head></head><script>after head</script><body><script>b</script>",
    "text<script>1</script><head><script>2</script></head>",
    "<head><script>1</script><div></div><script>2</script></head>",
    "<head><link><meta name=x><base><script>1</script><style></style><script>2</script></head>",
]


def _evaluated(text: str) -> list[tuple[str, dict[str, str], str, bool]]:
    """Return text, attributes, parent and place of every script as html5lib builds them."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("dom"))
    pending: list[tuple[Any, bool]] = [(parser.parse(text, scripting=True), False)]
    found = []
    while pending:
        node, in_head = pending.pop()
        in_head = in_head or node.nodeName == "head"
        if node.nodeType == node.ELEMENT_NODE and node.tagName == "script":
            text_nodes = [c.data for c in node.childNodes if c.nodeType in {3, 4}]
            attributes = dict(node.attributes.items())
            found.append(("".join(text_nodes), attributes, node.parentNode.nodeName, in_head))
        pending.extend((child, in_head) for child in reversed(node.childNodes))
    return found


@pytest.mark.parametrize("text", CASES)
def test_scripts_are_those_that_html5lib_finds(text: str) -> None:
    found = page_from_html(text).scripts
    assert [(s.text, s.attributes, s.parent, s.in_head) for s in found] == _evaluated(text)


def inert(text: str) -> list[tuple[str, bool]]:
    return [(script.text, script.inert) for script in page_from_html(text).scripts]


def test_scripts_of_a_template_are_kept_in_order_and_inert() -> None:
    text = "<script>0</script><template><p><script>1</script></template><script>2</script>"
    assert inert(text) == [("0", False), ("1", True), ("2", False)]


def test_scripts_of_nested_templates_are_inert() -> None:
    text = "<template><template><script>n</script></template><script>m</script></template>"
    assert inert(text) == [("n", True), ("m", True)]


TYPES = [
    ("", False),
    ("type=''", False),
    ("type=text/javascript", False),
    ("type=' Text/JavaScript '", False),
    ("type=application/javascript", False),
    ("type=module", False),
    ("language=javascript", False),
    ("type=' '", True),
    ("type=text/plain", True),
    ("type=application/json", True),
    ("type=importmap", True),
    ("type=text/javascript;charset=utf-8", True),
    ("language=vbscript", True),
    ("nomodule", True),
    ("type=module nomodule", False),
]


@pytest.mark.parametrize(("attribute", "expected"), TYPES)
def test_a_script_of_another_type_is_inert(attribute: str, expected: bool) -> None:
    assert inert(f"<script {attribute}>x</script>") == [("x", expected)]


def policies(text: str) -> list[tuple[str, bool, int]]:
    return [(p.value, p.in_head, p.next_script) for p in page_from_html(text).meta_policies]


_META = "<meta http-equiv=Content-Security-Policy content=\"default-src 'self'\">"
POLICIES = [
    (f"<head>{_META}</head>", [("default-src 'self'", True, 0)]),
    (f"<head><script>1</script>{_META}</head>", [("default-src 'self'", True, 1)]),
    (f"<body>{_META}</body>", [("default-src 'self'", False, 0)]),
    (f"<head><!-- {_META} --></head>", []),
    (f"<head><template>{_META}</template></head>", []),
    (f"<head><noscript>{_META}</noscript></head>", []),
    (f"<head><script>'{_META}'</script></head>", []),
    (f"<head><title>{_META}</title></head>", []),
    (_META.replace("http-equiv", "name"), []),
    (_META.upper().replace("'SELF'", "'self'"), [("DEFAULT-SRC 'self'", True, 0)]),
    ("<meta http-equiv=content-security-policy>", [("", True, 0)]),
    ("<meta http-equiv=content-security-policy content='a&amp;b'>", [("a&b", True, 0)]),
]


@pytest.mark.parametrize(("text", "expected"), POLICIES)
def test_meta_policies_count_where_a_browser_sees_them(
    text: str, expected: list[tuple[str, bool, int]]
) -> None:
    assert policies(text) == expected


def test_a_report_only_meta_is_told_apart() -> None:
    name = "Content-Security-Policy-Report-Only"
    found = page_from_html(f"<meta http-equiv={name} content=x>").meta_policies
    assert [p.report_only for p in found] == [True]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("<script>1</script>", [1]),
        ("\n\n<script>1</script>\n<script>1</script>", [3, 4]),
        ("\r\n<script>1</script>\r<script>2</script>", [2, 3]),
        ("<script src=a></script>\n<script src=b></script>", [1, 2]),
        ("<script>\n</script>\n<script>2</script>", [1, 3]),
    ],
)
def test_scripts_know_the_line_they_start_on(text: str, lines: list[int]) -> None:
    assert [script.line for script in page_from_html(text).scripts] == lines


def test_a_page_drops_cookies_and_keeps_the_order_of_headers() -> None:
    headers = [("X-A", "1"), ("Set-Cookie", "session=secret"), ("x-a", "2"), ("B", "3")]
    page = page_from_html("<p>", url="https://www.shop.example/", headers=headers)
    assert page.headers == (("X-A", "1"), ("x-a", "2"), ("B", "3"))
    assert page.header("X-A") == ("1", "2")


DEEP = {
    "div": "<div>" * 100_000,
    "misnested": "<div><table></div></table>" * 8_000,
    "formatting": "<b><p>" * 50_000,
    "svg": "<svg>" * 100_000,
    "template": "<template>" * 20_000,
    "comments": "<!--" * 100_000,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_deep_nesting_gives_a_page(text: str) -> None:
    assert isinstance(page_from_html("<script>first</script>" + text), Page)


def test_what_nests_too_deeply_is_cut_and_says_so() -> None:
    page = page_from_html("<script>first</script>" + "<div>" * 100_000 + "<script>last</script>")
    assert [s.text for s in page.scripts] == ["first"]
    assert page.truncated


def test_a_long_flat_page_is_read_whole() -> None:
    page = page_from_html("<div><p>text<br></div>" * 30_000 + "<script>last</script>")
    assert [s.text for s in page.scripts] == ["last"]
    assert not page.truncated
