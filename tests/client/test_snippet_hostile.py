"""Whatever the text is, reading it ends: no error, bounded work, bounded results."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from installs import loader, npm, page
from readings import CASES

from rumkit.client.find import find_configurations, find_snippets, mention_of
from rumkit.client.page import page_from_html
from rumkit.client.snippet import Expression

if TYPE_CHECKING:
    from collections.abc import Callable

_PIECES = st.sampled_from(
    [
        loader(),
        loader("{...a,b:[1,{c:`${d}`}]}"),
        npm(),
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "<template>",
        "AwsRum",
        "cwr('",
        "new AwsRum(",
        "window.AwsRumClient={",
        "{{",
        "}}",
        "<%",
        "`${",
        "\\u{110000}",
        "'",
        '"',
        "/*",
        "(",
        ")",
        "{",
        "}",
        "[",
        "=>",
        "...",
        "\0",
        "\r\n",
        "\ud800",
        "\ufeff",
    ]
)
_TEXT = st.lists(st.one_of(_PIECES, st.text(max_size=8)), max_size=25).map("".join)
_RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_RELAXED
@given(_TEXT)
@example("<script>\ud800AwsRumClient={i:'\\ud800'}")
def test_any_text_can_be_looked_through(text: str) -> None:
    for found in find_snippets(text):
        assert len(found.source) <= 4_000
        assert len(found.problems) < 200


_SOURCES = st.sampled_from([case.source for case in CASES])


@_RELAXED
@given(_SOURCES, _SOURCES, st.floats(0, 1), st.floats(0, 1), _TEXT)
def test_any_parts_of_real_installations_can_be_looked_through(
    first: str, second: str, end: float, start: float, between: str
) -> None:
    text = first[: int(len(first) * end)] + between + second[int(len(second) * start) :]
    for found in find_snippets(text):
        assert "\ue000" not in repr(found)
        assert found.flow()
        assert isinstance(found.connect_urls(), dict)
    find_configurations(text)
    mention_of(text)


# What is repeated to a megabyte, before or behind a loader.
REPEATED = [
    *("(((((", "[{(", "''\"", "a:b,", "/*x", "`${", "= = 3;", "{{ x }} ", "{% if a %}", "<%", "{#"),
    *("@if(a){", "##\n", "'''", "<<EOT\n", '"\\"', "+\n-", 'onload="', "&quot;", "a.b.c."),
    *("import a from 'aws-rum-web'\n", "new X('", "'cwr',", "cwr('x');", "<script>cwr", "@("),
    *("window.AwsRumClient={", "function f(){", "x.q.push(", "telemetries:[", "identityPoolId:"),
]


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("piece", REPEATED)
def test_a_megabyte_of_anything_is_read_soon(piece: str, before: bool) -> None:
    much = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    text = much + page(loader()) if before else page(loader()) + much
    begun = time.process_time()
    find_snippets(text)
    # A fifth of a second on a quiet machine.
    assert time.process_time() - begun < 1


@_RELAXED
@given(_TEXT)
def test_any_text_is_a_page(text: str) -> None:
    found = page_from_html(text)
    assert sum(len(script.text) for script in found.scripts) <= len(text) + 10


HOSTILE = {
    "deep-array": page("AwsRumClient=" + "[" * 50_000),
    "deep-option": page(loader("{a:" + "[" * 20_000 + "]" * 20_000 + "}")),
    "deep-parentheses": page("(" * 50_000 + "cwr" + ")" * 50_000),
    "quotes": page("AwsRumClient" + '"' * 200_000),
    "many-commands": page("cwr('x');" * 10_000),
    "many-loaders": page(loader() * 400),
    "many-constructions": "import {AwsRum} from 'aws-rum-web';" + "new AwsRum('a');" * 3_000,
    "many-writes": page("var a=1;" + "a=a;" * 20_000 + loader("{k:a}")),
    "open-tags": page("AwsRumClient = " + "{{" * 50_000),
    "open-percents": page("AwsRumClient = " + "<%" * 50_000),
    "nested-functions": page("(function(a){" * 2_000 + loader("{k:a}") + "})(a)" * 2_000),
    "recursive-function": page("function f(i){" + loader("{k:i}") + "f(i)} f(f(f))"),
    "global-read-twice": page("console.log(RUM)", "RUM", loader("{k:RUM.a}", monitor="RUM.id")),
    "globals-in-a-ring": page("window.A=B", "window.B=A", loader("{k:A}", monitor="A")),
    "self-reference": page("const a=b,b=[a,a];" + loader("{k:a}")),
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_hostile_source_ends_with_bounded_results(source: str) -> None:
    assert len(find_snippets(source)) <= 50


def test_a_long_chain_of_joins_is_folded() -> None:
    source = page(loader("{a:" + "'x'+" * 1_500 + "'y'}"))
    assert find_snippets(source)[0].config["a"] == "x" * 1_500 + "y"


def test_lists_that_double_for_ever_stay_unfolded() -> None:
    names = "".join(f"const a{i + 1}=[{','.join([f'a{i}'] * 10)}];" for i in range(9))
    found = find_snippets(page("const a0=[1];" + names + loader("{k:a9}")))
    assert found[0].config == {}
    assert found[0].config_open


def test_text_that_doubles_for_ever_stays_unfolded() -> None:
    names = "".join(f"const a{i + 1}={'+'.join([f'a{i}'] * 10)};" for i in range(9))
    found = find_snippets(page("const a0='x';" + names + loader("{k:a9}")))
    assert not isinstance(found[0].config.get("k", Expression("")), str)


def test_an_installation_in_the_middle_of_a_huge_line_is_found() -> None:
    source = page("x=1;" * 500_000 + loader("{a:1}") + "y=2;" * 500_000)
    assert [s.config for s in find_snippets(source)] == [{"a": 1}]


def test_a_huge_bundle_that_names_no_client_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    from rumkit.client.source import javascript

    monkeypatch.setattr(javascript, "_parse", lambda *_: pytest.fail("it was parsed"))
    assert find_snippets(page("function f(){return 1};" * 100_000)) == []


def test_scripts_without_the_client_beside_one_with_it_are_not_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from rumkit.client.source import javascript

    parsed: list[int] = []
    real = javascript._parse

    def parse(data: bytes, language: javascript.Language, seconds: float) -> object:
        parsed.append(len(data))
        return real(data, language, seconds)

    monkeypatch.setattr(javascript, "_parse", parse)
    find_snippets(page("function f(){return 1};" * 10_000, loader()))
    assert max(parsed) < 5_000


def test_a_script_that_takes_too_long_stays_the_same_as_far_as_it_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The parser looks at some places twice, and crashes the process when the text has changed.
    from rumkit.client.source import javascript

    clock = iter([0.0, 0.0, *[1e9] * 9])
    read: list[bytes] = []

    class Parser:
        def parse(self, source: Callable[[int, object], bytes]) -> object:
            read.extend(source(offset, None) for offset in (0, 0, 10, 5_000))
            return object()

    monkeypatch.setattr(javascript, "_parser", lambda _: Parser())
    monkeypatch.setattr(javascript.time, "thread_time", lambda: next(clock))
    javascript._parse(b"x" * 10_000, "javascript", 1.0)
    first, again, within, beyond = read
    assert (again, within, beyond) == (first, first[10:], b"")
