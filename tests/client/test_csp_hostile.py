"""Whatever a page sends as policy, evaluating ends in an answer, in bounded time."""

from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from test_csp import DATA, Meta, Page, Script, ask, page

from rumkit.client.csp.hashes import explain_hash
from rumkit.client.csp.parse import MAX_VALUE, parse_carrier
from rumkit.client.csp.written import may_allow

WORDS = st.sampled_from(
    [
        "script-src", "connect-src", "default-src", "sandbox", "require-trusted-types-for",
        "'none'", "'self'", "'strict-dynamic'", "'unsafe-inline'", "'nonce-", "'sha256-", "'",
        "*", "*.", ":", "://", "https://", "[::1]", ":99999999999999999999", "%", "%ff", "/../",
        ";", ",", ";;", "\x00", "\udc80", "é", "\u2028", "\\", "sha256-", "\t", "\x0b", "'script'",
    ]
)  # fmt: skip
POLICY = st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=12).map(" ".join)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(POLICY, ANY_TEXT), max_size=3),
    st.lists(st.tuples(POLICY, st.booleans(), st.integers(0, 2)), max_size=2),
    st.lists(st.one_of(ANY_TEXT, st.just(DATA)), max_size=3),
    ANY_TEXT,
)
def test_evaluating_never_raises(
    headers: list[str], metas: list[tuple[str, bool, int]], urls: list[str], text: str
) -> None:
    asked = Page(
        tuple(("Content-Security-Policy", value) for value in headers),
        tuple(Meta(*meta) for meta in metas),
        (Script(0, text, {"nonce": text}), Script(1, text)),
        url=text,
    )
    found = ask(asked, *urls, client_url=text, snippet_index=1)
    assert all(result.why for result in found.results)


@settings(max_examples=150, deadline=None)
@given(ANY_TEXT, ANY_TEXT)
def test_explaining_never_raises(source: str, text: str) -> None:
    assert explain_hash(source, text) is None or explain_hash(source, text)


@settings(max_examples=100, deadline=None)
@given(st.one_of(POLICY, ANY_TEXT))
def test_policies_are_verbatim_pieces_of_their_carrier(value: str) -> None:
    for policy in parse_carrier(value, where="header"):
        assert value[policy.start :].startswith(policy.text)
        for directive in policy.directives:
            assert policy.text[directive.start :].startswith(directive.text)


def test_enormous_policies_are_evaluated_in_bounded_time() -> None:
    start = time.monotonic()
    for value in (
        "connect-src " + "https://a.example/ " * 200_000,
        "a " * 500_000,
        ";" * 1_000_000,
        ",".join(["connect-src 'self'"] * 50_000),
        "script-src " + "'sha256-abcd' " * 100_000,
        "connect-src 'self'; " * 100_000,
    ):
        ask(page(value, value))
    huge = page("script-src " + "'sha256-abcd' " * 20)
    ask(replace(huge, scripts=(Script(0, "f('a  b');\n" * 90_000),)))
    assert time.monotonic() - start < 20


def test_policy_too_long_to_read_is_noted_and_gets_no_fix() -> None:
    found = ask(page("connect-src 'self' " + " " * MAX_VALUE))
    assert found.corrections == ()
    assert any("only its beginning was read" in note for note in found.notes)


def test_a_source_of_many_fills_is_decided_at_once() -> None:
    fills, data_plane = "${a}" * 2_000, "https://dataplane.rum.eu-west-1.amazonaws.com/"
    assert may_allow(f"connect-src https://dataplane.{fills}.amazonaws.com", data_plane)
    assert not may_allow(f"connect-src https://{fills}.example.net", data_plane)
