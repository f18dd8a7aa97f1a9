"""What policies let the snippet, the client and its connections do, and the fixes offered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from csp_written import CASES, CLIENT_HOST, DATA_HOST, browser_source, fill

from rumkit.client.csp import evaluate, parse_policies

if TYPE_CHECKING:
    from rumkit.client.csp import Evaluation

SNIPPET = """
  (function(n,i){window.rum={n:n,i:i};})('cwr', "it's no. 2");
"""
SITE = "https://www.shop.example"
CLIENT = f"{CLIENT_HOST}/1.x/cwr.js"
DATA = f"{DATA_HOST}/appmonitors/1f3c2a60-7d53-4d38-9a2c-0c8f1f5f7e11"
COGNITO = "https://cognito-identity.us-east-1.amazonaws.com/"


HASH = browser_source(SNIPPET)


@dataclass(frozen=True)
class Script:
    index: int
    text: str = SNIPPET
    attributes: dict[str, str] = field(default_factory=dict)
    inert: bool = False


@dataclass(frozen=True)
class Meta:
    value: str
    in_head: bool = True
    next_script: int = 0
    http_equiv: str = "Content-Security-Policy"


@dataclass(frozen=True)
class Page:
    headers: tuple[tuple[str, str], ...] = ()
    meta_policies: tuple[Meta, ...] = ()
    scripts: tuple[Script, ...] = (Script(0),)
    url: str = f"{SITE}/"
    written: tuple[tuple[str, str], ...] = ()


def page(*headers: str, meta: str = "", report_only: str = "") -> Page:
    pairs = [("content-security-policy", value) for value in headers]
    if report_only:
        pairs.append(("Content-Security-Policy-Report-Only", report_only))
    return Page(tuple(pairs), (Meta(meta),) if meta else ())


def ask(asked: Page, *urls: str, **options: Any) -> Evaluation:
    options = {"client_url": CLIENT, "snippet_index": 0} | options
    return evaluate(asked, urls or (DATA,), **options)


def mended(asked: Page, evaluation: Evaluation) -> Page:
    """Return the page with every correction in place."""
    new = {(fix.where, fix.original): fix.value for fix in evaluation.corrections}
    return replace(
        asked,
        headers=tuple((n, new.get(("header", v), v)) for n, v in asked.headers),
        meta_policies=tuple(
            replace(m, value=new.get(("meta", m.value), m.value)) for m in asked.meta_policies
        ),
    )


def written_page(case: dict[str, Any]) -> Page:
    headers = [("content-security-policy", fill(v, SNIPPET)) for v in case.get("headers", ())]
    headers += [
        ("content-security-policy-report-only", fill(v, SNIPPET))
        for v in case.get("report_only", ())
    ]
    metas = tuple(
        Meta(fill(value, SNIPPET), place != "body", 0 if place == "before" else 1)
        for place, value in case.get("metas", ())
    )
    attributes = {"nonce": case["nonce"]} if "nonce" in case else {}
    url = f"{case.get('site', SITE)}/"
    return Page(tuple(headers), metas, (Script(0, attributes=attributes),), url)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_written_case(case: dict[str, Any]) -> None:
    url = case.get("url", DATA)
    found = ask(written_page(case), url, client_url=case.get("client", CLIENT))
    answers = {
        "inline": found.inline_runs.allowed,
        "client": found.client_loads.allowed and found.trusted_types.allowed,
        "connect": found.connects[url].allowed,
    }
    assert {name: answers[name] for name in case["expect"]} == case["expect"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if False in case["expect"].values()], ids=lambda c: c["name"]
)
def test_corrections_unblock_what_they_are_offered_for(case: dict[str, Any]) -> None:
    url = case.get("url", DATA)
    asked = written_page(case)
    client = case.get("client", CLIENT)
    before = ask(asked, url, client_url=client)
    after = ask(mended(asked, before), url, client_url=client)
    mendable = [result.allowed or bool(result.fixes) for result in before.results]
    assert [result.allowed for result in after.results] == mendable


def test_block_names_policy_and_directive_verbatim() -> None:
    found = ask(page("  img-src *;  Connect-Src   'self'  https://x.example ;"))
    block = found.connects[DATA].blocks[0]
    assert (block.policy, block.directive, block.where) == (
        "img-src *;  Connect-Src   'self'  https://x.example ;",
        "Connect-Src   'self'  https://x.example",
        "header",
    )


def test_block_by_a_meta_policy_says_so() -> None:
    assert ask(page(meta="connect-src 'self'")).connects[DATA].where == "meta"


def test_why_names_the_directive_that_stands_in() -> None:
    why = ask(page("default-src 'self'")).connects[DATA].why
    assert why == (
        f"No source in default-src covers {DATA}, and default-src stands in for the missing "
        "connect-src."
    )


def test_why_says_what_switched_unsafe_inline_off() -> None:
    why = ask(page("script-src 'unsafe-inline' 'nonce-abc'")).inline_runs.why
    assert "ignores its 'unsafe-inline' beside 'nonce-abc'" in why


def test_report_only_policy_is_reported_and_blocks_nothing() -> None:
    result = ask(page(report_only="connect-src 'self'")).connects[DATA]
    assert result.allowed
    assert [block.directive for block in result.reported] == ["connect-src 'self'"]


def test_report_only_meta_has_no_effect() -> None:
    meta = Meta("default-src 'none'", http_equiv="Content-Security-Policy-Report-Only")
    found = ask(Page(meta_policies=(meta,)))
    assert found.allowed
    assert found.policies == ()


def test_every_policy_that_blocks_is_listed() -> None:
    found = ask(page("connect-src 'self'", "connect-src 'none'", meta="default-src 'self'"))
    assert [block.where for block in found.connects[DATA].blocks] == ["header", "header", "meta"]


def test_redirect_ignores_the_path_but_not_the_host() -> None:
    asked = page(f"script-src {HASH} {SITE}/cwr.js {CLIENT_HOST}/other/path.js")
    own = f"{SITE}/cwr.js"
    followed = ask(asked, client_url=own, redirects={own: [CLIENT]})
    elsewhere = ask(asked, client_url=own, redirects={own: ["https://cdn.example/cwr.js"]})
    assert (followed.client_loads.allowed, elsewhere.client_loads.allowed) == (True, False)


def test_relative_client_url_is_the_pages_own() -> None:
    assert ask(page(f"script-src {HASH} 'self'"), client_url="/js/cwr.js").client_loads.allowed


def test_saved_page_takes_self_for_its_own_unknown_origin() -> None:
    asked = replace(page(f"script-src {HASH} 'self'"), url="saved/shop.html")
    found = ask(asked, client_url="/js/cwr.js")
    assert found.client_loads.allowed
    assert any("not fetched from its site" in note for note in found.notes)


def test_nonce_on_an_element_that_looks_injected_does_not_count() -> None:
    attributes = {"nonce": "abc", "data-x": "<script"}
    asked = replace(page("script-src 'nonce-abc'"), scripts=(Script(0, attributes=attributes),))
    assert not ask(asked).inline_runs.allowed


def external(policy: str, **attributes: str) -> Page:
    script = Script(0, "", {"src": "/rum.js"} | attributes)
    return replace(page(policy), scripts=(script,))


def test_snippet_in_a_file_is_evaluated_by_its_url() -> None:
    assert ask(external("script-src 'self'")).inline_runs.allowed


def test_snippet_in_a_file_is_not_trusted_by_strict_dynamic() -> None:
    found = ask(external("script-src 'self' 'strict-dynamic'")).inline_runs
    assert (found.allowed, found.fixes) == (False, ())


def test_snippet_in_a_file_passes_with_its_integrity_listed() -> None:
    policy = f"script-src {HASH} 'strict-dynamic'"
    assert ask(external(policy, integrity=HASH.strip("'"))).inline_runs.allowed


def test_every_integrity_of_a_file_must_be_listed() -> None:
    other = browser_source("other").strip("'")
    found = ask(external(f"script-src {HASH}", integrity=f"{HASH.strip(chr(39))} {other}"))
    assert not found.inline_runs.allowed


def test_inert_script_does_not_run() -> None:
    assert not ask(Page(scripts=(Script(0, inert=True),))).inline_runs.allowed


def test_installation_without_snippet_needs_no_script_source() -> None:
    found = ask(page("script-src 'none'"), client_url=None, snippet_index=None)
    assert found.inline_runs.allowed
    assert found.client_loads.allowed


def test_trusted_types_are_certain_when_no_script_comes_before() -> None:
    found = ask(page("require-trusted-types-for 'script'"))
    assert not found.trusted_types.allowed
    assert found.trusted_types.certain


def test_earlier_script_may_create_a_default_policy() -> None:
    asked = replace(page("require-trusted-types-for 'script'"), scripts=(Script(0), Script(1)))
    assert not ask(asked, snippet_index=1).trusted_types.certain


def test_no_default_policy_where_trusted_types_does_not_name_it() -> None:
    policy = "require-trusted-types-for 'script'; trusted-types shop"
    asked = replace(page(policy), scripts=(Script(0), Script(1)))
    assert ask(asked, snippet_index=1).trusted_types.certain


def test_ignored_directive_is_noted() -> None:
    notes = ask(page(f"connect-src: {DATA_HOST}")).notes
    assert any("connect-src:" in note and "its name holds" in note for note in notes)


def test_sandbox_without_same_origin_is_noted() -> None:
    assert any("cookies and storage" in note for note in ask(page("sandbox allow-scripts")).notes)


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (f"script-src 'self'; default-src {HASH}", "stands in a default-src that does not govern"),
        (f"script-src 'self'; style-src {HASH}", "stands in a style-src that does not govern"),
        (f"script-src 'self'; script-src {HASH}", "ignores the directive"),
        (f"script-src {HASH.strip(chr(39))}", "takes it for a host name"),
        (f"script-src {browser_source(SNIPPET + chr(10))}", "plus a newline"),
    ],
)
def test_wrong_hash_is_explained(policy: str, words: str) -> None:
    (wrong,) = ask(page(policy)).wrong_hashes
    assert words in wrong.explanation


def test_hash_that_works_is_not_called_wrong() -> None:
    assert ask(page(f"default-src 'self'; script-src {HASH}")).wrong_hashes == ()


def test_policies_are_parsed_with_their_place() -> None:
    policies = parse_policies(page("img-src *, font-src *", meta="media-src *"))
    assert [(policy.text, policy.where) for policy in policies] == [
        ("img-src *", "header"),
        ("font-src *", "header"),
        ("media-src *", "meta"),
    ]
