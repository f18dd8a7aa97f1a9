"""The corrected policy is the smallest change, keeps the rest verbatim, and is proved first."""

from __future__ import annotations

import pytest
from csp_written import CLIENT_HOST, DATA_HOST, digest
from test_csp import COGNITO, DATA, HASH, SNIPPET, ask, page

from rumkit.client.csp import fix as csp_fix

NEWLINE_HASH = f"'sha256-{digest(SNIPPET + chr(10))}'"
COGNITO_HOST = COGNITO.rstrip("/")


def corrected(policy: str, *urls: str) -> str:
    (fix,) = ask(page(policy), *urls).corrections
    return fix.value


@pytest.mark.parametrize(
    ("policy", "value"),
    [
        (
            "connect-src 'self'; script-src *  'unsafe-inline'",
            f"connect-src 'self' {DATA_HOST}; script-src *  'unsafe-inline'",
        ),
        ("connect-src 'none'", f"connect-src {DATA_HOST}"),
        ("connect-src", f"connect-src {DATA_HOST}"),
        (
            "default-src 'self' https: 'unsafe-inline'; connect-src 'self'",
            f"default-src 'self' https: 'unsafe-inline'; connect-src 'self' {DATA_HOST}",
        ),
        (
            "default-src 'self'; script-src * 'unsafe-inline';",
            (f"default-src 'self'; script-src * 'unsafe-inline'; connect-src 'self' {DATA_HOST}"),
        ),
        (
            f"default-src 'none'; connect-src {DATA_HOST}",
            f"default-src 'none'; connect-src {DATA_HOST}; script-src {HASH} {CLIENT_HOST}/",
        ),
        (
            "default-src 'self' 'unsafe-inline' 'nonce-abc'",
            (
                "default-src 'self' 'unsafe-inline' 'nonce-abc'; script-src 'self' "
                f"'unsafe-inline' 'nonce-abc' {HASH} {CLIENT_HOST}/; connect-src 'self' {DATA_HOST}"
            ),
        ),
        (
            "script-src 'nonce-abc' 'strict-dynamic'",
            f"script-src 'nonce-abc' 'strict-dynamic' {HASH}",
        ),
        ("script-src 'unsafe-inline' 'self'", f"script-src 'unsafe-inline' 'self' {CLIENT_HOST}/"),
        (
            "script-src *; script-src-elem 'self'",
            f"script-src *; script-src-elem 'self' {HASH} {CLIENT_HOST}/",
        ),
        (
            f"script-src {NEWLINE_HASH} {CLIENT_HOST}",
            f"script-src {CLIENT_HOST} {HASH}",
        ),
        (
            f"script-src {HASH.strip(chr(39))} {CLIENT_HOST}",
            f"script-src {CLIENT_HOST} {HASH}",
        ),
        (
            f"script-src * 'unsafe-inline'; connect-src: {COGNITO_HOST}; default-src 'self'",
            (
                f"script-src * 'unsafe-inline'; connect-src {COGNITO_HOST} 'self' {DATA_HOST}; "
                "default-src 'self'"
            ),
        ),
        (
            "default-src 'self'; script-src * 'unsafe-inline'; connect-src é 'self'",
            f"default-src 'self'; script-src * 'unsafe-inline'; connect-src 'self' {DATA_HOST}",
        ),
        ("sandbox allow-forms", "sandbox allow-forms allow-scripts"),
        ("require-trusted-types-for 'script'; img-src *", "img-src *"),
        ("img-src *; require-trusted-types-for 'script'", "img-src *"),
        (
            "img-src *, connect-src 'self' , font-src *",
            f"img-src *, connect-src 'self' {DATA_HOST} , font-src *",
        ),
    ],
)
def test_corrected_value(policy: str, value: str) -> None:
    assert corrected(policy) == value


def test_connects_share_one_new_directive() -> None:
    policy = "default-src 'self'; script-src * 'unsafe-inline'"
    assert corrected(policy, DATA, COGNITO) == (
        f"{policy}; connect-src 'self' {DATA_HOST} {COGNITO_HOST}"
    )


