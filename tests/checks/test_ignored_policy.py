"""What a browser ignores of a policy is said beside what the policy blocks."""

from __future__ import annotations

import pytest
from test_sample_rate import PAGE

from rumkit.checks.ask import ask
from rumkit.checks.content_security_policy.csp_connect import CHECK
from rumkit.client.page import page_from_html
from rumkit.evidence.given import evidence_of
from rumkit.model import Status

META = '<head><meta http-equiv="Content-Security-Policy{}" content="{}"></head>'
OPEN = "https://dataplane.rum.eu-west-1.amazonaws.com"
PLAIN = "default-src 'self' 'unsafe-inline'; connect-src 'self'"


def notes(policy: str, name: str = "") -> tuple[Status, str]:
    """Return the status of csp-connect for a page with a policy, and the notes beside it."""
    html = META.format(name, policy) + PAGE.format(configuration="{}")
    answer = ask(CHECK, evidence_of(page=page_from_html(html, url="https://shop.example/")))
    said = [str(each.values.get("notes", "")) for each in answer.evidence if each.source == "page"]
    return answer.status, " ".join(said)


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        (f"{PLAIN}; connect-src {OPEN}", "has one of this name already, and the first counts"),
        (f"{PLAIN}; conect-src {OPEN}", "there is no directive of this name"),
        (f"{PLAIN}; frame-ancestors 'none'", "no effect in a meta element"),
    ],
)
def test_what_a_browser_ignores_stands_beside_the_block(policy: str, says: str) -> None:
    status, said = notes(policy)
    assert status is Status.FAIL
    assert says in said


def test_a_policy_that_is_read_whole_has_no_notes() -> None:
    assert notes(PLAIN) == (Status.FAIL, "")
