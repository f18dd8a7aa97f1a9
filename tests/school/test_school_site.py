"""The practice site's page: shown as it is served, changed only where a text is found once."""

from __future__ import annotations

import pytest

from rumkit import practice, school
from rumkit.model import BadInput
from rumkit.sandbox.snippet import script_hash


@pytest.fixture(scope="module", autouse=True)
def site():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RUMKIT_HEADLESS", "1")
        school.begin(8)
        yield
        practice.leave()


def test_the_page_is_the_one_that_is_served():
    import os
    import urllib.request

    with urllib.request.urlopen(os.environ["RUMKIT_SANDBOX_URL"], timeout=10) as reply:
        assert reply.read().decode() == school.page().html


def test_the_loader_is_what_a_browser_hashes():
    good = script_hash(school.page().loader)
    school.set_header("content-security-policy", f"script-src {good}")
    from rumkit.client.csp import evaluate
    from rumkit.client.page import page_from_html

    page = school.page()
    served = page_from_html(page.html, url=page.url, headers=page.headers)
    assert evaluate(served, []).inline_runs.allowed


def test_an_edit_replaces_the_text():
    changed = school.edit_page("<h1>Shop</h1>", "<h1>Our shop</h1>")
    assert "<h1>Our shop</h1>" in changed.html
    assert "<h1>Shop</h1>" not in school.page().html


@pytest.mark.parametrize(("old", "times"), [("no such text", "nowhere"), ("<script", "2 times"),
                                            ("", "nowhere")])  # fmt: skip
def test_a_text_that_is_not_there_once_is_refused(old, times):
    before = school.page().html
    with pytest.raises(BadInput, match=f"stands {times} on the page"):
        school.edit_page(old, "x")
    assert school.page().html == before


def test_a_header_replaces_all_of_its_name_whatever_its_case():
    school.set_header("content-security-policy", "default-src 'self'")
    school.set_header("CONTENT-SECURITY-POLICY", "img-src 'self'")
    assert school.page().policy == "img-src 'self'"
    assert len(school.page().headers) == 1


def test_an_empty_value_takes_a_header_away():
    school.set_header("X-Frame-Options", "DENY")
    school.set_header("x-frame-options", "")
    assert "x-frame-options" not in {name.lower() for name, _ in school.page().headers}


def test_without_an_exercise_there_is_no_page(monkeypatch):
    monkeypatch.delenv("RUMKIT_SANDBOX_URL")
    with pytest.raises(BadInput, match=r"school\.begin\(1\)"):
        school.page()


def test_no_other_site_is_ever_asked(monkeypatch):
    monkeypatch.setenv("RUMKIT_SANDBOX_URL", "https://www.shop.example")
    with pytest.raises(BadInput):
        school.page()


def test_markup_of_the_page_is_shown_and_not_run():
    school.edit_page("</body>", "<img src=x onerror=alert(1)></body>")
    shown = school.page()._repr_mimebundle_()["text/html"]
    assert "<img" not in shown
    assert "&lt;img src=x" in shown