def test_script_keywords_are_not_copied_into_connect_src() -> None:
    policy = (
        "default-src 'unsafe-inline' 'nonce-abc' https://x.example; script-src * 'unsafe-inline'"
    )
    assert corrected(policy).endswith(f"; connect-src https://x.example {DATA_HOST}")


def test_port_of_a_custom_endpoint_is_kept() -> None:
    url = "https://rum.shop.example:8443/v1"
    assert (
        corrected("connect-src 'self'", url) == "connect-src 'self' https://rum.shop.example:8443"
    )


def test_own_origin_is_added_as_self() -> None:
    assert (
        corrected("connect-src https://x.example", "/rum") == "connect-src https://x.example 'self'"
    )


def test_every_blocking_policy_is_corrected() -> None:
    found = ask(page("connect-src 'self'", "connect-src 'none'", meta="connect-src 'self'"))
    assert [(fix.where, fix.value) for fix in found.corrections] == [
        ("header", f"connect-src 'self' {DATA_HOST}"),
        ("header", f"connect-src {DATA_HOST}"),
        ("meta", f"connect-src 'self' {DATA_HOST}"),
    ]


def test_policy_that_does_not_block_is_left_alone() -> None:
    found = ask(page(f"connect-src {DATA_HOST}", "connect-src 'self'"))
    assert [fix.original for fix in found.corrections] == ["connect-src 'self'"]


def test_ruling_carries_only_its_own_fix() -> None:
    found = ask(page("default-src 'self'"))
    assert [fix.value for fix in found.inline_runs.fixes] == [
        f"default-src 'self'; script-src 'self' {HASH}"
    ]


def test_correction_names_what_is_added() -> None:
    (fix,) = ask(page(f"script-src {NEWLINE_HASH} {CLIENT_HOST}; connect-src 'self'")).corrections
    assert (fix.added, NEWLINE_HASH in fix.value) == ((HASH, DATA_HOST), False)


def test_header_correction_is_pasted_as_a_header() -> None:
    (fix,) = ask(page("connect-src 'self'")).corrections
    assert fix.paste == f"Content-Security-Policy: connect-src 'self' {DATA_HOST}"


def test_meta_correction_is_pasted_as_an_escaped_element() -> None:
    (fix,) = ask(page(meta="connect-src 'self' \"x&y\"")).corrections
    assert fix.paste == (
        '<meta http-equiv="Content-Security-Policy" '
        f"content=\"connect-src 'self' &quot;x&amp;y&quot; {DATA_HOST}\">"
    )


def test_hash_fix_warns_that_an_edit_needs_a_new_hash() -> None:
    (fix,) = ask(page(f"script-src {CLIENT_HOST}")).corrections
    assert "any edit of it needs a new one" in fix.side_effect


def test_fix_does_not_switch_off_the_unsafe_inline_that_runs_the_snippet() -> None:
    policy = "default-src 'self' 'unsafe-inline'; connect-src *; script-src: 'nonce-abc' é"
    assert corrected(policy).endswith(f"; script-src 'self' 'unsafe-inline' {CLIENT_HOST}/")


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param("connect-src 'self'", id="does not unblock"),
        pytest.param(f"connect-src {DATA_HOST}; script-src 'none'", id="blocks something else"),
    ],
)
def test_edit_that_fails_its_proof_is_not_offered(
    edit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csp_fix, "_mend", lambda policy, questions, page: edit)
    assert ask(page("connect-src 'none'")).corrections == ()


def test_no_fix_is_offered_where_none_unblocks() -> None:
    assert ask(page("connect-src 'self'"), "data:text/plain,x").corrections == ()


def test_url_that_cannot_be_mended_does_not_keep_the_others_from_it() -> None:
    found = ask(page("connect-src 'self'"), "data:text/plain,x", DATA)
    assert [fix.value for fix in found.corrections] == [f"connect-src 'self' {DATA_HOST}"]


def test_upgraded_connect_gets_a_source_for_both_of_its_urls() -> None:
    policy = "upgrade-insecure-requests; connect-src 'self'"
    assert corrected(policy, "http://api.shop.example:8080/x") == (
        f"{policy} http://api.shop.example:8080 https://api.shop.example:8080"
    )
