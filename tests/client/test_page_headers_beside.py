"""Response headers kept beside a saved page, in the shapes that tools write."""

from __future__ import annotations

import json

import pytest

from rumkit.client.page import read_page

POLICY = "connect-src 'self'"
HTML = "<!DOCTYPE html><title>Shop</title>"
REPLIES = [
    {"file": "other.html", "responseHeaders": {"content-security-policy": "default-src 'none'"}},
    {"file": "home.page.html", "responseHeaders": {"content-security-policy": POLICY}},
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("home.page.html.headers", f"HTTP/2 200\nContent-Security-Policy: {POLICY}\n"),
        ("home.page.headers", f"content-security-policy: {POLICY}\n"),
        ("home.page.html.headers.json", json.dumps({"content-security-policy": POLICY})),
        ("home.page.headers.json", json.dumps([["content-security-policy", POLICY]])),
        ("home.page.headers.json", json.dumps(REPLIES)),
        (
            "home.page.headers.json",
            json.dumps([{"headers": [{"name": "content-security-policy", "value": POLICY}]}]),
        ),
    ],
)
def test_headers_beside_a_page_are_read(tmp_path, name, text):
    (tmp_path / "home.page.html").write_text(HTML)
    (tmp_path / name).write_text(text)
    page = read_page(str(tmp_path / "home.page.html"))
    assert page.header("Content-Security-Policy") == (POLICY,)


def test_a_page_without_headers_beside_it_has_none(tmp_path):
    (tmp_path / "home.page.html").write_text(HTML)
    assert read_page(str(tmp_path / "home.page.html")).headers == ()
