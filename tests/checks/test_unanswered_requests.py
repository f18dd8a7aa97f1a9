"""Which requests of the application count as never answered, of the http events that RUM stored."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from rumkit.aws import rum_logs
from rumkit.client.page import page_from_html
from rumkit.evidence.given import evidence_of

API = "https://api.shop.example/cart"
SHOP = "https://www.shop.example/"


@pytest.mark.parametrize(
    ("requests", "unanswered"),
    [
        ([(API, None), (API, 0)], {API: 2}),
        ([(API, None), (API, 200)], {}),
        ([(API, None), (API, 500)], {}),
        ([(SHOP + "cart", None)], {}),
    ],
)
def test_a_url_that_was_answered_once_is_not_among_them(
    requests: list[tuple[str, int | None]],
    unanswered: dict[str, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = [SimpleNamespace(url=url, status=status) for url, status in requests]
    monkeypatch.setattr(rum_logs, "read_events", lambda *_: stored)
    evidence = evidence_of(page=page_from_html("", url=SHOP), monitor=SimpleNamespace())
    assert dict(evidence.unanswered_requests) == unanswered
