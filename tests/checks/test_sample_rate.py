"""One check alone, from facts in one line: an example for the tests of a new check."""

from __future__ import annotations

import pytest

from rumkit.checks.ask import ask
from rumkit.checks.events_not_sent.session_sample_rate import CHECK
from rumkit.client.page import page_from_html
from rumkit.evidence.given import evidence_of
from rumkit.model import NotCollected, Status

PAGE = """<script>(function(n,i,v,r,s,c,x,z){{x=window.AwsRumClient={{q:[],n:n,i:i,v:v,r:r,c:c}};
window[n]=function(c,p){{x.q.push({{c:c,p:p}});}};z=document.createElement('script');z.async=true;
z.src=s;document.head.insertBefore(z,document.head.getElementsByTagName('script')[0]);}})(
'cwr','7c2cb9e5-697c-5dc5-a36b-e79cc42832c3','1.0.0','eu-west-1',
'https://client.rum.us-east-1.amazonaws.com/1.25.0/cwr.js',{configuration});</script>"""


def page(configuration: str) -> object:
    return page_from_html(PAGE.format(configuration=configuration), url="https://shop.example/")


@pytest.mark.parametrize(
    ("configuration", "status", "says"),
    [
        ("{}", Status.PASS, "Every session is recorded"),
        ("{sessionSampleRate:1}", Status.PASS, "Every session is recorded"),
        ("{sessionSampleRate:0.2}", Status.WARN, "0.2 of the sessions"),
        ("{sessionSampleRate:0}", Status.FAIL, "no session is recorded"),
        ("{sessionSampleRate:'often'}", Status.FAIL, "not a number"),
    ],
)
def test_the_rate_of_the_page_decides(configuration: str, status: Status, says: str) -> None:
    found = ask(CHECK, evidence_of(page=page(configuration)))
    assert found.status is status
    assert says in found.summary


def test_without_a_page_it_is_unknown_and_says_what_would_answer_it() -> None:
    gap = NotCollected("page", "no page was named", missing=("input:page",))
    found = ask(CHECK, evidence_of(page=gap))
    assert found.status is Status.UNKNOWN
    assert "input:page" in found.missing
